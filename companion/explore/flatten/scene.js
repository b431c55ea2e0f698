// Where the pixels of a digit stand while it is flattened, computed from the explorer's state alone. No DOM in here:
// tests/explore/test_flatten.py runs it in node.
import { clamp } from "../../widgets/numbers.js";

export const SIDE = 28; // pixels of a picture in each direction
export const PIXELS = SIDE * SIDE;
const ON_THE_WAY = SIDE; // pixels that are under way at once: a row

/** The chosen pixel of a state {digit, row, column, placed} and its neighbours, with their places in the line, null beyond the edge:
 *  {values, placed, row, column, place, right, below}. `digits` holds pictures of PIXELS bytes. */
export function flattenScene(digits, { digit, row, column, placed }) {
  const place = placeOf(row, column);
  return {
    values: digits.subarray(digit * PIXELS, (digit + 1) * PIXELS),
    placed, row, column, place,
    right: column < SIDE - 1 ? place + 1 : null,
    below: row < SIDE - 1 ? place + SIDE : null,
  };
}

/** The place of a pixel in the line. */
export function placeOf(row, column) {
  return row * SIDE + column;
}

/** The pixel that has a place in the line. */
export function pixelAt(place) {
  return { row: Math.floor(place / SIDE), column: place % SIDE };
}

/** How far the pixel of a place is on its way from the picture, 0, to the line, 1, when `placed` are to be in the line. */
export function progress(place, placed) {
  return clamp((placed * (1 + ON_THE_WAY / PIXELS) - place) / ON_THE_WAY, 0, 1);
}

/** The pixels that are under way: the first of them, and the first that has not left. */
export function underWay(placed) {
  const left = Math.min(Math.ceil(placed * (1 + ON_THE_WAY / PIXELS)), PIXELS);
  return [Math.min(Math.max(Math.floor(placed * (1 + ON_THE_WAY / PIXELS)) - ON_THE_WAY + 1, 0), left), left];
}

/** The first of `count` places of the line that are shown large, so that the chosen one and the one below it stand in their middle. */
export function firstShown(place, count) {
  return clamp(place - Math.floor((count - SIDE) / 2), 0, PIXELS - count);
}
