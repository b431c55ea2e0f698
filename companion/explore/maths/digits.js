// A drawing made into a digit like MNIST's: scaled into a box of 20 x 20 pixels and moved so that its centre of mass lies in
// pixel 14 of 28, counted from 0, in both directions. (LeCun, Cortes and Burges: The MNIST database of handwritten digits, 1998.)
import { bytes } from "../../widgets/model.js";
import { clamp } from "../../widgets/numbers.js";

const SIDE = 28; // pixels of a picture in each direction
const BOX = 20; // pixels, of the digit in its longer direction

/** The pixels of a trait that holds such a digit: all black if it holds none. */
export function drawnPixels(view) {
  return view.byteLength > 0 ? bytes(view) : new Uint8Array(SIDE * SIDE);
}

/** SIDE * SIDE grey levels of the drawing on a square pad of `side` * `side` grey levels; all 0 if there is none. */
export function centredDigit(levels, side) {
  const digit = new Uint8Array(SIDE * SIDE);
  const drawn = inkBox(levels, side);
  if (drawn === null) return digit;
  const scale = BOX / Math.max(drawn.width, drawn.height);
  const [width, height] = [drawn.width, drawn.height].map((length) => Math.max(Math.round(length * scale), 1));
  const small = Float64Array.from({ length: width * height }, (_, index) => {
    const [row, column] = [Math.floor(index / width), index % width];
    return mean(levels, side, drawn.top + (row * drawn.height) / height, drawn.top + ((row + 1) * drawn.height) / height,
      drawn.left + (column * drawn.width) / width, drawn.left + ((column + 1) * drawn.width) / width);
  });
  const total = small.reduce((sum, level) => sum + level, 0);
  const middle = (place) => small.reduce((sum, level, index) => sum + level * (place(index) + 0.5), 0) / total;
  const top = clamp(Math.ceil(SIDE / 2 - middle((index) => Math.floor(index / width))), 0, SIDE - height);
  const left = clamp(Math.ceil(SIDE / 2 - middle((index) => index % width)), 0, SIDE - width);
  small.forEach((level, index) => { digit[(top + Math.floor(index / width)) * SIDE + left + (index % width)] = Math.round(level); });
  return digit;
}

/** The smallest rectangle with all that is drawn, null if nothing is. */
function inkBox(levels, side) {
  let [top, bottom, left, right] = [side, -1, side, -1];
  levels.forEach((level, index) => {
    if (level === 0) return;
    const [row, column] = [Math.floor(index / side), index % side];
    [top, bottom, left, right] = [Math.min(top, row), Math.max(bottom, row), Math.min(left, column), Math.max(right, column)];
  });
  return bottom < 0 ? null : { top, left, width: right - left + 1, height: bottom - top + 1 };
}

/** The mean level of a rectangle, whose edges may lie within pixels. */
function mean(levels, side, top, bottom, left, right) {
  let sum = 0;
  for (let row = Math.floor(top); row < bottom; row += 1) {
    for (let column = Math.floor(left); column < right; column += 1) {
      const share = (Math.min(row + 1, bottom) - Math.max(row, top)) * (Math.min(column + 1, right) - Math.max(column, left));
      sum += share * (levels[row * side + column] ?? 0);
    }
  }
  return sum / ((bottom - top) * (right - left));
}
