// How much a map changes when the picture moves. No DOM in here: tests/explore/test_pooling_js.py runs it in node.
import { conv2d } from "./conv2d.js";
import { pool2d } from "./pooling.js";

/** What each way of making the map smaller takes from a map, for windows of `window` pixels that don't overlap. */
const REDUCTIONS = {
  none: (map) => map,
  max: (map, window) => pooled(map, window, "max"),
  average: (map, window) => pooled(map, window, "average"),
  strided: (map, window) => everyNth(map, window),
};

function pooled({ values, height, width }, window, kind) {
  return pool2d(values, height, width, { kind, window, stride: window, padding: "valid" });
}

/** A convolution with stride n gives every n-th number of the one with stride 1, wherever a pooling window fits. */
function everyNth({ values, height, width }, step) {
  const [rows, columns] = [Math.floor(height / step), Math.floor(width / step)];
  const kept = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) kept[row * columns + column] = values[row * step * width + column * step];
  }
  return { values: kept, height: rows, width: columns };
}

/** The square of `side` pixels that is seen of a larger scene after it moved `shift` pixels to the right.
 *  scene = {pixels, side: pixels across, margin: pixels that lie outside of the view on each side} */
export function view({ pixels, side, margin }, shift) {
  const seen = side - 2 * margin;
  const out = new Float64Array(seen * seen);
  for (let row = 0; row < seen; row += 1) {
    const from = (row + margin) * side + margin - shift;
    out.set(pixels.subarray(from, from + seen), row * seen);
  }
  return out;
}

/** The feature map of a scene that moved `shift` pixels to the right: max(0, convolution with a 3 x 3 kernel). It is as
 *  large as the view, for one more ring of the scene's pixels is read. */
export function featureMap(scene, shift, kernel) {
  const { values, height, width } = conv2d(
    view({ ...scene, margin: scene.margin - 1 }, shift), viewSide(scene) + 2, viewSide(scene) + 2, kernel, 3,
    { padding: 0, stride: 1, dilation: 1 },
  );
  return { values: values.map((value) => Math.max(value, 0)), height, width };
}

/** Pixels across what is seen of a scene. */
export function viewSide({ side, margin }) {
  return side - 2 * margin;
}

/** The four maps {none, max, average, strided} that come of one feature map. */
export function shrinkMap(map, window) {
  return Object.fromEntries(Object.entries(REDUCTIONS).map(([name, way]) => [name, way(map, window)]));
}

/** How far two maps without negative numbers differ: the sum of |a - b| over the sum of a + b, so 0 for equal maps and 1
 *  where no number is left in its place (Bray and Curtis 1957). `places`: compare the second map moved back so many places. */
export function change(before, after, places = 0) {
  const { width } = before;
  let difference = 0;
  let total = 0;
  const [first, end] = [Math.max(0, -places), Math.min(width, width - places)];
  for (let row = 0; row < before.height; row += 1) {
    for (let column = first; column < end; column += 1) {
      const [a, b] = [before.values[row * width + column], after.values[row * width + column + places]];
      difference += Math.abs(a - b);
      total += a + b;
    }
  }
  return total === 0 ? 0 : difference / total;
}

/** The whole number of places, nearest to shift / step, by which the second map has to be moved back to differ least, and what
 *  difference is left: {places, left}. */
export function bestMove(before, after, shift, step) {
  const candidates = [...new Set([Math.floor(shift / step), Math.ceil(shift / step)])];
  const tried = candidates.map((places) => ({ places, left: change(before, after, places) }));
  return tried.reduce((best, next) => (next.left < best.left ? next : best));
}
