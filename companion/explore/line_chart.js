// Lines over two axes, told apart by marker and dash as well as colour, with their names at their ends.
import { fitCanvas, inks } from "./drawing.js";

const EDGE = { left: 66, top: 10, bottom: 36 };
const ROW = 15; // pixels from one name to the next
const MARKS_APART = 22; // pixels

/** Draw `lines` on a canvas of width x height CSS pixels. Each is {name, points: [[x, y], ...], ink, dash, marker}: `ink` is a
 *  key of drawing.js's `inks`, `dash` true for a broken line, `marker` "circle", "square", "ring" or "frame". `x` and `y`
 *  are axes {label, low, high, text(value)}. */
export function drawLines(canvas, width, height, { lines, x, y }) {
  if (width <= 0) return;
  const context = fitCanvas(canvas, width, height);
  const ink = inks(canvas);
  context.font = ink.font(13, 600);
  const right = 18 + Math.max(...lines.map(({ name }) => context.measureText(name).width));
  const box = { left: EDGE.left, top: EDGE.top, width: width - EDGE.left - right, height: height - EDGE.top - EDGE.bottom };
  const place = ([across, up]) => [
    box.left + ((across - x.low) / (x.high - x.low)) * box.width,
    box.top + ((y.high - up) / (y.high - y.low)) * box.height,
  ];
  drawAxes(context, ink, box, x, y, place);
  const shown = lines.filter(({ points }) => points.length > 0).map((line) => ({ ...line, spots: line.points.map(place) }));
  context.save();
  context.beginPath();
  context.rect(box.left - 6, box.top - 6, box.width + 12, box.height + 6.5); // what lies below the axis isn't shown
  context.clip();
  for (const line of shown) drawLine(context, line, ink);
  context.restore();
  drawNames(context, shown, ink, box);
}

function drawAxes(context, ink, box, x, y, place) {
  context.font = ink.font(12);
  context.fillStyle = ink.quiet;
  context.strokeStyle = ink.line;
  context.lineWidth = 1;
  context.textAlign = "right";
  for (const value of ticks(y)) {
    const [, top] = place([x.low, value]);
    context.fillText(y.text(value), box.left - 8, top);
    context.beginPath();
    context.moveTo(box.left, Math.round(top) + 0.5);
    context.lineTo(box.left + box.width, Math.round(top) + 0.5);
    context.stroke();
  }
  context.textAlign = "center";
  const bottom = box.top + box.height;
  for (const value of ticks(x)) context.fillText(x.text(value), place([value, y.low])[0], bottom + 12);
  context.fillText(x.label, box.left + box.width / 2, bottom + 28);
  context.save();
  context.translate(8, box.top + box.height / 2);
  context.rotate(-Math.PI / 2);
  context.fillText(y.label, 0, 0);
  context.restore();
}

/** About five round values on an axis. */
function ticks({ low, high }) {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const apart = [1, 2, 2.5, 5, 10].find((step) => step * power >= rough * 0.99) * power;
  const first = Math.ceil(low / apart - 1e-9);
  const count = Math.floor(high / apart + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, index) => Number(((first + index) * apart).toPrecision(12)));
}

function drawLine(context, { spots, ink: name, dash, marker }, ink) {
  context.strokeStyle = ink[name];
  context.fillStyle = ink[name];
  context.lineWidth = 2;
  context.lineJoin = "round";
  context.setLineDash(dash ? [6, 4] : []);
  context.beginPath();
  spots.forEach(([left, top], index) => (index === 0 ? context.moveTo(left, top) : context.lineTo(left, top)));
  context.stroke();
  context.setLineDash([]);
  let last = -Infinity;
  for (const spot of spots) {
    if (spot === spots.at(-1) || spot[0] - last >= MARKS_APART) {
      drawMarker(context, spot, marker, ink.surface);
      [last] = spot;
    }
  }
}

function drawMarker(context, [left, top], marker, surface) {
  context.beginPath();
  if (marker === "square" || marker === "frame") context.rect(left - 3.5, top - 3.5, 7, 7);
  else context.arc(left, top, 4, 0, 2 * Math.PI);
  const colour = context.fillStyle;
  if (marker === "ring" || marker === "frame") context.fillStyle = surface;
  context.fill();
  context.stroke();
  context.fillStyle = colour;
}

/** The names at the lines' ends, moved apart where they would overlap. */
function drawNames(context, lines, ink, box) {
  const names = lines.map(({ name, ink: colour, spots }) => {
    const [left, top] = spots.at(-1);
    return { name, colour: ink[colour], left: left + 12, top: Math.min(top, box.top + box.height - 6), end: top };
  });
  names.sort((a, b) => a.top - b.top);
  names.forEach((name, index) => { if (index > 0) name.top = Math.max(name.top, names[index - 1].top + ROW); });
  context.font = ink.font(13, 600);
  context.textAlign = "left";
  for (const { name, colour, left, top } of names) {
    context.fillStyle = colour;
    context.fillText(name, left, top);
  }
}
