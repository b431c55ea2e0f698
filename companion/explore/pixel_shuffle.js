// Pixel shuffle: one permutation for all pictures, and what it does to an MLP and a CNN.
import {
  bytes, button, colourTables, element, figure, frame, instrument, onArrows, onDrag, paint, radios, watchTheme,
} from "../widgets/instrument.js";
import { clamp, watchWidth } from "./drawing.js";
import { drawLines } from "./line_chart.js";
import { trainer } from "./trainer.js";

const SIDE = 28;
const CHART_HEIGHT = 300;
const LINES = [
  { key: "mlp_straight", name: "MLP straight", ink: "negative", marker: "circle" },
  { key: "mlp_shuffled", name: "MLP shuffled", ink: "negative", marker: "ring", dash: true },
  { key: "cnn_straight", name: "CNN straight", ink: "positive", marker: "square" },
  { key: "cnn_shuffled", name: "CNN shuffled", ink: "positive", marker: "frame", dash: true },
];
const MODELS = [["mlp", "MLP"], ["cnn", "CNN"]];
const COLUMNS = [
  ["straight", "trained and tested straight"],
  ["shuffled", "trained and tested shuffled"],
  ["straight_on_shuffled", "trained straight, tested shuffled"],
];

function render({ model, el }) {
  const digits = bytes(model.get("digits"));
  const chosen = { digit: 3, pixel: (SIDE / 2) * SIDE + SIDE / 2 };
  let order = readOrder();
  let tables;
  let width = 0;

  const root = instrument(el, "Pixel shuffle",
    "One permutation, the same for every picture, moves each pixel to another place. Nothing is lost, only who is next to whom.");
  root.classList.add("cc-ps");
  const straight = picture("Straight", "The digit. Arrow keys choose a pixel.");
  const mixed = picture("Shuffled", "The same digit with its pixels shuffled. Arrow keys choose a pixel.");
  const choice = radios({
    label: "Digit", options: Array.from({ length: 10 }, (_, digit) => [String(digit), String(digit)]), value: String(chosen.digit),
    onInput: (digit) => { chosen.digit = Number(digit); redraw(); },
  });
  const sentence = element("p", { class: "cc-quiet cc-ps-sentence", "aria-live": "polite" });
  const another = button("New permutation", () => {
    model.set("seed", (model.get("seed") + 1) % 10000);
    model.save_changes();
  });
  const seed = element("span", { class: "cc-quiet" });
  const chart = element("canvas", { role: "img" });
  const cells = COLUMNS.map(() => MODELS.map(() => element("td", {}, "–")));
  const training = trainer(root, {
    model, label: "Train all four", done: verdict, onRunning: (running) => { another.disabled = running; },
  });
  const plot = element("div", { class: "cc-ps-plot" }, chart);
  root.append(
    element("div", { class: "cc-ps-parts" },
      element("div", { class: "cc-column" },
        element("div", { class: "cc-ps-pair" }, straight.root, mixed.root),
        choice.root, sentence, element("div", { class: "cc-buttons cc-ps-seed" }, another, seed),
        resultTable(cells)),
      element("div", { class: "cc-column" }, training.root, plot)),
  );

  function readOrder() {
    const view = bytes(model.get("order"));
    return new Uint16Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength)); // aligned to 2 bytes
  }

  // ------------------------------------------------------------------------------------- pictures

  const redraw = frame(drawPictures);
  function drawPictures() {
    const pixels = digits.subarray(chosen.digit * SIDE * SIDE, (chosen.digit + 1) * SIDE * SIDE);
    paint(straight.canvas, pixels, SIDE, SIDE, tables.grey, 0, 255);
    paint(mixed.canvas, Array.from(order, (from) => pixels[from]), SIDE, SIDE, tables.grey, 0, 255);
    const to = order.indexOf(chosen.pixel);
    mark(straight.mark, chosen.pixel);
    mark(mixed.mark, to);
    sentence.textContent = `In every picture the pixel of ${inWords(chosen.pixel)} goes to ${inWords(to)}.`;
  }

  function choose(row, column) {
    chosen.pixel = clamp(row, 0, SIDE - 1) * SIDE + clamp(column, 0, SIDE - 1);
    redraw();
  }
  function chooseShuffled(row, column) {
    chosen.pixel = order[clamp(row, 0, SIDE - 1) * SIDE + clamp(column, 0, SIDE - 1)];
    redraw();
  }
  follow(straight.stage, choose, () => chosen.pixel);
  follow(mixed.stage, chooseShuffled, () => order.indexOf(chosen.pixel));
  straight.stage.setAttribute("data-cc-drag", "");

  // ------------------------------------------------------------------------------------- results

  const drawCurves = frame(() => {
    const curves = model.get("curves");
    drawLines(chart, width, CHART_HEIGHT, {
      lines: LINES.map((line) => ({ ...line, points: curves[line.key] ?? [] })),
      x: { label: "training steps of 64 pictures each", low: 0, high: model.get("steps"), text: String },
      y: { label: "accuracy on test pictures", low: 0.5, high: 1, text: (value) => `${Math.round(100 * value)} %` },
    });
    const accuracy = { ...latest(curves), ...model.get("accuracy") };
    MODELS.forEach(([name], row) => COLUMNS.forEach(([key], column) => {
      const value = accuracy[`${name}_${key}`];
      cells[column][row].textContent = value === undefined ? "–" : percent(value);
    }));
    chart.setAttribute("aria-label", "Accuracy on test pictures, 50 to 100 %, over the training steps. "
      + (Object.keys(curves).length === 0 ? "Nothing is trained yet."
        : LINES.map(({ key, name }) => `${name} is at ${percent(accuracy[key])}`).join(", ") + "."));
  });

  function verdict() {
    const found = model.get("accuracy");
    if (Object.keys(found).length === 0) return "";
    const gain = (name) => points(found[`${name}_shuffled`] - found[`${name}_straight`]);
    return `Done. With shuffled pixels: MLP ${gain("mlp")}, CNN ${gain("cnn")} percentage points of accuracy.`;
  }

  function reseed() {
    order = readOrder();
    seed.textContent = `seed ${model.get("seed")}`;
    redraw();
  }

  // ------------------------------------------------------------------------------------- life

  function readTheme() {
    tables = colourTables(root);
    redraw();
    drawCurves();
  }
  const changes = [
    ["change:order", reseed], ["change:curves", drawCurves], ["change:accuracy", drawCurves], ["change:accuracy", training.show],
  ];
  for (const [event, listener] of changes) model.on(event, listener);
  readTheme();
  reseed();
  training.show();
  const endings = [
    training.close, watchTheme(root, readTheme), watchWidth(plot, (pixels) => { width = pixels; drawCurves(); }),
  ];
  return () => {
    for (const end of endings) end();
    for (const [event, listener] of changes) model.off(event, listener);
  };
}

function picture(title, label) {
  const { root, stage, canvas, caption } = figure(label, title);
  const frameOfPixel = element("div", { class: "cc-ps-mark" });
  root.prepend(caption);
  stage.append(frameOfPixel);
  stage.setAttribute("role", "application");
  stage.setAttribute("aria-label", label);
  return { root, stage, canvas, mark: frameOfPixel };
}

function mark(node, pixel) {
  node.style.left = `${(100 * (pixel % SIDE)) / SIDE}%`;
  node.style.top = `${(100 * Math.floor(pixel / SIDE)) / SIDE}%`;
}

/** Choose pixels of `stage` by pointer and arrow keys; `at()` is the pixel that is marked on it. */
function follow(stage, onChoose, at) {
  onDrag(stage, (x, y) => onChoose(Math.floor(y * SIDE), Math.floor(x * SIDE)));
  onArrows(stage, (rows, columns) => onChoose(Math.floor(at() / SIDE) + rows, (at() % SIDE) + columns));
}

function inWords(pixel) {
  return `row ${Math.floor(pixel / SIDE)}, column ${pixel % SIDE}`;
}

function resultTable(cells) {
  const head = element("tr", {}, element("td", {}), ...MODELS.map(([, name]) => element("th", { scope: "col" }, name)));
  const rows = COLUMNS.map(([, text], column) => element("tr", {}, element("th", { scope: "row" }, text), ...cells[column]));
  return element("table", { class: "cc-numbers", "aria-label": "Accuracy on test pictures" },
    element("thead", {}, head), element("tbody", {}, ...rows));
}

/** The last value of each curve. */
function latest(curves) {
  return Object.fromEntries(Object.entries(curves).map(([name, points]) => [name, points.at(-1)[1]]));
}

function percent(value) {
  return `${(100 * value).toFixed(1)} %`;
}

/** A difference of two accuracies with its sign. */
function points(difference) {
  const text = Math.abs(100 * difference).toFixed(1);
  if (text === "0.0") return "±0";
  return `${difference > 0 ? "+" : "−"}${text}`;
}

export default { render };
