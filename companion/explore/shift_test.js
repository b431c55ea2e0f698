// Shift test: drag a digit off its place; what an MLP and a CNN say of it, both computed here.
import {
  bytes, button, colourTables, dropdown, element, figure, frame, inStep, instrument, onArrows, onDrag, paint, watchTheme,
} from "../widgets/instrument.js";
import { clamp, watchWidth } from "./drawing.js";
import { drawLines } from "./line_chart.js";
import { forward, readNetwork, softmax } from "./maths/network.js";
import { trainer } from "./trainer.js";

const SIDE = 28;
const FARTHEST = 10; // pixels
const CHART_HEIGHT = 230;
const TRAITS = ["index", "row", "column"];
const MODELS = [
  { key: "mlp", name: "MLP", ink: "negative", marker: "circle" },
  { key: "cnn", name: "CNN", ink: "positive", marker: "square" },
];
const CLASSES = Array.from({ length: 10 }, (_, digit) => digit);

function render({ model, el }) {
  const digits = bytes(model.get("digits"));
  const labels = bytes(model.get("labels"));
  const state = Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  const { edit, save, close } = inStep(model, TRAITS, state, () => redraw());
  const input = new Float32Array(SIDE * SIDE);
  let networks = null;
  let tables;
  let width = 0;
  let grip = null; // where the drag began, and the shift at that moment

  const root = instrument(el, "Shift test",
    "Drag the digit, or step it with the arrow keys. Both models learned from digits in the middle of the picture.");
  root.classList.add("cc-st");
  const { root: pictureRoot, stage, canvas, caption } = figure("The digit");
  stage.setAttribute("role", "application");
  stage.setAttribute("data-cc-drag", "");
  const classes = dropdown({
    label: "Digit", options: [["", "any"], ...CLASSES.map((digit) => [String(digit), String(digit)])], value: "", onInput: next,
  });
  const where = element("p", { class: "cc-st-where", "aria-live": "polite" });
  const bars = MODELS.map(() => CLASSES.map(probabilityBar));
  const names = CLASSES.map((digit) => element("th", { scope: "row" }, String(digit)));
  const training = trainer(root, { model, label: "Train both models", done: () => "", onRunning: arrange });
  const chart = element("canvas", { role: "img" });
  const plot = element("div", { class: "cc-st-plot" }, chart);
  const means = element("div", { class: "cc-st-table" });
  const averages = element("section", { class: "cc-column", "aria-label": "Mean over test digits" },
    element("h4", {}, "Probability of the right class: mean over 200 test digits, moved left, right, up and down"), plot, means);
  root.append(
    element("div", { class: "cc-st-parts" },
      element("div", { class: "cc-column" }, pictureRoot,
        classes.root,
        element("div", { class: "cc-buttons" }, button("Next digit", next), button("Back to the middle", () => move(0, 0, true)))),
      element("div", { class: "cc-column cc-st-right" }, training.root, where, probabilityTable(names, bars))),
    averages,
  );

  // ------------------------------------------------------------------------------------- the digit

  const redraw = frame(() => {
    fillInput();
    paint(canvas, input, SIDE, SIDE, tables.grey, 0, 1);
    const label = labels[state.index];
    caption.textContent = `A ${label}, ${shiftInWords(state.row, state.column)}${lostInWords()}`;
    stage.setAttribute("aria-label", `${caption.textContent}. Arrow keys move it by one pixel.`);
    names.forEach((name, digit) => name.toggleAttribute("data-right", digit === label));
    if (networks) showProbabilities(label);
  });

  function fillInput() {
    const first = state.index * SIDE * SIDE;
    for (let row = 0; row < SIDE; row += 1) {
      for (let column = 0; column < SIDE; column += 1) {
        const [y, x] = [row - state.row, column - state.column];
        const inside = y >= 0 && y < SIDE && x >= 0 && x < SIDE;
        input[row * SIDE + column] = inside ? digits[first + y * SIDE + x] / 255 : 0;
      }
    }
  }

  function lostInWords() {
    const sum = (values) => values.reduce((total, value) => total + value, 0);
    const all = sum(digits.subarray(state.index * SIDE * SIDE, (state.index + 1) * SIDE * SIDE)) / 255;
    const lost = Math.round(100 * (1 - sum(input) / all));
    return lost > 0 ? `; ${lost} % of its ink is outside` : "";
  }

  function showProbabilities(label) {
    const found = networks.map((network) => softmax(forward(network, input, SIDE)));
    found.forEach((probabilities, index) => {
      const best = probabilities.indexOf(Math.max(...probabilities));
      CLASSES.forEach((digit) => bars[index][digit].set(probabilities[digit], digit === best));
    });
    const words = found.map((probabilities, index) => {
      const best = probabilities.indexOf(Math.max(...probabilities));
      return `the ${MODELS[index].name} says ${best}, ${best === label ? "right" : "wrong"}, with ${percent(probabilities[best])}`;
    }).join("; ");
    where.textContent = `${words[0].toUpperCase()}${words.slice(1)}.`;
  }

  // ------------------------------------------------------------------------------------- gestures

  function move(row, column, complete) {
    edit({ row: clamp(row, -FARTHEST, FARTHEST), column: clamp(column, -FARTHEST, FARTHEST) });
    redraw();
    if (complete) save();
  }

  onDrag(stage, (x, y, phase) => {
    if (phase === "start") {
      grip = { x, y, row: state.row, column: state.column };
      where.setAttribute("aria-live", "off");
    }
    if (!grip) return;
    move(grip.row + Math.round((y - grip.y) * SIDE), grip.column + Math.round((x - grip.x) * SIDE), phase === "end");
    if (phase !== "end") return;
    grip = null;
    where.setAttribute("aria-live", "polite");
  });
  onArrows(stage, (rows, columns) => move(state.row + rows, state.column + columns, true));

  function next() {
    const wanted = classes.input.value;
    let { index } = state;
    do index = (index + 1) % labels.length;
    while (wanted !== "" && labels[index] !== Number(wanted));
    edit({ index });
    move(0, 0, true);
  }

  // ------------------------------------------------------------------------------------- models

  function takeModels() {
    const layers = model.get("layers");
    if (!layers.mlp) return;
    networks = MODELS.map(({ key }) => readNetwork(layers[key], floats(model.get(`${key}_weights`))));
    arrange(false);
    redraw();
    drawMeans();
  }

  /** Show what there is: the button before the models are trained, their answers after. */
  function arrange(running) {
    const finished = networks !== null && !running;
    if (finished && training.root.contains(document.activeElement)) stage.focus({ preventScroll: true }); // the button goes
    training.root.hidden = finished;
    averages.hidden = networks === null;
    if (networks === null) where.textContent = running ? "" : "Their answers show when they are trained. That takes some seconds.";
  }

  const drawMeans = frame(() => {
    const shift = model.get("shift");
    if (!shift.mlp) return;
    drawLines(chart, width, CHART_HEIGHT, {
      lines: MODELS.map((line) => ({ ...line, points: shift[line.key].map((value, pixels) => [pixels, value]) })),
      x: { label: "shift in pixels", low: 0, high: FARTHEST, text: String },
      y: { label: "probability", low: 0, high: 1, text: (value) => `${Math.round(100 * value)} %` },
    });
    chart.setAttribute("aria-label", "Mean probability of the right class over the shift; the numbers stand in the table below.");
    means.replaceChildren(meansTable(shift));
  });

  // ------------------------------------------------------------------------------------- life

  function readTheme() {
    tables = colourTables(root);
    redraw();
    drawMeans();
  }
  const changes = [["change:layers", takeModels], ["change:mlp_weights", takeModels], ["change:cnn_weights", takeModels],
    ["change:shift", drawMeans]];
  for (const [event, listener] of changes) model.on(event, listener);
  readTheme();
  training.show();
  takeModels();
  const endings = [
    close, training.close, watchTheme(root, readTheme), watchWidth(plot, (pixels) => { width = pixels; drawMeans(); }),
  ];
  return () => {
    for (const end of endings) end();
    for (const [event, listener] of changes) model.off(event, listener);
  };
}

/** A bar with its number; set(value, best) takes a probability and whether it is the model's largest. */
function probabilityBar() {
  const bar = element("div", { class: "cc-st-bar" });
  const number = element("span", {});
  const cell = element("td", {}, element("div", { class: "cc-st-cell" }, bar, number));
  number.textContent = "–";
  return {
    cell,
    set(value, best) {
      const text = percent(value);
      if (cell.dataset.best !== String(best)) cell.dataset.best = best;
      if (number.textContent === text) return; // most of the twenty stay at 0.0 %
      bar.style.transform = `scaleX(${value.toFixed(3)})`;
      number.textContent = text;
    },
  };
}

function probabilityTable(names, bars) {
  const head = element("tr", {}, element("th", { scope: "col" }, "class"),
    ...MODELS.map(({ name }) => element("th", { scope: "col" }, name)));
  const rows = CLASSES.map((digit) => element("tr", {}, names[digit], ...bars.map((model) => model[digit].cell)));
  return element("table", { class: "cc-numbers cc-st-probabilities", "aria-label": "Probability of each class" },
    element("thead", {}, head), element("tbody", {}, ...rows));
}

function meansTable(shift) {
  const head = element("tr", {}, element("th", { scope: "row" }, "shift in pixels"),
    ...shift.mlp.map((_, pixels) => element("th", { scope: "col" }, String(pixels))));
  const rows = MODELS.map(({ key, name }) => element("tr", {}, element("th", { scope: "row" }, `${name}, %`),
    ...shift[key].map((value) => element("td", {}, String(Math.round(100 * value))))));
  return element("table", { class: "cc-numbers" }, element("thead", {}, head), element("tbody", {}, ...rows));
}

function shiftInWords(row, column) {
  const parts = [[row, row > 0 ? "down" : "up"], [column, column > 0 ? "right" : "left"]].filter(([pixels]) => pixels !== 0);
  if (parts.length === 0) return "not shifted";
  return `shifted ${parts.map(([pixels, way]) => `${Math.abs(pixels)} ${way}`).join(" and ")}`;
}

function percent(value) {
  return `${(100 * value).toFixed(1)} %`;
}

function floats(view) {
  const { buffer, byteOffset, byteLength } = bytes(view);
  return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength)); // a copy is aligned to 4 bytes
}

export default { render };
