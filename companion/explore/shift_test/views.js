// The parts of the shift test: the digit to drag, the probabilities of its classes, and the means over many digits.
import { movable } from "../../widgets/gestures.js";
import { element, scrollBox } from "../../widgets/instrument.js";
import { percent } from "../../widgets/numbers.js";
import { figure, paint } from "../../widgets/pictures.js";
import { watchWidth } from "../parts/drawing.js";
import { drawLines } from "../parts/line_chart.js";
import { CLASSES, MODELS, SIDE } from "./scene.js";
import { caption } from "./words.js";

const CHART_HEIGHT = 150; // CSS pixels
const MEANS = "Mean probability of the right class over the shift";

/** The digit. begin() says its shift, {row, column}, when a drag begins; onMove(row, column, phase) gets where it has been dragged to,
 *  onStep(rows, columns) the arrow keys. Returns {root, show(scene, colours), focus()}. */
export function digitView({ begin, onMove, onStep }) {
  const { root, stage, canvas, caption: below } = figure("The digit");
  const { tell } = movable(stage, { label: "The digit. Arrow keys move it by one pixel.", main: true, onMove: drag, onStep });
  let grip = null; // where the drag began, and the shift at that moment

  function drag(x, y, phase) {
    if (phase === "start") grip = { x, y, ...begin() };
    if (!grip) return;
    onMove(grip.row + Math.round((y - grip.y) * SIDE), grip.column + Math.round((x - grip.x) * SIDE), phase);
    if (phase === "end") grip = null;
  }

  return {
    root,
    show(scene, colours) {
      paint(canvas, scene.input, SIDE, SIDE, colours.grey, 0, 1);
      below.textContent = caption(scene);
      tell(caption(scene));
    },
    focus: () => stage.focus({ preventScroll: true }),
  };
}

/** The probability of each class by each model. Returns {root, mark(label), show(answers)}: the right class, and what the models say. */
export function probabilityTable() {
  const bars = MODELS.map(() => CLASSES.map(probabilityBar));
  const names = CLASSES.map((digit) => element("th", { scope: "row" }, String(digit)));
  const head = element("tr", {}, element("th", { scope: "col" }, "class"),
    ...MODELS.map(({ name }) => element("th", { scope: "col" }, name)));
  const rows = CLASSES.map((digit) => element("tr", {}, names[digit], ...bars.map((model) => model[digit].cell)));
  return {
    root: element("table", { class: "cc-numbers cc-st-probabilities", "aria-label": "Probability of each class" },
      element("thead", {}, head), element("tbody", {}, ...rows)),
    mark(label) {
      for (const digit of CLASSES) names[digit].toggleAttribute("data-right", digit === label);
    },
    show(answers) {
      answers.forEach((answer, index) => {
        for (const digit of CLASSES) if (answer) bars[index][digit].set(answer.probabilities[digit], digit === answer.best);
      });
    },
  };
}

/** A bar with its number; set(value, best) takes a probability and whether it is the model's largest. */
function probabilityBar() {
  const bar = element("div", { class: "cc-st-bar" });
  const number = element("span", {}, "–");
  const cell = element("td", {}, element("div", { class: "cc-st-cell" }, bar, number));
  return {
    cell,
    set(value, best) {
      const text = percent(value);
      if (cell.dataset.best !== String(best)) cell.dataset.best = String(best);
      if (number.textContent === text) return; // most of the twenty stay at 0.0 %
      bar.style.transform = `scaleX(${value.toFixed(3)})`;
      number.textContent = text;
    },
  };
}

/** The mean probability of the right class over the shift, as curves and as numbers. Returns {root, show(shift), close}; `shift` holds it
 *  for each model, at 0, 1, 2 ... pixels. */
export function meansView() {
  const chart = element("canvas", { role: "img", "aria-label": MEANS });
  const plot = element("div", { class: "cc-st-plot" }, chart);
  const table = scrollBox("The means as numbers");
  table.classList.add("cc-st-table");
  let shown = null;
  let width = 0;
  const close = watchWidth(plot, (pixels) => { width = pixels; draw(); });

  function draw() {
    if (shown === null) return;
    drawLines(chart, width, CHART_HEIGHT, {
      lines: MODELS.map((line) => ({ ...line, points: shown[line.key].map((value, pixels) => [pixels, value]) })),
      x: { label: "shift in pixels", low: 0, high: shown.mlp.length - 1, text: String },
      y: { label: "probability", low: 0, high: 1, text: (value) => percent(value, 0) },
    });
  }

  return {
    root: element("section", { class: "cc-column", "aria-label": "Mean over test digits" },
      element("h4", {}, "Probability of the right class: mean over 200 test digits, moved left, right, up and down"), plot, table),
    show(shift) {
      shown = shift;
      draw();
      chart.setAttribute("aria-label", `${MEANS}; the numbers stand in the table below.`);
      table.replaceChildren(meansTable(shift));
    },
    close,
  };
}

function meansTable(shift) {
  const head = element("tr", {}, element("th", { scope: "row" }, "shift in pixels"),
    ...shift.mlp.map((_, pixels) => element("th", { scope: "col" }, String(pixels))));
  const rows = MODELS.map(({ key, name }) => element("tr", {}, element("th", { scope: "row" }, `${name}, %`),
    ...shift[key].map((value) => element("td", {}, String(Math.round(100 * value))))));
  return element("table", { class: "cc-numbers" }, element("thead", {}, head), element("tbody", {}, ...rows));
}
