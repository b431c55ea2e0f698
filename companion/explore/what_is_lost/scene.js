// What the explorer of what is lost shows, computed from its state alone. No DOM in here: tests/explore/test_what_is_lost_js.py runs
// it in node.
import { magnitude } from "../../widgets/pictures.js";
import { clamp } from "../../widgets/numbers.js";
import { conv2d } from "../maths/conv2d.js";
import { pool2d, rootMeanSquare, unpool } from "../maths/pooling.js";

export const SIDE = 128; // pixels of a picture in each direction
const EDGES_KERNEL = Float64Array.from([-1, 0, 1, -2, 0, 2, -1, 0, 1], (weight) => weight / 4);
const UNCHANGED = 0.5; // grey levels: a pixel that is off by less is as it was

/** What becomes of a picture, {source, errors, flat, windows}. `what` says what is pooled, the "picture" or its "edges"; `errors` holds
 *  for each of `rebuilds` its error at each of `windows`, and `flat` is the error of one grey for all. */
export function study(picture, what, rebuilds, windows) {
  const source = what === "edges" ? edges(picture) : Float64Array.from(picture);
  const mean = source.reduce((sum, value) => sum + value, 0) / source.length;
  const errorOf = (rebuild) => windows.map((window) => rootMeanSquare(source, pooledAndRebuilt(source, window, rebuild).rebuilt));
  return {
    source, windows, errors: Object.fromEntries(rebuilds.map((rebuild) => [rebuild, errorOf(rebuild)])),
    flat: rootMeanSquare(source, new Float64Array(source.length).fill(mean)),
  };
}

/** A study at one window and one way to rebuild: with its map, the picture rebuilt from that, and how far off each pixel is. */
export function lostScene(studied, { window, rebuild }) {
  const { map, rebuilt } = pooledAndRebuilt(studied.source, window, rebuild);
  const off = rebuilt.map((value, index) => value - studied.source[index]);
  return { ...studied, window, rebuild, at: studied.windows.indexOf(window), map, rebuilt, off, reach: magnitude(off, 1) };
}

function pooledAndRebuilt(source, window, rebuild) {
  const options = { kind: rebuild === "average" ? "average" : "max", window, stride: window, padding: "valid" };
  const map = pool2d(source, SIDE, SIDE, options);
  return { map, rebuilt: unpool(map, SIDE, SIDE, options, rebuild === "winners") };
}

/** A picture's vertical edges, dark on the left: max(0, convolution); 0 along the border, where no kernel fits. */
function edges(picture) {
  const onBorder = (place) => place === 0 || place === SIDE - 1;
  return conv2d(picture, SIDE, SIDE, EDGES_KERNEL, 3, { padding: 1, stride: 1, dilation: 1 }).values.map((value, index) => (
    onBorder(index % SIDE) || onBorder(Math.floor(index / SIDE)) ? 0 : Math.max(value, 0)));
}

/** The place of a state, {row, column}, within its windows. */
export function settled({ window, row, column }) {
  const last = Math.floor(SIDE / window) - 1;
  return { row: clamp(row, 0, last), column: clamp(column, 0, last) };
}

/** The state for windows of another size: the one that holds the middle of the window before. */
export function resized({ window, row, column }, next) {
  const at = (place) => Math.floor(((place + 0.5) * window) / next);
  return { window: next, row: at(row), column: at(column) };
}

/** One window of a scene: its pixels before and as they are rebuilt, the number that was kept of them, and how many are as they were. */
export function lens({ source, rebuilt, map, window }, { row, column }) {
  const [before, after] = [source, rebuilt].map((picture) => patch(picture, window, row, column));
  const unchanged = after.filter((value, index) => Math.abs(value - before[index]) < UNCHANGED).length;
  return { row, column, window, before, after, kept: map.values[row * map.width + column], unchanged };
}

function patch(picture, window, row, column) {
  return Float64Array.from({ length: window * window }, (_, index) => (
    picture[(row * window + Math.floor(index / window)) * SIDE + column * window + (index % window)]));
}
