// A plain network as bars, one a layer, whose heights can be dragged.
import { element } from "../../widgets/instrument.js";
import { clamp, counted, formatCount, percent } from "../../widgets/numbers.js";
import { layerParameters } from "../maths/designs.js";
import { fitCanvas, handle, place } from "../parts/drawing.js";
import { VIEW_HEIGHT } from "./cloud.js";

const EDGE = { side: 26, top: 26, bottom: 40 };
const BAR = 12;
const CURVES = {
  relu: (x) => Math.max(x, 0) * 2 - 1,
  tanh: (x) => Math.tanh(3 * x),
  sigmoid: (x) => 2 / (1 + Math.exp(-6 * x)) - 1,
  elu: (x) => (x > 0 ? x : (Math.exp(3 * x) - 1) / 3) * 1.4 - 0.4,
};

/** onWidth(layer, width) gets any number above 0 while a bar is dragged or stepped, onRelease() comes after.
 *  Returns {root, resize(width), show(scene)}. */
export function networkPicture({ onWidth, onRelease }) {
  const canvas = element("canvas", { class: "cc-sheet", role: "img" });
  const root = element("div", { class: "cc-stage cc-ds-picture" }, canvas);
  let width = 0;
  let scene = null;
  let pen = null;
  const handles = [];

  const top = EDGE.top;
  const room = VIEW_HEIGHT - EDGE.top - EDGE.bottom;
  const columnX = (column) => EDGE.side + (column * (width - 2 * EDGE.side)) / (scene.widths.length + 1);
  const barHeight = (neurons) => room * (0.04 + (0.96 * Math.log2(neurons)) / Math.log2(scene.largest));
  const neuronsAt = (share) => 2 ** (((Math.abs(share - 0.5) * 2 - 0.04) / 0.96) * Math.log2(scene.largest));

  function resize(next) {
    width = next;
    if (scene) show(scene);
  }

  function show(next) {
    scene = next;
    if (width === 0) return;
    const sizes = [scene.inputs, ...scene.widths, scene.outputs];
    const counts = layerParameters(scene.inputs, scene.widths, scene.outputs);
    pen = fitCanvas(canvas, width, VIEW_HEIGHT);
    canvas.setAttribute("aria-label", `Network of ${sizes.join(", ")} neurons from the input to the output`);
    counts.forEach((count, index) => drawConnections(index, sizes, count / scene.parameters));
    sizes.forEach((neurons, column) => drawBar(column, neurons, sizes.length));
    placeHandles();
  }

  /** What joins two layers: the more of all parameters it holds, the darker. */
  function drawConnections(index, sizes, share) {
    const [left, right] = [columnX(index) + BAR / 2, columnX(index + 1) - BAR / 2];
    const [before, after] = [barHeight(sizes[index]) / 2, barHeight(sizes[index + 1]) / 2];
    const centre = top + room / 2;
    pen.beginPath();
    pen.moveTo(left, centre - before);
    pen.lineTo(right, centre - after);
    pen.lineTo(right, centre + after);
    pen.lineTo(left, centre + before);
    pen.closePath();
    pen.globalAlpha = 0.06 + 0.6 * share;
    pen.fillStyle = scene.ink.accent;
    pen.fill();
    pen.globalAlpha = 1;
    if (right - left < 40) return;
    pen.font = scene.ink.font(12);
    pen.textAlign = "center";
    pen.fillStyle = scene.ink.quiet;
    pen.fillText(percent(share, share >= 0.0995 ? 0 : 1), (left + right) / 2, VIEW_HEIGHT - 8);
  }

  function drawBar(column, neurons, columns) {
    const [x, height] = [columnX(column), barHeight(neurons)];
    const hidden = column > 0 && column < columns - 1;
    pen.fillStyle = hidden ? scene.ink.accent : scene.ink.quiet;
    pen.fillRect(x - BAR / 2, top + (room - height) / 2, BAR, height);
    pen.textAlign = "center";
    pen.fillStyle = scene.ink.text;
    pen.font = scene.ink.font(12, 600);
    pen.fillText(formatCount(neurons), x, top + (room - height) / 2 - 9);
    pen.font = scene.ink.font(12);
    pen.fillStyle = scene.ink.quiet;
    if (hidden) drawCurve(x, scene.functions[column - 1]);
    else pen.fillText(column === 0 ? "input" : "output", x, VIEW_HEIGHT - EDGE.bottom + 14);
  }

  /** The graph of an activation, small, below its layer. */
  function drawCurve(x, activation) {
    const [half, y] = [9, VIEW_HEIGHT - EDGE.bottom + 14];
    pen.strokeStyle = scene.ink.text;
    pen.lineWidth = 1.5;
    pen.beginPath();
    for (let step = -half; step <= half; step += 1) pen.lineTo(x + step, y - 7 * CURVES[activation](step / half));
    pen.stroke();
    pen.lineWidth = 1;
  }

  /** One handle over each hidden layer; they are kept, so that the one in focus stays so. */
  function placeHandles() {
    while (handles.length > scene.widths.length) handles.pop()?.root.remove();
    while (handles.length < scene.widths.length) {
      handles.push(barHandle(handles.length));
      root.append(handles[handles.length - 1].root);
    }
    const reach = Math.min(60, 0.75 * (columnX(1) - columnX(0))); // a finger can scroll between two bars
    handles.forEach((bar, layer) => {
      place(bar.root, { x: columnX(layer + 1) - reach / 2, y: top, width: reach, height: room });
      bar.tell(`${counted(scene.widths[layer], "neuron")}, ${scene.functions[layer]}`,
        { now: scene.widths[layer], low: scene.choices[0], high: scene.choices[scene.choices.length - 1] });
    });
  }

  function barHandle(layer) {
    const bar = handle({
      label: `Neurons of hidden layer ${layer + 1}`, scrolls: false, onMove: (_, y, phase) => drag(layer, y, phase), onStep: (rows, columns) => step(layer, rows, columns),
    });
    bar.root.classList.add("cc-ds-bar");
    bar.root.setAttribute("aria-orientation", "vertical");
    return bar;
  }

  function drag(layer, y, phase) {
    onWidth(layer, neuronsAt(y));
    if (phase === "end") onRelease();
  }

  /** Up and down change the width; left and right go to another layer. */
  function step(layer, rows, columns) {
    const { choices, widths } = scene;
    if (columns) { handles[layer + Math.sign(columns)]?.root.focus(); return; }
    const at = choices.findLastIndex((choice) => choice <= widths[layer]);
    onWidth(layer, choices[clamp(at - rows, 0, choices.length - 1)]);
    onRelease();
  }

  return { root, resize, show };
}
