// Every instrument once, in the barest explorer there can be, for tests/browser/test_instruments.py.
import { answerLine } from "../../../companion/widgets/answer.js";
import { button, slider } from "../../../companion/widgets/controls.js";
import { element, instrument } from "../../../companion/widgets/instrument.js";
import { later, numbersIn, sharedState } from "../../../companion/widgets/model.js";
import { clamp } from "../../../companion/widgets/numbers.js";
import { markedPicture } from "../../../companion/widgets/pictures.js";
import { drawLines, lineSample } from "../../../companion/explore/parts/line_chart.js";
import { inks } from "../../../companion/explore/parts/drawing.js";

function render({ model, el }) {
  const root = instrument(el, "Sampler");
  const { state, edit, save, close } = sharedState(model, ["size", "row", "column"], {
    onReload: show,
    correct: ({ size, row, column }) => ({ row: clamp(row, 0, size - 1), column: clamp(column, 0, size - 1) }),
  });
  const size = slider({
    label: "Size", min: 1, max: 9, value: state.size, format: (value) => `${value} × ${value}`, onInput: (value) => { edit({ size: value }); show(); },
  });
  const bare = slider({ label: "Bare", min: 0, max: 9, value: 3 });
  const picture = markedPicture({
    label: "A picture", title: "Picture", main: true, onMove(row, column) { edit({ row, column }); show(); },
  });
  const seen = markedPicture({ label: "Only seen" });
  const place = element("p", { class: "cc-place", "aria-live": "polite" });
  const writing = later(() => { save(); answer.write(`[${state.row}, ${state.column}]`); }, 50);
  const answer = answerLine(root, {
    name: model.get("answer"), refusal: () => "is no place; the one shown here is the last good one", isWaiting: writing.isWaiting,
    read(literal) {
      if (literal === "None") return undefined;
      return /^\[\d+, \d+\]$/.test(literal) ? JSON.parse(literal) : null;
    },
    onRead([row, column]) { edit({ row, column }); show(); },
  });
  const line = { ink: "accent", marker: "square", name: "squares" };
  const chart = element("canvas", { role: "img", "aria-label": "Squares" });
  const sample = lineSample(line);
  root.append(size.root, bare.root, picture.root, seen.root, place, button("Write", writing.soon), answer.root, chart, sample.root);

  function show() {
    size.set(state.size);
    for (const one of [picture, seen]) {
      one.resize(state.size, state.size);
      one.canvas.style.cssText = "width: 180px; height: 180px";
      one.show(state.row, state.column);
    }
    place.textContent = `${state.row}, ${state.column} of ${state.size}`;
    const points = numbersIn(model.get("floats"), Float64Array);
    drawLines(chart, 300, 160, {
      lines: [{ ...line, points: Array.from(points, (value, index) => [index, value]) }],
      x: { label: "number", low: 0, high: points.length - 1, text: String },
      y: { label: "square", low: 0, high: Math.max(...points), text: String },
    });
    sample.draw(inks(root));
  }
  show();
  return () => {
    writing.close();
    answer.close();
    close();
  };
}

export default { render };
