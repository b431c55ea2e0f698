// A training while it runs: curves of the loss and of one metric, progress, time left, a button to stop.
import { button } from "../../widgets/controls.js";
import { element, frame, instrument, statusLine, uniqueId } from "../../widgets/instrument.js";
import { watchTheme } from "../../widgets/pictures.js";
import { percent, significant } from "../../widgets/numbers.js";
import { asking } from "../parts/asking.js";
import { watchWidth } from "../parts/drawing.js";
import { drawLines } from "../parts/line_chart.js";
import { clockWords, START } from "./words.js";

const PATIENCE = 3000; // milliseconds after which a press of Stop that changed nothing is explained
const CHART_HEIGHT = 240;
const SHOWN = ["running", "epoch", "epochs", "share", "left", "points", "history", "summary"];

function render({ model, el }) {
  let patience = 0;
  const requests = asking(model);
  const root = instrument(el, "Training");
  root.classList.add("cc-tc");
  const stop = button("Stop training", ask, "primary cc-train");
  const bar = element("progress", { class: "cc-progress", max: 1, "aria-label": "Progress of the training" });
  const clock = element("p", { class: "cc-quiet cc-clock" });
  const status = statusLine();
  const charts = element("div", { class: "cc-tc-charts" });
  const table = element("table", { class: "cc-numbers" });
  const numbers = element("details", {}, element("summary", {}, "Numbers of each epoch"), element("div", { class: "cc-tc-scroll" }, table));
  const controls = element("div", { class: "cc-trainer" }, stop, bar, clock);
  root.append(controls, status.root, charts, numbers);
  let plots = [];
  let asked = false; // to stop
  let begun = 0; // when the page saw the training begin
  let ticking = 0; // the seconds until the first step

  function ask() {
    requests.ask("stop");
    asked = true;
    stop.disabled = true;
    status.say("Stopping after the running batch.");
    patience = setTimeout(() => status.say("If the training goes on, this kernel can't be reached while a cell runs: interrupt it "
      + "with the square above the notebook. The curves so far stay."), PATIENCE);
  }

  function show() {
    const [running, epoch, epochs, share, left, points, history, summary] = SHOWN.map((name) => model.get(name));
    const waiting = running && Object.keys(points).length === 0;
    count(waiting);
    controls.hidden = !running;
    charts.hidden = waiting;
    if (waiting) bar.removeAttribute("value");
    else bar.value = share;
    clock.textContent = clockWords({ epoch, epochs, left, loss: points.loss?.at(-1)[1], seconds: Math.floor((Date.now() - begun) / 1000) });
    if (!running) {
      asked = false;
      clearTimeout(patience);
      status.say(summary, "good");
    } else if (!asked && !model.get("stop_requested")) {
      stop.disabled = false;
      status.say(history.length > 0 ? `Epoch ${history.length}: ${inWords(history.at(-1))}` : waiting ? START : "Training.");
    }
    const names = ["loss", ...Object.keys(points).filter((name) => name !== "loss").slice(0, 1)];
    if (plots.map(({ name }) => name).join() !== names.join()) {
      for (const plot of plots) plot.close();
      plots = names.map((name) => plotOf(name));
      charts.replaceChildren(...plots.map((plot) => plot.root));
    }
    for (const plot of plots) plot.show(points[plot.name] ?? [], history, epochs);
    fillTable(table, history);
  }

  /** Have the seconds shown while there is no step to tell of. */
  function count(on) {
    if (on && ticking === 0) {
      begun = Date.now();
      ticking = setInterval(show, 1000);
    } else if (!on) {
      clearInterval(ticking);
      ticking = 0;
    }
  }

  const update = frame(show);
  for (const name of SHOWN) model.on(`change:${name}`, update);
  show();
  const endTheme = watchTheme(root, update);
  return () => {
    clearTimeout(patience);
    clearInterval(ticking);
    requests.close();
    endTheme();
    for (const plot of plots) plot.close();
    for (const name of SHOWN) model.off(`change:${name}`, update);
  };
}

/** The curves of one quantity, in training and validation. Returns {root, name, show(points, history, epochs), close}. */
function plotOf(name) {
  const label = element("figcaption", { id: uniqueId("plot") }, name);
  const canvas = element("canvas", { role: "img" });
  const root = element("figure", { class: "cc-figure", "aria-labelledby": label.id }, label, canvas);
  /** @type {[points: number[][], history: Record<string, number>[], epochs: number]} */
  let shown = [[], [], 1];
  let width = 0;

  function draw() {
    const [points, history, epochs] = shown;
    const tested = history.flatMap((logs, index) => {
      const value = logs[`val_${name}`];
      const end = points.at(-1)?.[0] ?? 0; // of a stopped training, within an epoch
      return value === undefined ? [] : [[Math.min(index + 1, Math.max(end, index)), value]];
    });
    drawLines(canvas, width, CHART_HEIGHT, {
      lines: [
        { name: "training", points, ink: "positive", marker: "circle" },
        { name: "validation", points: tested, ink: "negative", marker: "frame", dash: true },
      ],
      x: { label: "epochs", low: 0, high: epochs, text: String },
      y: verticalAxis(name, [...points, ...tested].map(([, value]) => value)),
    });
    const last = (values) => (values.length > 0 ? significant(values.at(-1)[1]) : "not known yet");
    canvas.setAttribute("aria-label", `${name}: training ${last(points)}${tested.length > 0 ? `, validation ${last(tested)}` : ""}.`);
  }

  const close = watchWidth(root, (pixels) => { width = pixels; draw(); });
  return { root, name, close, show(points, history, epochs) { shown = [points, history, epochs]; draw(); } };
}

/** From 0 to 1 where every value lies there and the quantity is an accuracy, else from 0 or the lowest value on. */
function verticalAxis(name, values) {
  if (/acc/.test(name)) return { label: "", low: 0, high: 1, text: (value) => percent(value, 0) };
  const finite = values.filter(Number.isFinite);
  const high = Math.max(...finite, 1e-6) * 1.05;
  return { label: "", low: Math.min(0, ...finite), high, text: (value) => significant(value, 3) };
}

function fillTable(table, history) {
  if (table.tBodies[0]?.rows.length === history.length) return;
  const names = Object.keys(history[0] ?? {});
  const head = ["epoch", ...names].map((name) => element("th", { scope: "col" }, name));
  const rows = history.map((logs, index) => element("tr", {}, element("th", { scope: "row" }, String(index + 1)),
    ...names.map((name) => element("td", {}, significant(logs[name])))));
  table.replaceChildren(element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows));
}

function inWords(logs) {
  return Object.entries(logs).map(([name, value]) => `${name} ${significant(value)}`).join(", ");
}

export default { render };
