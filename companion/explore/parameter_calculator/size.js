// A picture drawn to scale, with a corner that can be dragged, among the usual sizes.
import { element } from "../../widgets/instrument.js";
import { penOf } from "../../widgets/pictures.js";
import { fitCanvas, handle, place } from "../parts/drawing.js";

const FRAME = 12; // above the square, for the sheets
const RULER = 30; // left of it, for the usual sizes
const SHEET = 5; // pixels that each further channel is set off

/** `pixels` is a square colour picture, `known` the sizes to outline. onSize(height, width, phase) and onStep(rows, columns)
 *  follow what the learner does to the corner. Returns {root, resize(width), show({height, width, channels, ink})}. */
export function sizeView({ most, pixels, known, onSize, onStep }) {
  const canvas = element("canvas", { class: "cc-sheet", role: "img" });
  const corner = handle({
    label: "Size of the picture. Arrow keys make it wider, narrower, higher or lower, with Shift by ten pixels.", main: true, onStep,
    onMove: (x, y, phase) => onSize(1 + Math.floor(y * most), 1 + Math.floor(x * most), phase),
  });
  const root = element("div", { class: "cc-stage cc-pc-view" }, canvas, corner.root);
  const photos = { grey: photo(pixels, true), colour: photo(pixels, false) };
  let side = 0;
  let scene = null;

  const scaled = (count) => (count * side) / most;

  function resize(width) {
    side = width - RULER;
    if (scene) show(scene);
  }

  function show(next) {
    scene = next;
    if (side <= 0) return;
    const { height, width, channels, ink } = scene;
    const pen = fitCanvas(canvas, RULER + side, FRAME + side);
    place(corner.root, { x: RULER, y: FRAME, width: side, height: side });
    canvas.setAttribute("aria-label", `A picture of ${height} by ${width} pixels, drawn to scale`);
    corner.tell(`${height} by ${width} pixels`, { now: height * width, low: 1, high: most ** 2 });
    pen.translate(RULER, FRAME);
    pen.strokeStyle = ink.line;
    pen.strokeRect(0.5, 0.5, side - 1, side - 1);
    for (let sheet = Math.min(channels, 3) - 1; sheet >= 0; sheet -= 1) drawSheet(pen, sheet);
    drawKnown(pen);
    drawCorner(pen);
  }

  /** The picture; the sheets of further channels look out from behind it. */
  function drawSheet(pen, sheet) {
    const { height, width, channels, ink } = scene;
    const [w, h] = [Math.max(scaled(width), 1), Math.max(scaled(height), 1)];
    const [x, y] = [Math.min(sheet * SHEET, side - w), -Math.min(sheet * SHEET, FRAME)];
    if (sheet === 0) {
      pen.imageSmoothingEnabled = true;
      pen.drawImage(channels < 3 ? photos.grey : photos.colour, x, y, w, h);
    } else {
      pen.fillStyle = ink.raised;
      pen.fillRect(x, y, w, h);
    }
    pen.strokeStyle = ink.text;
    pen.strokeRect(x + 0.5, y + 0.5, w, h);
  }

  /** The usual sizes as dashed outlines, and what they measure on the ruler. */
  function drawKnown(pen) {
    pen.font = scene.ink.font(12);
    pen.textAlign = "right";
    pen.setLineDash([3, 3]);
    for (const { height, width } of known) {
      const [w, h] = [scaled(width), scaled(height)];
      const covered = scene.width >= width && scene.height >= height;
      pen.strokeStyle = covered ? "#ffffff" : scene.ink.quiet;
      pen.strokeRect(0.5, 0.5, w, h);
      pen.fillStyle = scene.ink.quiet;
      pen.fillText(String(height), -5, h);
    }
    pen.setLineDash([]);
    pen.fillText(String(most), -5, side - 6);
  }

  function drawCorner(pen) {
    const [x, y] = [scaled(scene.width), scaled(scene.height)];
    pen.beginPath();
    pen.arc(Math.min(x, side - 7), Math.min(y, side - 7), 6, 0, 7);
    pen.fillStyle = scene.ink.surface;
    pen.fill();
    pen.lineWidth = 2;
    pen.strokeStyle = scene.ink.accent;
    pen.stroke();
    pen.lineWidth = 1;
    pen.font = scene.ink.font(12, 600);
    drawSize(pen, `${scene.height} × ${scene.width}`, x, y);
  }

  /** The size, beside the corner where there is room, else within the picture. */
  function drawSize(pen, text, x, y) {
    const length = pen.measureText(text).width + 8;
    const left = x + 12 + length < side ? x + 12 : Math.min(x, side) - 12 - length;
    const middle = Math.min(y, side - 12);
    pen.fillStyle = scene.ink.surface;
    pen.fillRect(left, middle - 9, length, 18);
    pen.fillStyle = scene.ink.text;
    pen.textAlign = "left";
    pen.fillText(text, left + 4, middle);
  }

  return { root, resize, show };
}

/** The picture on a canvas of its own, in grey or in colour. */
function photo(pixels, grey) {
  const side = Math.sqrt(pixels.length / 3);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [side, side];
  const context = penOf(canvas);
  const image = context.createImageData(side, side);
  for (let index = 0; index < side * side; index += 1) {
    const [red, green, blue] = pixels.subarray(3 * index, 3 * index + 3);
    const level = 0.299 * red + 0.587 * green + 0.114 * blue;
    image.data.set(grey ? [level, level, level, 255] : [red, green, blue, 255], 4 * index);
  }
  context.putImageData(image, 0, 0);
  return canvas;
}
