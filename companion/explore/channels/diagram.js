// The drawing of Channels: planes of the input, one kernel with a slice for each, their sums, the output map.
import { element, scrollBox } from "../../widgets/instrument.js";
import { cellInWords, paint } from "../../widgets/pictures.js";
import { clamp, fixed } from "../../widgets/numbers.js";
import { fitCanvas, handle, place } from "../parts/drawing.js";
import { visibleRows } from "./scene.js";

const HEAD = 38; // room for the headings
const CAPTION = 17; // room above each plane for its name
const SUM = 55; // width of the column of sums
const LEAST = 600; // a narrower explorer scrolls the diagram in a box of its own
const DIGITS = 26; // a cell's least side for its number to be printed

function geometry(width, rows, outSize) {
  const roomy = width >= 860;
  const tight = width < 700;
  const plane = (roomy ? { 1: 168, 2: 140, 3: 118, 4: 104 } : { 1: 104, 2: 104, 3: 78, 4: 78 })[rows];
  const grid = roomy ? Math.min(plane, 112) : 78;
  const map = roomy ? 250 : tight ? 134 : 188;
  const pitch = plane + CAPTION + (roomy ? 9 : 3);
  const body = Math.max(rows * pitch, map + 64);
  const offset = HEAD + (body - rows * pitch) / 2;
  const node = roomy ? 92 : tight ? 84 : 80;
  const taken = plane + 2 * grid + 26 + 16 + SUM + node + map;
  const slack = Math.max(width - taken, 0);
  const patchX = Math.max(plane + slack * 0.36, plane + 12, tight ? 100 : 112);
  const kernelX = patchX + grid + 26;
  const sumX = kernelX + grid + 16;
  const nodeX = sumX + SUM + slack * 0.32;
  const whole = outSize * Math.floor(map / outSize); // equal cells, unless the map shrank too far for it
  const mapSide = whole >= 0.85 * map ? whole : map;
  const middle = HEAD + body / 2;
  return {
    plane, grid, pitch, map, node, patchX, kernelX, sumX, nodeX, middle, mapSide,
    mapX: width - map + (map - mapSide) / 2, mapY: middle - mapSide / 2, height: HEAD + body + (roomy ? 18 : 14),
    top: (row) => offset + row * pitch + CAPTION,
  };
}

/** The diagram. onPosition(row, column, phase) is called while a window is dragged and onStep(rows, columns) on arrow keys.
 *  Returns {root, resize(width), show(scene), move(scene)}: `show` after a change of structure, `move` after one of position. */
export function channelsDiagram({ onPosition, onStep }) {
  const base = element("canvas", { class: "cc-sheet", role: "img", "aria-label": "Diagram of one output channel" });
  const overlay = element("canvas", { class: "cc-sheet cc-overlay", "aria-hidden": "true" });
  const stage = element("div", { class: "cc-stage" }, base, overlay);
  const root = scrollBox("Diagram of one output channel", stage);
  const label = "Position in the output map. Arrow keys move it, Shift moves ten steps.";
  const mapHandle = handle({ label, main: true, onStep, onMove: onMap });
  const planeHandles = [0, 1, 2, 3].map(() => handle({ label: "", onStep, onMove: onPlane }));
  /** @type {Record<string, any>} what the drawing functions below share */
  const sheet = {
    width: 0, scene: null, at: null, // geometry
    ground: null, pen: null, // contexts of the base and of the overlay
    scratch: document.createElement("canvas"),
  };
  stage.append(mapHandle.root, ...planeHandles.map(({ root: area }) => area));

  function onMap(x, y, phase) {
    const { outSize } = sheet.scene;
    onPosition(Math.floor(y * outSize), Math.floor(x * outSize), phase);
  }

  /** The output position whose window lies nearest around the pointer. */
  function onPlane(x, y, phase) {
    const { side, kernel, stride, outSize } = sheet.scene;
    const nearest = (share) => clamp(Math.round((share * side - kernel / 2) / stride), 0, outSize - 1);
    onPosition(nearest(y), nearest(x), phase);
  }

  function resize(next) {
    sheet.width = Math.max(next, LEAST);
    if (sheet.scene) show(sheet.scene);
  }

  function show(scene) {
    sheet.scene = scene;
    if (sheet.width === 0) return;
    const rows = visibleRows(scene.planes.length);
    const at = geometry(sheet.width, rows.length, scene.outSize);
    Object.assign(sheet, { at, ground: fitCanvas(base, sheet.width, at.height), pen: fitCanvas(overlay, sheet.width, at.height) });
    drawHeadings(sheet);
    rows.forEach((channel, row) => drawRow(sheet, channel, row));
    if (at.grid / scene.kernel < DIGITS) {
      text(sheet, sheet.ground, "− marks negative weights", at.kernelX, at.height - 9, { size: 12, colour: scene.ink.quiet });
    }
    drawNode(sheet, rows.length);
    drawMap(sheet);
    placeHandles(rows, scene.names, at);
    move(scene);
  }

  function placeHandles(rows, names, at) {
    place(mapHandle.root, { x: at.mapX, y: at.mapY, width: at.mapSide, height: at.mapSide });
    planeHandles.forEach(({ root: node }, row) => {
      node.hidden = typeof rows[row] !== "number";
      if (node.hidden) return;
      node.setAttribute("aria-label", `Window on the input, ${names[rows[row]]}. Arrow keys move it.`);
      place(node, { x: 0, y: at.top(row), width: at.plane, height: at.plane });
    });
  }

  function move(scene) {
    sheet.scene = scene;
    const { pen, at, width } = sheet;
    if (!pen) return;
    pen.clearRect(0, 0, width, at.height);
    visibleRows(scene.planes.length).forEach((channel, row) => moveRow(sheet, channel, row));
    text(sheet, pen, fixed(scene.sums.total), at.nodeX + at.node / 2, at.middle + 20, { size: 20, weight: 600, align: "center" });
    moveCursor(sheet);
    const { row, column, outSize } = scene;
    for (const { tell } of [mapHandle, ...planeHandles]) {
      tell(cellInWords(row, column), { now: row * outSize + column, low: 0, high: outSize ** 2 - 1 });
    }
  }

  return { root, resize, show, move };
}

function text(sheet, context, string, x, y, { size = 13, weight = 400, colour = sheet.scene.ink.text, align = "left" } = {}) {
  const { scene } = sheet;
  context.font = scene.ink.font(size, weight);
  context.fillStyle = colour;
  context.textAlign = align;
  context.fillText(string, x, y);
}

function heading(sheet, x, title, note, align = "left") {
  const { ground, scene } = sheet;
  text(sheet, ground, title, x, 9, { size: 14, weight: 600, align });
  text(sheet, ground, note, x, 28, { colour: scene.ink.quiet, align });
}

function drawHeadings(sheet) {
  const { scene, at, width } = sheet;
  const { size, kernel, outSize } = scene;
  const channels = scene.planes.length;
  heading(sheet, 0, "Input", `${size} × ${size} × ${channels}`);
  heading(sheet, at.patchX, "Window", `${kernel} × ${kernel} × ${channels}`);
  heading(sheet, at.kernelX, `Kernel ${scene.channel + 1}`, `${kernel} × ${kernel} × ${channels}`);
  heading(sheet, at.sumX, "Sum", "per channel");
  heading(sheet, width - at.map, `Output channel ${scene.channel + 1}`, `one of ${scene.channelsOut}: ${outSize} × ${outSize}`);
}

function drawRow(sheet, channel, row) {
  const { ground, scene, at } = sheet;
  const y = at.top(row);
  if (channel === "rest") { drawRest(sheet, y); return; }
  text(sheet, ground, scene.names[channel], 0, y - CAPTION / 2, { colour: scene.ink.quiet });
  drawPlane(sheet, channel, 0, y, at.plane);
  drawSlice(sheet, scene.filter.slices[channel], at.kernelX, y + (at.plane - at.grid) / 2);
  text(sheet, ground, "×", at.kernelX - 13, y + at.plane / 2, { size: 18, align: "center", colour: scene.ink.quiet });
  text(sheet, ground, "=", at.kernelX + at.grid + 10, y + at.plane / 2, { size: 18, align: "center", colour: scene.ink.quiet });
}

function drawPlane(sheet, channel, x, y, side) {
  const { ground, scene, scratch } = sheet;
  const { planes, padding, high } = scene;
  paint(scratch, planes[channel], scene.side, scene.side, scene.tables[Math.min(channel, scene.tables.length - 1)], scene.low, high);
  ground.imageSmoothingEnabled = side < scene.side * 2;
  ground.imageSmoothingQuality = "high";
  ground.drawImage(scratch, x, y, side, side);
  if (padding > 0) drawPadding(sheet, x, y, side, (padding / scene.side) * side);
  ground.strokeStyle = scene.ink.line;
  ground.strokeRect(x + 0.5, y + 0.5, side - 1, side - 1);
}

/** The ring of zeros around the picture. */
function drawPadding(sheet, x, y, side, ring) {
  const { ground, scene } = sheet;
  ground.fillStyle = scene.ink.raised;
  ground.beginPath();
  ground.rect(x, y, side, side);
  ground.rect(x + ring, y + ring, side - 2 * ring, side - 2 * ring);
  ground.fill("evenodd");
}

function drawSlice(sheet, slice, x, y) {
  const { ground, scene } = sheet;
  drawCells(sheet, ground, x, y, slice, (value) => scene.weightStyles[clamp(Math.round(128 + (127 * value) / scene.heaviest), 0, 255)]);
}

/** A kernel-sized grid of cells with their numbers, or only their signs where the cells are small. */
function drawCells(sheet, context, x, y, values, styleOf) {
  const { scene, at } = sheet;
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

function drawRest(sheet, y) {
  const { ground, scene, at } = sheet;
  const hidden = scene.planes.length - 3;
  const across = Math.ceil(Math.sqrt(hidden));
  const side = at.plane / across;
  text(sheet, ground, `channels 3 to ${scene.planes.length - 1}`, 0, y - CAPTION / 2, { colour: scene.ink.quiet });
  for (let index = 0; index < hidden; index += 1) {
    drawPlane(sheet, index + 2, (index % across) * side, y + Math.floor(index / across) * side, side - 1);
  }
  const middle = y + at.plane / 2;
  text(sheet, ground, `${hidden} more windows,`, at.patchX, middle - 9, { colour: scene.ink.quiet });
  text(sheet, ground, "each with its own slice", at.patchX, middle + 9, { colour: scene.ink.quiet });
}

function drawNode(sheet, rows) {
  const { ground, scene, at } = sheet;
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
  text(sheet, ground, rows > 1 ? "add up" : "sum", x + at.node / 2, at.middle - 30, { colour: scene.ink.quiet, align: "center" });
  text(sheet, ground, `${scene.filter.bias < 0 ? "−" : "+"} ${fixed(Math.abs(scene.filter.bias))} bias`, x + at.node / 2, at.middle - 11,
    { colour: scene.ink.quiet, align: "center" });
}

function drawMap(sheet) {
  const { ground, scene, at, scratch } = sheet;
  paint(scratch, scene.map, scene.outSize, scene.outSize, scene.weightTable, -scene.peak, scene.peak);
  ground.imageSmoothingEnabled = at.mapSide < scene.outSize;
  ground.drawImage(scratch, at.mapX, at.mapY, at.mapSide, at.mapSide);
  ground.strokeStyle = scene.ink.line;
  ground.strokeRect(at.mapX - 0.5, at.mapY - 0.5, at.mapSide + 1, at.mapSide + 1);
  drawLegend(sheet, at.mapX, at.mapY + at.mapSide + 10, at.mapSide);
}

function drawLegend(sheet, x, y, length) {
  const { ground, scene } = sheet;
  const gradient = ground.createLinearGradient(x, 0, x + length, 0);
  for (const level of [0, 128, 255]) gradient.addColorStop(level / 255, scene.weightStyles[level].paper);
  ground.fillStyle = gradient;
  ground.fillRect(x, y, length, 8);
  ground.strokeRect(x - 0.5, y - 0.5, length + 1, 9);
  const style = { size: 12, colour: scene.ink.quiet };
  text(sheet, ground, fixed(-scene.peak), x, y + 19, style);
  text(sheet, ground, "0", x + length / 2, y + 19, { ...style, align: "center" });
  text(sheet, ground, fixed(scene.peak), x + length, y + 19, { ...style, align: "right" });
}

function moveRow(sheet, channel, row) {
  const { pen, scene, at } = sheet;
  const y = at.top(row);
  const sum = channel === "rest" ? scene.sums.rest : scene.sums.channels[channel];
  text(sheet, pen, fixed(sum), at.sumX + 50, y + at.plane / 2, { size: 14, weight: 600, align: "right" });
  if (channel === "rest") return;
  const scale = at.plane / scene.side;
  const box = { x: scene.left * scale, y: y + scene.top * scale, side: scene.kernel * scale };
  const patchY = y + (at.plane - at.grid) / 2;
  guide(sheet, box.x + box.side, box.y, at.patchX, patchY);
  guide(sheet, box.x + box.side, box.y + box.side, at.patchX, patchY + at.grid);
  outline(sheet, box.x, box.y, box.side);
  drawPatch(sheet, channel, at.patchX, patchY);
}

function drawPatch(sheet, channel, x, y) {
  const { pen, scene } = sheet;
  const styles = scene.planeStyles[Math.min(channel, scene.planeStyles.length - 1)];
  const last = scene.padding + scene.size;
  const outside = (index) => {
    const row = scene.top + Math.floor(index / scene.kernel);
    const column = scene.left + (index % scene.kernel);
    return row < scene.padding || column < scene.padding || row >= last || column >= last;
  };
  const level = (value) => clamp(Math.round((255 * (value - scene.low)) / (scene.high - scene.low)), 0, 255);
  const padded = { paper: scene.ink.raised, ink: scene.ink.quiet };
  drawCells(sheet, pen, x, y, scene.windows[channel], (value, index) => (outside(index) ? padded : styles[level(value)]));
}

function guide(sheet, x1, y1, x2, y2) {
  const { pen, scene } = sheet;
  pen.strokeStyle = scene.ink.accent;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(x1, y1);
  pen.lineTo(x2, y2);
  pen.stroke();
}

/** A square that shows on any picture: dark edge outside, accent within. */
function outline(sheet, x, y, side) {
  const { pen, scene } = sheet;
  const grow = Math.max(0, (6 - side) / 2) + 1;
  pen.lineWidth = 3;
  pen.strokeStyle = scene.ink.surface;
  pen.strokeRect(x - grow, y - grow, side + 2 * grow, side + 2 * grow);
  pen.lineWidth = 1.5;
  pen.strokeStyle = scene.ink.accent;
  pen.strokeRect(x - grow, y - grow, side + 2 * grow, side + 2 * grow);
}

function moveCursor(sheet) {
  const { scene, at } = sheet;
  const cell = at.mapSide / scene.outSize;
  const x = at.mapX + scene.column * cell;
  const y = at.mapY + scene.row * cell;
  guide(sheet, at.nodeX + at.node, at.middle, x - 1, y + cell / 2);
  outline(sheet, x, y, cell);
}

/** A number for a small cell: whole ones without decimals, and where it is `tight` no 0 before the point. */
function short(value, tight) {
  if (Number.isInteger(value)) return fixed(value, 0);
  const text = fixed(value);
  return tight ? text.replace(/^(−?)0\./, "$1.") : text;
}
