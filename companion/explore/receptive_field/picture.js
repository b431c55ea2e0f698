// The picture of ReceptiveField: bright where the chosen output sees, veiled elsewhere, hatched outside.
import { element } from "../../widgets/instrument.js";
import { cellInWords, paintColours, penOf } from "../../widgets/pictures.js";
import { fitCanvas, handle, place } from "../parts/drawing.js";

const VEIL = 0.72; // how much of an unseen pixel the veil hides

/** Side of the picture where the explorer is `width` wide. */
export function pictureSide(width) {
  return width >= 860 ? 336 : Math.min(width, 240);
}

/** onPoint(y, x, phase) gets input coordinates. Returns {root, resize(width), show(scene), move(scene)}. */
export function pictureView({ onPoint, onStep }) {
  const canvas = element("canvas", { class: "cc-sheet", role: "img", "aria-label": "The picture, bright where the output sees" });
  const area = handle({
    label: "Output position on the picture. Arrow keys move it, Shift moves ten steps.", main: true, onStep,
    onMove: (x, y, phase) => onPoint(toInput(y), toInput(x), phase),
  });
  const root = element("div", { class: "cc-stage cc-rf-picture" }, canvas, area.root);
  const ground = document.createElement("canvas"); // picture, outside and frame: all that does not move
  const photo = document.createElement("canvas");
  const veil = document.createElement("canvas");
  let side = 0;
  let scene = null;
  let pen = null;
  let scale = 1;

  const toInput = (share) => scene.low - 0.5 + share * (scene.high - scene.low + 1);
  const toCanvas = (coordinate) => (coordinate - scene.low) * scale;

  function resize(width) {
    side = pictureSide(width);
    if (scene) show(scene);
  }

  function show(next) {
    scene = next;
    if (side === 0) return;
    scale = side / (scene.high - scene.low + 1);
    pen = fitCanvas(canvas, side, side);
    place(area.root, { x: 0, y: 0, width: side, height: side });
    paintColours(photo, scene.colours, scene.size);
    drawGround();
    move(scene);
  }

  function drawGround() {
    const context = fitCanvas(ground, side, side);
    context.fillStyle = scene.ink.raised;
    context.fillRect(0, 0, side, side);
    context.strokeStyle = scene.ink.line;
    context.lineWidth = 1.5;
    context.beginPath();
    for (let x = -side; x < side; x += 7) {
      context.moveTo(x, side);
      context.lineTo(x + side, 0);
    }
    context.stroke();
    context.drawImage(photo, toCanvas(0), toCanvas(0), scene.size * scale, scene.size * scale);
  }

  function move(next) {
    scene = next;
    if (!pen) return;
    const { rows, columns, row, column, top } = scene;
    area.tell(`output ${cellInWords(row, column)}`, { now: row * top.size + column, low: 0, high: top.size ** 2 - 1 });
    pen.clearRect(0, 0, side, side);
    pen.drawImage(ground, 0, 0, side, side);
    /** @type {[number, number, number, number]} */
    const box = [toCanvas(columns.first), toCanvas(rows.first), top.field * scale, top.field * scale];
    pen.save();
    pen.beginPath();
    pen.rect(toCanvas(0), toCanvas(0), scene.size * scale, scene.size * scale);
    pen.clip();
    drawVeil(box);
    pen.restore();
    pen.lineWidth = 4;
    pen.strokeStyle = scene.ink.surface;
    pen.strokeRect(...box);
    pen.lineWidth = 2;
    pen.strokeStyle = scene.ink.accent;
    pen.strokeRect(...box);
  }

  /** Hide what is not seen; with counts on, hide what is used less the more. */
  function drawVeil([x, y, width, height]) {
    pen.globalAlpha = VEIL;
    pen.fillStyle = scene.ink.surface;
    pen.beginPath();
    pen.rect(0, 0, side, side);
    pen.rect(x, y, width, height);
    pen.fill("evenodd");
    pen.globalAlpha = 1;
    if (scene.counts) drawCounts();
  }

  function drawCounts() {
    const [rows, columns] = [scene.rowPaths[0], scene.columnPaths[0]];
    const most = Math.max(...rows.counts) * Math.max(...columns.counts);
    const [height, width] = [rows.counts.length, columns.counts.length];
    veil.width = width;
    veil.height = height;
    const context = penOf(veil, { willReadFrequently: true });
    context.fillStyle = scene.ink.surface;
    context.fillRect(0, 0, width, height);
    const image = context.getImageData(0, 0, width, height);
    for (let row = 0; row < height; row += 1) {
      for (let column = 0; column < width; column += 1) {
        image.data[4 * (row * width + column) + 3] = 255 * VEIL * (1 - (rows.counts[row] * columns.counts[column]) / most);
      }
    }
    context.putImageData(image, 0, 0);
    pen.drawImage(veil, toCanvas(columns.first), toCanvas(rows.first), width * scale, height * scale);
  }

  return { root, resize, show, move };
}
