// The line chart of the course: lines over two axes, told apart by marker and dash as well as colour.
import { element } from "../../widgets/instrument.js";
import { clamp } from "../../widgets/numbers.js";
import { fitCanvas, inks } from "./drawing.js";

/** `ink` is a key of drawing.js's `inks`; `dash` true for a broken line, or the lengths of strokes and gaps; `marker` one of MARKERS.
 *  A line with a `name` has it at its end. One without a `marker` has a dot at its end.
 *  @typedef {{points: number[][], ink: string, name?: string, dash?: boolean | number[], marker?: string}} Line */

/** From `low` to `high`; `text(value)` writes a tick, of which there are about five, or those in `ticks`.
 *  @typedef {{label: string, low: number, high: number, text: (value: number) => string, ticks?: number[]}} Axis */

const EDGE = { top: 12, right: 14, bottom: 36 }; // pixels around the lines
const ROW = 15; // pixels from one name to the next
const NAMES_SHARE = 0.36; // of the width, at most, for names at the lines' ends
const MARKS_APART = 22; // pixels
const TICKS_APART = 5; // pixels
const DASHES = [6, 4];

/** Draw `lines` on a canvas of width x height CSS pixels. With `at`, a value of x, there is a line across the chart, and the markers
 *  stand there; else along the lines.
 *  @param {HTMLCanvasElement} canvas
 *  @param {number} width
 *  @param {number} height
 *  @param {{lines: Line[], x: Axis, y: Axis, at?: number | null}} chart */
export function drawLines(canvas, width, height, { lines, x, y, at = null }) {
  if (width <= 0) return;
  const pen = fitCanvas(canvas, width, height);
  const ink = inks(canvas);
  const box = room(pen, ink, width, height, lines, y);
  /** @param {number[]} point */
  const place = ([across, up]) => [
    box.left + ((across - x.low) / (x.high - x.low)) * box.width,
    box.top + ((y.high - up) / (y.high - y.low)) * box.height,
  ];
  drawAxes(pen, ink, width, box, x, y, place);
  if (at !== null) drawAt(pen, ink, box, place([at, y.low])[0]);
  const shown = lines.filter(({ points }) => points.length > 0).map((line) => ({ ...line, spots: line.points.map(place) }));
  pen.save();
  pen.beginPath();
  pen.rect(box.left - 6, box.top - 6, box.width + 12, box.height + 6.5); // what lies below the axis isn't shown
  pen.clip();
  for (const line of shown) drawLine(pen, ink, line, width);
  pen.restore();
  for (const line of shown) drawMarkers(pen, ink, line, at, box.top + box.height);
  (box.isAbove ? drawLegend : drawNames)(pen, ink, box, shown.filter(({ name }) => name));
}

/** A line with its marker, for a legend. Returns {root, draw(ink)}.
 *  @param {Omit<Line, "points">} line */
export function lineSample(line) {
  const root = element("canvas", { class: "cc-line-sample", "aria-hidden": "true" });
  const draw = (ink) => {
    const pen = fitCanvas(root, 34, 12);
    stroke(pen, ink, line, [[0, 6], [34, 6]]);
    drawMarker(pen, ink, line, [17, 6]);
  };
  return { root, draw };
}

/** Where the lines go: beside the ticks of the y axis, left of the names or, where these would leave too little, below them. */
function room(pen, ink, width, height, lines, y) {
  pen.font = ink.font(12);
  const left = 10 + (y.label ? 18 : 0) + Math.ceil(widest(pen, ticksOf(y).map(y.text)));
  pen.font = ink.font(13, 600);
  const names = lines.flatMap(({ name }) => name ?? []);
  const beside = names.length > 0 ? 18 + widest(pen, names) : EDGE.right;
  const isAbove = names.length > 0 && beside > NAMES_SHARE * width;
  const right = isAbove ? EDGE.right : beside;
  const top = EDGE.top + (isAbove ? names.length * ROW : 0);
  return { left, top, width: width - left - right, height: height - top - EDGE.bottom, isAbove };
}

function widest(pen, texts) {
  return Math.max(...texts.map((text) => pen.measureText(text).width));
}

function drawAxes(pen, ink, width, box, x, y, place) {
  pen.font = ink.font(12);
  pen.fillStyle = ink.quiet;
  pen.strokeStyle = ink.line;
  pen.lineWidth = 1;
  pen.textAlign = "right";
  for (const value of ticksOf(y)) {
    const top = place([x.low, value])[1];
    pen.fillText(y.text(value), box.left - 8, top);
    pen.beginPath();
    pen.moveTo(box.left, Math.round(top) + 0.5);
    pen.lineTo(box.left + box.width, Math.round(top) + 0.5);
    pen.stroke();
  }
  pen.textAlign = "center";
  const bottom = box.top + box.height;
  for (const value of spaced(pen, x, box.width)) pen.fillText(x.text(value), place([value, y.low])[0], bottom + 12);
  const half = Math.min(pen.measureText(x.label).width, width) / 2;
  pen.fillText(x.label, clamp(box.left + box.width / 2, half, width - half), bottom + 28, width);
  pen.save();
  pen.translate(8, box.top + box.height / 2);
  pen.rotate(-Math.PI / 2);
  pen.fillText(y.label, 0, 0);
  pen.restore();
}

/** The values that are written at an axis: its own, or about five round ones.
 *  @param {Pick<Axis, "low" | "high" | "ticks">} axis */
export function ticksOf({ low, high, ticks }) {
  if (ticks) return ticks;
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const apart = power * ([1, 2, 2.5, 5].find((step) => step * power >= rough * 0.99) ?? 10);
  const first = Math.ceil(low / apart - 1e-9);
  const count = Math.floor(high / apart + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, index) => Number(((first + index) * apart).toPrecision(12)));
}

/** The ticks of the x axis that have room along it: every one, every second and so on. */
function spaced(pen, x, length) {
  const ticks = ticksOf(x);
  const room = length / Math.max(ticks.length - 1, 1); // for each
  const every = Math.ceil((widest(pen, ticks.map(x.text)) + TICKS_APART) / room);
  return ticks.filter((_, index) => index % every === 0);
}

function drawAt(pen, ink, box, left) {
  pen.strokeStyle = ink.quiet;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(left, box.top);
  pen.lineTo(left, box.top + box.height);
  pen.stroke();
}

function drawLine(pen, ink, line, width) {
  const { spots } = line;
  const every = Math.max(1, Math.floor(spots.length / (2 * width))); // more points than pixels show nothing more
  stroke(pen, ink, line, spots.filter((_, index) => index % every === 0 || index === spots.length - 1));
}

/** At `at`, or along the line; none below the `bottom` of the chart. */
function drawMarkers(pen, ink, line, at, bottom) {
  const { spots, points, marker } = line;
  let last = -Infinity;
  spots.forEach((spot, index) => {
    const isDue = at === null ? index === spots.length - 1 || (marker && spot[0] - last >= MARKS_APART) : points[index][0] === at;
    if (!isDue || spot[1] > bottom + 0.5) return;
    drawMarker(pen, ink, line, spot);
    [last] = spot;
  });
}

function stroke(pen, ink, line, spots) {
  pen.strokeStyle = ink[line.ink];
  pen.lineWidth = 2;
  pen.lineJoin = "round";
  pen.setLineDash(line.dash === true ? DASHES : line.dash || []);
  trace(pen, spots);
  pen.stroke();
  pen.setLineDash([]);
}

function trace(pen, spots) {
  pen.beginPath();
  spots.forEach(([left, top], index) => (index === 0 ? pen.moveTo(left, top) : pen.lineTo(left, top)));
}

/** The outline of each marker around [x, y]; a "ring" and a "frame" are empty inside. */
const MARKERS = {
  dot: (x, y) => circle(x, y, 4),
  circle: (x, y) => circle(x, y, 5),
  ring: (x, y) => circle(x, y, 4),
  square: (x, y) => square(x, y, 4.5),
  frame: (x, y) => square(x, y, 3.5),
  triangle: (x, y) => [[x, y - 6], [x + 5.5, y + 4], [x - 5.5, y + 4]],
  diamond: (x, y) => [[x, y - 6], [x + 6, y], [x, y + 6], [x - 6, y]],
};

function square(x, y, half) {
  return [[x - half, y - half], [x + half, y - half], [x + half, y + half], [x - half, y + half]];
}

function circle(x, y, radius) {
  return Array.from({ length: 24 }, (_, index) => {
    const angle = (2 * Math.PI * index) / 24;
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
  });
}

function drawMarker(pen, ink, { ink: name, marker = "dot" }, [left, top]) {
  const empty = marker === "ring" || marker === "frame";
  trace(pen, MARKERS[marker](left, top));
  pen.closePath();
  pen.lineWidth = empty ? 2 : 1;
  pen.fillStyle = empty ? ink.surface : ink[name];
  pen.strokeStyle = empty ? ink[name] : ink.surface;
  pen.fill();
  pen.stroke();
}

/** The names above the lines, each behind its marker. */
function drawLegend(pen, ink, box, lines) {
  pen.textAlign = "left";
  lines.forEach((line, index) => {
    const top = 7 + index * ROW;
    drawMarker(pen, ink, line, [box.left + 6, top]);
    pen.font = ink.font(13, 600);
    pen.fillStyle = ink[line.ink];
    pen.fillText(line.name, box.left + 18, top);
  });
}

/** The names at the lines' ends, moved apart where they would overlap. */
function drawNames(pen, ink, box, lines) {
  const names = lines.map(({ name, ink: colour, spots }) => {
    const [left, top] = spots.at(-1);
    return { name, colour: ink[colour], left: left + 12, top: Math.min(top, box.top + box.height - 6) };
  });
  names.sort((a, b) => a.top - b.top);
  names.forEach((name, index) => { if (index > 0) name.top = Math.max(name.top, names[index - 1].top + ROW); });
  pen.font = ink.font(13, 600);
  pen.textAlign = "left";
  for (const { name, colour, left, top } of names) {
    pen.fillStyle = colour;
    pen.fillText(name, left, top);
  }
}
