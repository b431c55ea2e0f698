// The cross-section of ReceptiveField: one row of nodes a level, the input below, and the cone that one output sees.
import { element } from "../widgets/instrument.js";
import { fitCanvas, handle, place, written } from "./drawing.js";
import { centre } from "./maths/arithmetic.js";
import { pictureSide } from "./seen_picture.js";

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
  const root = element("div", { class: "cc-stage cc-rf-side" }, base, overlay, area);
  let width = 0;
  let least = 0; // height, which many levels may exceed
  let height = 0;
  let scene = null;
  let ground = null;
  let pen = null;
  let scale = 1;

  const toInput = (share) => scene.low - 0.5 + share * (scene.high - scene.low + 1);
  const toX = (coordinate) => LABEL + (coordinate - scene.low + 0.5) * scale;
  const bars = () => (scene.counts ? 58 : 0);
  const levelCount = () => scene.levels.length + (scene.failed === null ? 0 : 1);
  const toY = (depth) => {
    const [bottom, top] = [height - 16 - bars(), 16];
    return levelCount() === 1 ? bottom : bottom - (depth * (bottom - top)) / Math.max(levelCount() - 1, 2);
  };
  const nodeX = (depth, position) => toX(centre(scene.levels[depth], position));
  const step = (depth) => scene.levels[depth].jump * scale;
  const radius = (depth) => Math.min(5, Math.max(1.2, step(depth) * 0.32));

  function resize(whole) {
    const beside = whole >= BESIDE;
    least = beside ? Math.max(pictureSide(whole), 280) : 200;
    width = beside ? whole - pictureSide(whole) - 20 : whole;
    if (scene) show(scene);
  }

  function show(next) {
    scene = next;
    if (width === 0) return;
    height = Math.max(least, 32 + bars() + 33 * (levelCount() - 1));
    scale = (width - LABEL - 4) / (scene.high - scene.low + 1);
    ground = fitCanvas(base, width, height);
    pen = fitCanvas(overlay, width, height);
    place(area, { x: LABEL, y: 0, width: width - LABEL - 4, height });
    scene.levels.forEach((_, depth) => drawLevel(depth));
    if (scene.failed !== null) label(scene.failed + 1, `layer ${scene.failed + 1}`, "no output", scene.ink.bad);
    if (scene.counts) drawBarLabel();
    move(scene);
  }

  function label(depth, name, note, colour = scene.ink.quiet) {
    const y = toY(depth);
    ground.textAlign = "left";
    ground.font = scene.ink.font(13, 600);
    ground.fillStyle = scene.ink.text;
    ground.fillText(name, 0, y - 8);
    ground.font = scene.ink.font(12);
    ground.fillStyle = colour;
    ground.fillText(note, 0, y + 8);
  }

  function drawBarLabel() {
    ground.textAlign = "left";
    ground.font = scene.ink.font(13, 600);
    ground.fillStyle = scene.ink.text;
    ground.fillText("used", 0, height - 40);
  }

  function drawLevel(depth) {
    const level = scene.levels[depth];
    label(depth, depth === 0 ? "input" : `layer ${depth}`, `${level.size} ${depth === 0 ? "pixels" : "wide"}`);
    const padding = scene.layers[depth]?.padding ?? 0;
    ground.lineWidth = 1;
    if (step(depth) < EDGE_STEP) { drawBand(depth, padding); return; }
    ground.strokeStyle = scene.ink.quiet;
    ground.beginPath();
    for (let position = 0; position < level.size; position += 1) circle(ground, depth, position);
    ground.stroke();
    ground.strokeStyle = scene.ink.line;
    ground.beginPath();
    for (let ring = 1; ring <= padding; ring += 1) {
      cross(depth, -ring);
      cross(depth, level.size - 1 + ring);
    }
    ground.stroke();
  }

  /** Nodes too close to tell apart: one band, its padding dashed. */
  function drawBand(depth, padding) {
    const level = scene.levels[depth];
    const y = toY(depth);
    ground.strokeStyle = scene.ink.quiet;
    ground.strokeRect(nodeX(depth, 0), y - 2, nodeX(depth, level.size - 1) - nodeX(depth, 0), 4);
    ground.strokeStyle = scene.ink.line;
    ground.setLineDash([2, 2]);
    ground.strokeRect(nodeX(depth, -padding), y - 2, nodeX(depth, level.size - 1 + padding) - nodeX(depth, -padding), 4);
    ground.setLineDash([]);
  }

  function circle(context, depth, position) {
    const [x, y] = [nodeX(depth, position), toY(depth)];
    context.moveTo(x + radius(depth), y);
    context.arc(x, y, radius(depth), 0, 7);
  }

  /** A padding position: a small cross, for it holds no pixel. */
  function cross(depth, position) {
    const [x, y, arm] = [nodeX(depth, position), toY(depth), radius(depth) * 0.8];
    ground.moveTo(x - arm, y - arm);
    ground.lineTo(x + arm, y + arm);
    ground.moveTo(x - arm, y + arm);
    ground.lineTo(x + arm, y - arm);
  }

  function move(next) {
    scene = next;
    if (!pen) return;
    pen.clearRect(0, 0, width, height);
    for (let depth = scene.levels.length - 1; depth > 0; depth -= 1) drawCone(depth);
    for (let depth = 0; depth < scene.levels.length; depth += 1) drawUsed(depth);
    if (scene.counts) drawBars();
  }

  const isReal = (depth, position) => position >= 0 && position < scene.levels[depth].size;

  /** From a level to the one below: the shaded cone, and the single connections where they can be told apart. */
  function drawCone(depth) {
    const { first, counts } = scene.columnPaths[depth];
    const below = scene.columnPaths[depth - 1];
    const [top, bottom] = [toY(depth), toY(depth - 1)];
    pen.fillStyle = scene.ink.accent;
    pen.globalAlpha = 0.14;
    pen.beginPath();
    pen.moveTo(nodeX(depth, first) - radius(depth), top);
    pen.lineTo(nodeX(depth, first + counts.length - 1) + radius(depth), top);
    pen.lineTo(nodeX(depth - 1, below.first + below.counts.length - 1) + radius(depth - 1), bottom);
    pen.lineTo(nodeX(depth - 1, below.first) - radius(depth - 1), bottom);
    pen.fill();
    pen.globalAlpha = 1;
    if (step(depth - 1) >= EDGE_STEP) drawConnections(depth);
  }

  function drawConnections(depth) {
    const { first, counts } = scene.columnPaths[depth];
    const { kernel, stride, dilation, padding } = scene.layers[depth - 1];
    pen.strokeStyle = scene.ink.accent;
    pen.globalAlpha = 0.55;
    pen.lineWidth = 1;
    pen.beginPath();
    counts.forEach((count, index) => {
      const position = first + index;
      if (count === 0 || !isReal(depth, position)) return;
      for (let tap = 0; tap < kernel; tap += 1) {
        pen.moveTo(nodeX(depth, position), toY(depth));
        pen.lineTo(nodeX(depth - 1, position * stride - padding + tap * dilation), toY(depth - 1));
      }
    });
    pen.stroke();
    pen.globalAlpha = 1;
  }

  function drawUsed(depth) {
    const { first, counts } = scene.columnPaths[depth];
    pen.fillStyle = scene.ink.accent;
    pen.beginPath();
    if (step(depth) < EDGE_STEP) {
      pen.rect(nodeX(depth, first), toY(depth) - 3, (counts.length - 1) * step(depth) + 1, 6);
    } else {
      counts.forEach((count, index) => { if (count > 0 && isReal(depth, first + index)) circle(pen, depth, first + index); });
    }
    pen.fill();
  }

  /** Under each input pixel, how many paths lead from it to the output. */
  function drawBars() {
    const { first, counts } = scene.columnPaths[0];
    const most = Math.max(...counts);
    const wide = Math.max(1, scale * 0.7);
    counts.forEach((count, index) => {
      const tall = (38 * count) / most;
      pen.globalAlpha = isReal(0, first + index) ? 1 : 0.35;
      pen.fillRect(toX(first + index) - wide / 2, height - 18 - tall, wide, tall);
    });
    pen.globalAlpha = 1;
    pen.font = scene.ink.font(12);
    pen.fillStyle = scene.ink.text;
    pen.textAlign = "center";
    pen.fillText(`${written(most, 0)} ${most === 1 ? "path" : "paths"} at most`, toX(first + (counts.length - 1) / 2), height - 7);
  }

  return { root, resize, show, move };
}
