// The parts of the explorer of shuffled pixels: the two pictures, the curves of the training and the table of accuracies.
import { element } from "../../widgets/instrument.js";
import { percent } from "../../widgets/numbers.js";
import { markedPicture, paint } from "../../widgets/pictures.js";
import { watchWidth } from "../parts/drawing.js";
import { drawLines } from "../parts/line_chart.js";
import { guessView } from "./guesses.js";
import { latest, MODELS, pixelAt, placeOf, RESULTS, SIDE } from "./scene.js";
import { accuracyWords, chartWords } from "./words.js";

const CHART_HEIGHT = 300; // CSS pixels
const LINES = [
  { key: "mlp_straight", name: "MLP straight", ink: "negative", marker: "circle" },
  { key: "mlp_shuffled", name: "MLP shuffled", ink: "negative", marker: "ring", dash: true },
  { key: "cnn_straight", name: "CNN straight", ink: "positive", marker: "square" },
  { key: "cnn_shuffled", name: "CNN shuffled", ink: "positive", marker: "frame", dash: true },
];

/** The digit and its shuffled copy, with what the networks say below. onStraight(pixel) and onShuffled(pixel) say which pixel is chosen
 *  on either. Returns {root, show(scene, colours), guess(answers, label)}; `answers` are ten probabilities for each network by its name. */
export function pairView({ onStraight, onShuffled }) {
  const straight = markedPicture({
    title: "Straight", label: "The digit. Arrow keys choose a pixel.", main: true,
    onMove: (row, column) => onStraight(pixelAt(row, column)),
  });
  const shuffled = markedPicture({
    title: "Shuffled", label: "The same digit with its pixels shuffled. Arrow keys choose a pixel.",
    onMove: (row, column) => onShuffled(pixelAt(row, column)),
  });
  for (const picture of [straight, shuffled]) picture.resize(SIDE, SIDE);
  const guesses = Object.fromEntries(LINES.map(({ key, ink }) => [key, guessView({ name: key.split("_")[0].toUpperCase(), ink })]));
  const column = (picture, name) => element("div", { class: "cc-ps-column" }, picture.root,
    ...MODELS.map(([model]) => guesses[`${model}_${name}`].root));

  function draw({ canvas, show }, pixels, chosen, colours) {
    const { row, column } = placeOf(chosen);
    paint(canvas, pixels, SIDE, SIDE, colours.grey, 0, 255);
    show(row, column);
  }

  return {
    root: element("div", { class: "cc-ps-pair" }, column(straight, "straight"), column(shuffled, "shuffled")),
    show(scene, colours) {
      draw(straight, scene.straight, scene.from, colours);
      draw(shuffled, scene.shuffled, scene.to, colours);
    },
    guess(answers, label) {
      for (const [name, view] of Object.entries(guesses)) view.show(answers[name], label);
    },
  };
}

/** The accuracies while the models train. Returns {root, show(curves, accuracy, steps), close}. */
export function accuracyChart() {
  const canvas = element("canvas", { role: "img" });
  const root = element("div", { class: "cc-ps-plot" }, canvas);
  let width = 0;
  let draw = () => {};
  const close = watchWidth(root, (pixels) => { width = pixels; draw(); });
  return {
    root,
    show(curves, accuracy, steps) {
      draw = () => drawLines(canvas, width, CHART_HEIGHT, {
        lines: LINES.map((line) => ({ ...line, points: curves[line.key] ?? [] })),
        x: { label: "training steps of 64 pictures each", low: 0, high: steps, text: String },
        y: { label: "accuracy on test pictures", low: 0.5, high: 1, text: (value) => percent(value, 0) },
      });
      draw();
      canvas.setAttribute("aria-label", chartWords(LINES, latest(curves, accuracy)));
    },
    close,
  };
}

/** The accuracies as numbers. Returns {root, show(curves, accuracy)}. */
export function accuracyTable() {
  const cells = RESULTS.map(() => MODELS.map(() => element("td", {}, accuracyWords(undefined))));
  const head = element("tr", {}, element("td", {}), ...MODELS.map(([, name]) => element("th", { scope: "col" }, name)));
  const rows = RESULTS.map(([, text], row) => element("tr", {}, element("th", { scope: "row" }, text), ...cells[row]));
  return {
    root: element("table", { class: "cc-numbers", "aria-label": "Accuracy on test pictures" },
      element("thead", {}, head), element("tbody", {}, ...rows)),
    show(curves, accuracy) {
      const known = latest(curves, accuracy);
      RESULTS.forEach(([result], row) => {
        MODELS.forEach(([model], column) => { cells[row][column].textContent = accuracyWords(known[`${model}_${result}`]); });
      });
    },
  };
}
