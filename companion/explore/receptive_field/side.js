// The cross-section of ReceptiveField: one row of nodes a level, the input below, and the cone that one output sees.
import { element } from "../../widgets/instrument.js";
import { fixed } from "../../widgets/numbers.js";
import { fitCanvas, handle, place } from "../parts/drawing.js";
import { centre } from "../maths/arithmetic.js";
import { pictureSide } from "./picture.js";

const LABEL = 74; // left margin for the names of the levels
const BESIDE = 540; // from this width on there is room beside the picture
const EDGE_STEP = 4; // draw single nodes and connections where they are at least so many pixels apart

/** onPoint(x, phase) gets an input coordinate. Returns {root, resize(width), show(scene), move(scene)}. */
export function sideView({ onPoint, onStep }) {
  const base = element("canvas", { class: "cc-sheet", role: "img", "aria-label": "Cross-section through the layers along one row" });
  const overlay = element("canvas", { class: "cc-sheet cc-overlay", "aria-hidden": "true" });
  const area = handle({
    label: "Output position along the row. Left and right arrow keys move it.", onStep, onMove: (x, _, phase) => onPoint(toInput(x), phase),
  });
  const root = element("div", { class: "cc-stage cc-rf-side" }, base, overlay, area.root);
  /** @type {Record<string, any>} what the drawing functions below share; ground and pen draw on the base and on the overlay */
  const sheet = { width: 0, height: 0, scale: 1, scene: null, ground: null, pen: null };
  let least = 0; // sheet.height, which many levels may exceed

  const toInput = (share) => sheet.scene.low - 0.5 + share * (sheet.scene.high - sheet.scene.low + 1);

  function resize(whole) {
    const beside = whole >= BESIDE;
    least = beside ? pictureSide(whole) : 200;
    sheet.width = beside ? whole - pictureSide(whole) - 20 : whole;
    if (sheet.scene) show(sheet.scene);
  }

  function show(scene) {
    sheet.scene = scene;
    const { width } = sheet;
    if (width === 0) return;
    const height = Math.max(least, 32 + bars(sheet) + 33 * (levelCount(sheet) - 1));
    const scale = (width - LABEL - 4) / (scene.high - scene.low + 1);
    Object.assign(sheet, { height, scale, ground: fitCanvas(base, width, height), pen: fitCanvas(overlay, width, height) });
    place(area.root, { x: LABEL, y: 0, width: width - LABEL - 4, height });
    scene.levels.forEach((_, depth) => drawLevel(sheet, depth));
    if (scene.failed !== null) label(sheet, scene.failed + 1, `layer ${scene.failed + 1}`, "no output", scene.ink.bad);
    if (scene.counts) drawBarLabel(sheet);
    move(scene);
  }

  function move(scene) {
    sheet.scene = scene;
    const { pen, width, height } = sheet;
    if (!pen) return;
    area.tell(`output column ${scene.column}`, { now: scene.column, low: 0, high: scene.top.size - 1 });
    pen.clearRect(0, 0, width, height);
    for (let depth = scene.levels.length - 1; depth > 0; depth -= 1) drawCone(sheet, depth);
    for (let depth = 0; depth < scene.levels.length; depth += 1) drawUsed(sheet, depth);
    if (scene.counts) drawBars(sheet);
  }

  return { root, resize, show, move };
}

function toX(sheet, coordinate) {
  const { scene, scale } = sheet;
  return LABEL + (coordinate - scene.low + 0.5) * scale;
}

function bars(sheet) {
  const { scene } = sheet;
  return scene.counts ? 58 : 0;
}

function levelCount(sheet) {
  const { scene } = sheet;
  return scene.levels.length + (scene.failed === null ? 0 : 1);
}

function toY(sheet, depth) {
  const { height } = sheet;
  const [bottom, top] = [height - 16 - bars(sheet), 16];
  return levelCount(sheet) === 1 ? bottom : bottom - (depth * (bottom - top)) / Math.max(levelCount(sheet) - 1, 2);
}

function nodeX(sheet, depth, position) {
  const { scene } = sheet;
  return toX(sheet, centre(scene.levels[depth], position));
}

function step(sheet, depth) {
  const { scene, scale } = sheet;
  return scene.levels[depth].jump * scale;
}

function radius(sheet, depth) {
  return Math.min(5, Math.max(1.2, step(sheet, depth) * 0.32));
}

function label(sheet, depth, name, note, colour = sheet.scene.ink.quiet) {
  const { ground, scene } = sheet;
  const y = toY(sheet, depth);
  ground.textAlign = "left";
  ground.font = scene.ink.font(13, 600);
  ground.fillStyle = scene.ink.text;
  ground.fillText(name, 0, y - 8);
  ground.font = scene.ink.font(12);
  ground.fillStyle = colour;
  ground.fillText(note, 0, y + 8);
}

function drawBarLabel(sheet) {
  const { ground, scene, height } = sheet;
  ground.textAlign = "left";
  ground.font = scene.ink.font(13, 600);
  ground.fillStyle = scene.ink.text;
  ground.fillText("used", 0, height - 40);
}

function drawLevel(sheet, depth) {
  const { ground, scene } = sheet;
  const level = scene.levels[depth];
  label(sheet, depth, depth === 0 ? "input" : `layer ${depth}`, `${level.size} ${depth === 0 ? "pixels" : "wide"}`);
  const padding = scene.layers[depth]?.padding ?? 0;
  ground.lineWidth = 1;
  if (step(sheet, depth) < EDGE_STEP) { drawBand(sheet, depth, padding); return; }
  ground.strokeStyle = scene.ink.quiet;
  ground.beginPath();
  for (let position = 0; position < level.size; position += 1) circle(sheet, ground, depth, position);
  ground.stroke();
  ground.strokeStyle = scene.ink.line;
  ground.beginPath();
  for (let ring = 1; ring <= padding; ring += 1) {
    cross(sheet, depth, -ring);
    cross(sheet, depth, level.size - 1 + ring);
  }
  ground.stroke();
}

/** Nodes too close to tell apart: one band, its padding dashed. */
function drawBand(sheet, depth, padding) {
  const { ground, scene } = sheet;
  const level = scene.levels[depth];
  const y = toY(sheet, depth);
  ground.strokeStyle = scene.ink.quiet;
  ground.strokeRect(nodeX(sheet, depth, 0), y - 2, nodeX(sheet, depth, level.size - 1) - nodeX(sheet, depth, 0), 4);
  ground.strokeStyle = scene.ink.line;
  ground.setLineDash([2, 2]);
  ground.strokeRect(nodeX(sheet, depth, -padding), y - 2, nodeX(sheet, depth, level.size - 1 + padding) - nodeX(sheet, depth, -padding), 4);
  ground.setLineDash([]);
}

function circle(sheet, context, depth, position) {
  const [x, y] = [nodeX(sheet, depth, position), toY(sheet, depth)];
  context.moveTo(x + radius(sheet, depth), y);
  context.arc(x, y, radius(sheet, depth), 0, 7);
}

/** A padding position: a small cross, for it holds no pixel. */
function cross(sheet, depth, position) {
  const { ground } = sheet;
  const [x, y, arm] = [nodeX(sheet, depth, position), toY(sheet, depth), radius(sheet, depth) * 0.8];
  ground.moveTo(x - arm, y - arm);
  ground.lineTo(x + arm, y + arm);
  ground.moveTo(x - arm, y + arm);
  ground.lineTo(x + arm, y - arm);
}

function isReal(sheet, depth, position) {
  const { scene } = sheet;
  return position >= 0 && position < scene.levels[depth].size;
}

/** From a level to the one below: the shaded cone, and the single connections where they can be told apart. */
function drawCone(sheet, depth) {
  const { pen, scene } = sheet;
  const { first, counts } = scene.columnPaths[depth];
  const below = scene.columnPaths[depth - 1];
  const [top, bottom] = [toY(sheet, depth), toY(sheet, depth - 1)];
  pen.fillStyle = scene.ink.accent;
  pen.globalAlpha = 0.14;
  pen.beginPath();
  pen.moveTo(nodeX(sheet, depth, first) - radius(sheet, depth), top);
  pen.lineTo(nodeX(sheet, depth, first + counts.length - 1) + radius(sheet, depth), top);
  pen.lineTo(nodeX(sheet, depth - 1, below.first + below.counts.length - 1) + radius(sheet, depth - 1), bottom);
  pen.lineTo(nodeX(sheet, depth - 1, below.first) - radius(sheet, depth - 1), bottom);
  pen.fill();
  pen.globalAlpha = 1;
  if (step(sheet, depth - 1) >= EDGE_STEP) drawConnections(sheet, depth);
}

function drawConnections(sheet, depth) {
  const { pen, scene } = sheet;
  const { first, counts } = scene.columnPaths[depth];
  const { kernel, stride, dilation, padding } = scene.layers[depth - 1];
  pen.strokeStyle = scene.ink.accent;
  pen.globalAlpha = 0.55;
  pen.lineWidth = 1;
  pen.beginPath();
  counts.forEach((count, index) => {
    const position = first + index;
    if (count === 0 || !isReal(sheet, depth, position)) return;
    for (let tap = 0; tap < kernel; tap += 1) {
      pen.moveTo(nodeX(sheet, depth, position), toY(sheet, depth));
      pen.lineTo(nodeX(sheet, depth - 1, position * stride - padding + tap * dilation), toY(sheet, depth - 1));
    }
  });
  pen.stroke();
  pen.globalAlpha = 1;
}

function drawUsed(sheet, depth) {
  const { pen, scene } = sheet;
  const { first, counts } = scene.columnPaths[depth];
  pen.fillStyle = scene.ink.accent;
  pen.beginPath();
  if (step(sheet, depth) < EDGE_STEP) {
    pen.rect(nodeX(sheet, depth, first), toY(sheet, depth) - 3, (counts.length - 1) * step(sheet, depth) + 1, 6);
  } else {
    counts.forEach((count, index) => { if (count > 0 && isReal(sheet, depth, first + index)) circle(sheet, pen, depth, first + index); });
  }
  pen.fill();
}

/** Under each input pixel, how many paths lead from it to the output. */
function drawBars(sheet) {
  const { pen, scene, height, scale } = sheet;
  const { first, counts } = scene.columnPaths[0];
  const most = Math.max(...counts);
  const wide = Math.max(1, scale * 0.7);
  counts.forEach((count, index) => {
    const tall = (38 * count) / most;
    pen.globalAlpha = isReal(sheet, 0, first + index) ? 1 : 0.35;
    pen.fillRect(toX(sheet, first + index) - wide / 2, height - 18 - tall, wide, tall);
  });
  pen.globalAlpha = 1;
  pen.font = scene.ink.font(12);
  pen.fillStyle = scene.ink.text;
  pen.textAlign = "center";
  pen.fillText(`${fixed(most, 0)} ${most === 1 ? "path" : "paths"} at most`, toX(sheet, first + (counts.length - 1) / 2), height - 7);
}
