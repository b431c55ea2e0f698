// The drawing of Channels: planes of the input, one kernel with a slice for each, their sums, the output map.
import { element, paint } from "../widgets/instrument.js";
import { clamp, fitCanvas, handle, place, written } from "./drawing.js";
import { windowSum } from "./maths/channels.js";

const HEAD = 44; // room for the headings
const CAPTION = 20; // room above each plane for its name
const SUM = 55; // width of the column of sums
const LEAST = 700; // a narrower explorer scrolls the diagram in a box of its own
const DIGITS = 26; // a cell's least side for its number to be printed

/** Which input channels get a row of their own: all up to four, else the first two, "rest" and the last. */
export function visibleRows(channels) {
  return channels <= 4 ? Array.from({ length: channels }, (_, index) => index) : [0, 1, "rest", channels - 1];
}

function geometry(width, rows) {
  const roomy = width >= 860;
  const plane = (roomy ? { 1: 168, 2: 140, 3: 118, 4: 104 } : { 1: 104, 2: 104, 3: 104, 4: 92 })[rows];
  const grid = roomy ? Math.min(plane, 112) : 84;
  const map = roomy ? 250 : 188;
  const pitch = plane + CAPTION + 6;
  const body = Math.max(rows * pitch, map + 64);
  const offset = HEAD + (body - rows * pitch) / 2;
  const node = roomy ? 92 : 80;
  const fixed = plane + 2 * grid + 26 + 16 + SUM + node + map;
  const slack = Math.max(width - fixed, 0);
  const patchX = Math.max(plane + slack * 0.36, plane + 12, 112);
  const kernelX = patchX + grid + 26;
  const sumX = kernelX + grid + 16;
  const nodeX = sumX + SUM + slack * 0.32;
  return {
    plane, grid, pitch, map, node, patchX, kernelX, sumX, nodeX, mapX: width - map,
    height: HEAD + body + 18, middle: HEAD + body / 2,
    top: (row) => offset + row * pitch + CAPTION,
  };
}

/** The diagram. onPosition(row, column, phase) is called while a window is dragged and onStep(rows, columns) on arrow keys.
 *  Returns {root, resize(width), show(scene), move(scene)}: `show` after a change of structure, `move` after one of position. */
export function channelsDiagram({ onPosition, onStep }) {
  const base = element("canvas", { class: "cc-sheet", role: "img", "aria-label": "Diagram of one output channel" });
  const overlay = element("canvas", { class: "cc-sheet cc-overlay", "aria-hidden": "true" });
  const stage = element("div", { class: "cc-stage" }, base, overlay);
  const root = element("div", { class: "cc-ch-scroll" }, stage);
  const label = "Position in the output map. Arrow keys move it, Shift moves ten steps.";
  const mapHandle = handle({ label, main: true, onStep, onMove: onMap });
  stage.append(mapHandle);
  const planeHandles = [0, 1, 2, 3].map((row) => {
    const node = handle({ label: "", onStep, onMove: (x, y, phase) => onPlane(x, y, phase) });
    node.dataset.row = row;
    stage.append(node);
    return node;
  });
  const scratch = document.createElement("canvas");
  let width = 0;
  let scene = null;
  let at = null; // geometry
  let ground = null; // context of the base
  let pen = null; // context of the overlay

  function onMap(x, y, phase) {
    onPosition(Math.floor(y * scene.outSize), Math.floor(x * scene.outSize), phase);
  }

  /** The output position whose window lies nearest around the pointer. */
  function onPlane(x, y, phase) {
    const nearest = (share) => clamp(Math.round((share * scene.side - scene.kernel / 2) / scene.stride), 0, scene.outSize - 1);
    onPosition(nearest(y), nearest(x), phase);
  }

  function resize(next) {
    width = Math.max(next, LEAST);
    if (scene) show(scene);
  }

  function show(next) {
    scene = next;
    if (width === 0) return;
    const rows = visibleRows(scene.planes.length);
    at = geometry(width, rows.length);
    const whole = scene.outSize * Math.floor(at.map / scene.outSize); // equal cells, unless the map shrank too far for it
    at.mapSide = whole >= 0.85 * at.map ? whole : at.map;
    at.mapX = width - at.map + (at.map - at.mapSide) / 2;
    at.mapY = at.middle - at.mapSide / 2;
    ground = fitCanvas(base, width, at.height);
    pen = fitCanvas(overlay, width, at.height);
    drawHeadings();
    rows.forEach(drawRow);
    if (at.grid / scene.kernel < DIGITS) {
      text(ground, "− marks negative weights", at.kernelX, at.height - 9, { size: 12, colour: scene.ink.quiet });
    }
    drawNode(rows.length);
    drawMap();
    placeHandles(rows);
    move(scene);
  }

  function placeHandles(rows) {
    place(mapHandle, { x: at.mapX, y: at.mapY, width: at.mapSide, height: at.mapSide });
    planeHandles.forEach((node, row) => {
      node.hidden = typeof rows[row] !== "number";
      if (node.hidden) return;
      node.setAttribute("aria-label", `Window on the input, ${scene.names[rows[row]]}. Arrow keys move it.`);
      place(node, { x: 0, y: at.top(row), width: at.plane, height: at.plane });
    });
  }

  function text(context, string, x, y, { size = 13, weight = 400, colour = scene.ink.text, align = "left" } = {}) {
    context.font = scene.ink.font(size, weight);
    context.fillStyle = colour;
    context.textAlign = align;
    context.fillText(string, x, y);
  }

  function heading(x, title, note, align = "left") {
    text(ground, title, x, 9, { size: 14, weight: 600, align });
    text(ground, note, x, 28, { colour: scene.ink.quiet, align });
  }

  function drawHeadings() {
    const { size, kernel, outSize } = scene;
    const channels = scene.planes.length;
    heading(0, "Input", `${size} × ${size} × ${channels}`);
    heading(at.patchX, "Window", `${kernel} × ${kernel} × ${channels}`);
    heading(at.kernelX, `Kernel ${scene.channel + 1}`, `${kernel} × ${kernel} × ${channels}`);
    heading(at.sumX, "Sum", "per channel");
    heading(width - at.map, `Output channel ${scene.channel + 1}`, `one of ${scene.channelsOut}: ${outSize} × ${outSize}`);
  }

  function drawRow(channel, row) {
    const y = at.top(row);
    if (channel === "rest") { drawRest(y); return; }
    text(ground, scene.names[channel], 0, y - CAPTION / 2, { colour: scene.ink.quiet });
    drawPlane(channel, 0, y, at.plane);
    drawSlice(scene.filter.slices[channel], at.kernelX, y + (at.plane - at.grid) / 2);
    text(ground, "×", at.kernelX - 13, y + at.plane / 2, { size: 18, align: "center", colour: scene.ink.quiet });
    text(ground, "=", at.kernelX + at.grid + 10, y + at.plane / 2, { size: 18, align: "center", colour: scene.ink.quiet });
  }

  function drawPlane(channel, x, y, side) {
    const { planes, padding, size, high } = scene;
    paint(scratch, planes[channel], scene.side, scene.side, scene.tables[Math.min(channel, scene.tables.length - 1)], scene.low, high);
    ground.imageSmoothingEnabled = side < scene.side * 2;
    ground.imageSmoothingQuality = "high";
    ground.drawImage(scratch, x, y, side, side);
    if (padding > 0) drawPadding(x, y, side, (padding / scene.side) * side, size);
    ground.strokeStyle = scene.ink.line;
    ground.strokeRect(x + 0.5, y + 0.5, side - 1, side - 1);
  }

  /** The ring of zeros around the picture. */
  function drawPadding(x, y, side, ring) {
    ground.fillStyle = scene.ink.raised;
    ground.beginPath();
    ground.rect(x, y, side, side);
    ground.rect(x + ring, y + ring, side - 2 * ring, side - 2 * ring);
    ground.fill("evenodd");
  }

  function drawSlice(slice, x, y) {
    drawCells(ground, x, y, slice, (value) => scene.weightStyles[clamp(Math.round(128 + (127 * value) / scene.heaviest), 0, 255)]);
  }

  /** A kernel-sized grid of cells with their numbers, or only their signs where the cells are small. */
  function drawCells(context, x, y, values, styleOf) {
    const cell = at.grid / scene.kernel;
    const side = cell - 1;
    const digits = cell >= DIGITS;
    context.textAlign = "center";
    for (let index = 0; index < values.length; index += 1) {
      const left = x + (index % scene.kernel) * cell;
      const top = y + Math.floor(index / scene.kernel) * cell;
      const style = styleOf(values[index], index);
      context.fillStyle = style.paper;
      context.fillRect(left, top, side, side);
      context.fillStyle = style.ink;
      const label = short(values[index], cell < 34);
      context.font = scene.ink.font((cell >= 34 ? 12 : 11) - (/^−.../.test(label) ? 1 : 0));
      if (digits) context.fillText(label, left + side / 2, top + side / 2 + 0.5);
      else if (values[index] < 0) context.fillText("−", left + side / 2, top + side / 2);
    }
  }

  function drawRest(y) {
    const hidden = scene.planes.length - 3;
    const across = Math.ceil(Math.sqrt(hidden));
    const side = at.plane / across;
    text(ground, `channels 3 to ${scene.planes.length - 1}`, 0, y - CAPTION / 2, { colour: scene.ink.quiet });
    for (let index = 0; index < hidden; index += 1) {
      drawPlane(index + 2, (index % across) * side, y + Math.floor(index / across) * side, side - 1);
    }
    const middle = y + at.plane / 2;
    text(ground, `${hidden} more windows,`, at.patchX, middle - 9, { colour: scene.ink.quiet });
    text(ground, "each with its own slice", at.patchX, middle + 9, { colour: scene.ink.quiet });
  }

  function drawNode(rows) {
    const x = at.nodeX;
    const bend = x - at.sumX - 55;
    ground.strokeStyle = scene.ink.line;
    for (let row = 0; row < rows; row += 1) {
      const y = at.top(row) + at.plane / 2;
      ground.beginPath();
      ground.moveTo(at.sumX + SUM, y);
      ground.bezierCurveTo(x - bend * 0.3, y, x - bend * 0.6, at.middle, x, at.middle);
      ground.stroke();
    }
    ground.fillStyle = scene.ink.raised;
    ground.beginPath();
    ground.roundRect(x, at.middle - 44, at.node, 88, 6);
    ground.fill();
    ground.stroke();
    text(ground, rows > 1 ? "add up" : "sum", x + at.node / 2, at.middle - 30, { colour: scene.ink.quiet, align: "center" });
    text(ground, `${scene.filter.bias < 0 ? "−" : "+"} ${Math.abs(scene.filter.bias).toFixed(2)} bias`, x + at.node / 2, at.middle - 11,
      { colour: scene.ink.quiet, align: "center" });
  }

  function drawMap() {
    paint(scratch, scene.map, scene.outSize, scene.outSize, scene.weightTable, -scene.peak, scene.peak);
    ground.imageSmoothingEnabled = at.mapSide < scene.outSize;
    ground.drawImage(scratch, at.mapX, at.mapY, at.mapSide, at.mapSide);
    ground.strokeStyle = scene.ink.line;
    ground.strokeRect(at.mapX - 0.5, at.mapY - 0.5, at.mapSide + 1, at.mapSide + 1);
    drawLegend(at.mapX, at.mapY + at.mapSide + 10, at.mapSide);
  }

  function drawLegend(x, y, length) {
    const gradient = ground.createLinearGradient(x, 0, x + length, 0);
    for (const level of [0, 128, 255]) gradient.addColorStop(level / 255, scene.weightStyles[level].paper);
    ground.fillStyle = gradient;
    ground.fillRect(x, y, length, 8);
    ground.strokeRect(x - 0.5, y - 0.5, length + 1, 9);
    const style = { size: 12, colour: scene.ink.quiet };
    text(ground, written(-scene.peak), x, y + 19, style);
    text(ground, "0", x + length / 2, y + 19, { ...style, align: "center" });
    text(ground, written(scene.peak), x + length, y + 19, { ...style, align: "right" });
  }

  function move(next) {
    scene = next;
    if (!pen) return;
    pen.clearRect(0, 0, width, at.height);
    visibleRows(scene.planes.length).forEach(moveRow);
    text(pen, written(scene.sums.total), at.nodeX + at.node / 2, at.middle + 20, { size: 20, weight: 600, align: "center" });
    moveCursor();
  }

  function moveRow(channel, row) {
    const y = at.top(row);
    const sum = channel === "rest" ? scene.sums.rest : scene.sums.channels[channel];
    text(pen, written(sum), at.sumX + 50, y + at.plane / 2, { size: 14, weight: 600, align: "right" });
    if (channel === "rest") return;
    const scale = at.plane / scene.side;
    const box = { x: scene.left * scale, y: y + scene.top * scale, side: scene.kernel * scale };
    const patchY = y + (at.plane - at.grid) / 2;
    guide(box.x + box.side, box.y, at.patchX, patchY);
    guide(box.x + box.side, box.y + box.side, at.patchX, patchY + at.grid);
    outline(box.x, box.y, box.side);
    drawPatch(channel, at.patchX, patchY);
  }

  function drawPatch(channel, x, y) {
    const styles = scene.planeStyles[Math.min(channel, scene.planeStyles.length - 1)];
    const last = scene.padding + scene.size;
    const outside = (index) => {
      const row = scene.top + Math.floor(index / scene.kernel);
      const column = scene.left + (index % scene.kernel);
      return row < scene.padding || column < scene.padding || row >= last || column >= last;
    };
    const level = (value) => clamp(Math.round((255 * (value - scene.low)) / (scene.high - scene.low)), 0, 255);
    const padded = { paper: scene.ink.raised, ink: scene.ink.quiet };
    drawCells(pen, x, y, scene.windows[channel], (value, index) => (outside(index) ? padded : styles[level(value)]));
  }

  function guide(x1, y1, x2, y2) {
    pen.strokeStyle = scene.ink.accent;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(x1, y1);
    pen.lineTo(x2, y2);
    pen.stroke();
  }

  /** A square that shows on any picture: dark edge outside, accent within. */
  function outline(x, y, side) {
    const grow = Math.max(0, (6 - side) / 2) + 1;
    pen.lineWidth = 3;
    pen.strokeStyle = scene.ink.surface;
    pen.strokeRect(x - grow, y - grow, side + 2 * grow, side + 2 * grow);
    pen.lineWidth = 1.5;
    pen.strokeStyle = scene.ink.accent;
    pen.strokeRect(x - grow, y - grow, side + 2 * grow, side + 2 * grow);
  }

  function moveCursor() {
    const cell = at.mapSide / scene.outSize;
    const x = at.mapX + scene.column * cell;
    const y = at.mapY + scene.row * cell;
    guide(at.nodeX + at.node, at.middle, x - 1, y + cell / 2);
    outline(x, y, cell);
  }

  return { root, resize, show, move };
}

/** The window of every input channel and its product sum with the kernel at the scene's position. */
export function windowSums(scene) {
  const { planes, side, filter, kernel, top, left } = scene;
  const channels = planes.map((plane, index) => windowSum(plane, side, filter.slices[index], kernel, top, left));
  const total = channels.reduce((sum, value) => sum + value, filter.bias);
  const rest = channels.slice(2, -1).reduce((sum, value) => sum + value, 0);
  return { channels, rest, total };
}

/** The numbers of one window, row by row. */
export function windowValues(plane, side, kernel, top, left) {
  return Array.from({ length: kernel * kernel }, (_, index) => plane[(top + Math.floor(index / kernel)) * side + left + (index % kernel)]);
}

/** A number for a small cell: whole ones without decimals, and where it is `tight` no 0 before the point. */
function short(value, tight) {
  if (Number.isInteger(value)) return written(value, 0);
  const text = written(value);
  return tight ? text.replace(/^(−?)0\./, "$1.") : text;
}
