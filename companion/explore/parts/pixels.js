// A small picture drawn at the canvas's own size, with its numbers printed in the pixels where there is room.
import { paint } from "../../widgets/pictures.js";
import { cellText, clamp } from "../../widgets/numbers.js";

const NUMBERED = 10; // up to this many pixels in each direction the numbers are printed

/** Draw `values` (height * width). `tints` and `table` are the same colours, as CSS with ink and as canvas pixels; `low` and `high` are
 *  what their ends stand for. */
export function drawPixels(canvas, values, height, width, tints, table, low, high) {
  const numbered = Math.max(height, width) <= NUMBERED;
  canvas.style.imageRendering = numbered ? "auto" : "pixelated";
  if (!numbered) {
    paint(canvas, values, height, width, table, low, high);
    return;
  }
  const side = Math.round((canvas.clientWidth * devicePixelRatio) / width);
  if (side === 0) return; // not laid out yet
  if (canvas.width !== side * width) canvas.width = side * width;
  if (canvas.height !== side * height) canvas.height = side * height;
  const context = canvas.getContext("2d");
  const { fontFamily } = getComputedStyle(canvas);
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (let index = 0; index < height * width; index += 1) {
    const level = Math.round((255 * (values[index] - low)) / (high - low));
    const { paper, ink } = tints[clamp(level, 0, 255)];
    const [x, y] = [(index % width) * side, Math.floor(index / width) * side];
    context.fillStyle = paper;
    context.fillRect(x, y, side, side);
    const text = cellText(values[index]);
    context.font = `${Math.round(side * (text.length > 4 ? 0.26 : 0.38))}px ${fontFamily}`;
    context.fillStyle = ink;
    context.fillText(text, x + side / 2, y + side / 2);
    context.strokeStyle = "rgb(128 128 128 / 0.35)";
    context.strokeRect(x + 0.5, y + 0.5, side - 1, side - 1);
  }
}
