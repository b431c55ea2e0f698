// A chart of several curves: told apart by dashes and markers as well as colour.
import { element } from "../widgets/instrument.js";
import { fitCanvas } from "./drawing.js";

const EDGES = { left: 46, right: 12, top: 12, bottom: 38 };

/** How each curve looks: colour by its name in instrument.css, dashes in pixels, marker. */
export const CURVE_STYLES = [
  { ink: "text", dashes: [], marker: "square" },
  { ink: "accent", dashes: [], marker: "disc" },
  { ink: "positive", dashes: [7, 4], marker: "triangle" },
  { ink: "negative", dashes: [2, 3], marker: "diamond" },
];

/** A small picture of a curve's line and marker, for a legend. Returns {root, draw(ink)}. */
export function curveSample(index) {
  const root = element("canvas", { class: "cc-curve-sample", "aria-hidden": "true" });
  const draw = (ink) => {
    const pen = fitCanvas(root, 34, 12);
    stroke(pen, ink, CURVE_STYLES[index], [[0, 6], [34, 6]]);
    marker(pen, ink, CURVE_STYLES[index], 17, 6);
  };
  return { root, draw };
}

/** Draw the chart. `curves` holds for each line of CURVE_STYLES the values at `ticks`, or null for none. `ticks` are evenly spaced;
 *  their `labels` stand below, "" for none. `at` is the index of the tick to mark. `top` is the end of the y axis, written by
 *  yLabel(value). */
export function drawCurves(canvas, ink, { curves, labels, at, top, yLabel, title }) {
  const [width, height] = [canvas.parentElement.clientWidth, canvas.parentElement.clientHeight];
  if (width === 0) return;
  const pen = fitCanvas(canvas, width, height);
  const x = (index) => EDGES.left + (index / (labels.length - 1)) * (width - EDGES.left - EDGES.right);
  const y = (value) => EDGES.top + (1 - value / top) * (height - EDGES.top - EDGES.bottom);
  axes(pen, ink, { width, height, x, y, labels, top, yLabel, title });

  pen.strokeStyle = ink.quiet;
  pen.lineWidth = 1;
  line(pen, [[x(at), EDGES.top], [x(at), height - EDGES.bottom]]);
  curves.forEach((values, index) => {
    if (!values) return;
    stroke(pen, ink, CURVE_STYLES[index], values.map((value, tick) => [x(tick), y(value)]));
    marker(pen, ink, CURVE_STYLES[index], x(at), y(values[at]));
  });
}

function axes(pen, ink, { width, height, x, y, labels, top, yLabel, title }) {
  pen.font = ink.font(12);
  pen.fillStyle = ink.quiet;
  pen.strokeStyle = ink.line;
  pen.lineWidth = 1;
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (let part = 0; part <= 4; part += 1) {
    const value = (top * part) / 4;
    pen.fillText(yLabel(value), EDGES.left - 6, y(value));
    line(pen, [[EDGES.left, y(value)], [width - EDGES.right, y(value)]]);
  }
  pen.textAlign = "center";
  pen.textBaseline = "alphabetic";
  labels.forEach((label, index) => pen.fillText(label, x(index), height - EDGES.bottom + 16));
  pen.fillText(title, (EDGES.left + width - EDGES.right) / 2, height - 5);
}

function stroke(pen, ink, { ink: name, dashes }, points) {
  pen.strokeStyle = ink[name];
  pen.lineWidth = 2;
  pen.lineJoin = "round";
  pen.setLineDash(dashes);
  line(pen, points);
  pen.setLineDash([]);
}

function line(pen, points) {
  pen.beginPath();
  points.forEach(([x, y], index) => (index === 0 ? pen.moveTo(x, y) : pen.lineTo(x, y)));
  pen.stroke();
}

const MARKERS = {
  disc: (pen, x, y) => pen.arc(x, y, 4.5, 0, 2 * Math.PI),
  square: (pen, x, y) => pen.rect(x - 4, y - 4, 8, 8),
  triangle: (pen, x, y) => polygon(pen, [[x, y - 6], [x + 5.5, y + 4], [x - 5.5, y + 4]]),
  diamond: (pen, x, y) => polygon(pen, [[x, y - 6], [x + 6, y], [x, y + 6], [x - 6, y]]),
};

function polygon(pen, points) {
  points.forEach(([x, y], index) => (index === 0 ? pen.moveTo(x, y) : pen.lineTo(x, y)));
  pen.closePath();
}

function marker(pen, ink, { ink: name, marker: shape }, x, y) {
  pen.fillStyle = ink[name];
  pen.strokeStyle = ink.surface;
  pen.lineWidth = 1;
  pen.beginPath();
  MARKERS[shape](pen, x, y);
  pen.fill();
  pen.stroke();
}
