// What Convolution shows, worked out from its state. No DOM in here: tests/explore/test_convolution_js.py runs it in node.
import { cellText, clamp } from "../../widgets/numbers.js";
import { magnitude } from "../../widgets/pictures.js";
import { outputSize, span } from "../maths/arithmetic.js";
import { conv2d, flipped, resized, windowPixels } from "../maths/conv2d.js";

export const STAGE = 256; // CSS pixels of a picture on its stage, where there is room
const NO_MAP = { values: new Float64Array(0), height: 0, width: 0 };

/** @typedef {{size: number, padding: number, stride: number, dilation: number, mode: string, kernel: number[][],
 *    row: number, column: number}} State the explorer's traits */

/** The window brought back into a map that has become too small for it; where there is no map it stays. */
export function correct(state) {
  const rows = rowsOf(state);
  return rows < 1 ? {} : { row: clamp(state.row, 0, rows - 1), column: clamp(state.column, 0, rows - 1) };
}

/** Rows of the map, which has as many columns.
 *  @param {Pick<State, "size" | "padding" | "stride" | "dilation" | "kernel">} state */
export function rowsOf(state) {
  return outputSize(state.size, state.kernel.length, state);
}

/** The scene of a state: `pixels` are the picture, `mapColours` "auto", "signed" or "grey". Where no window fits, `isEmpty`, and the
 *  map is that of the `last` scene.
 *  @param {State} state
 *  @param {Uint8Array} pixels
 *  @param {string} mapColours
 *  @param {{map: typeof NO_MAP} | null} last
 *  @param {number} stage  CSS pixels of either stage */
export function sceneOf(state, pixels, mapColours, last = null, stage = STAGE) {
  const weights = Float64Array.from(state.kernel.flat());
  const applied = state.mode === "convolution" ? flipped(weights) : weights;
  const isEmpty = rowsOf(state) < 1;
  const map = isEmpty ? last?.map ?? NO_MAP : conv2d(pixels, state.size, state.size, applied, state.kernel.length, state);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const asPicture = mapColours === "grey" || (mapColours === "auto" && Math.abs(sum - 1) < 0.01);
  const reach = magnitude(map.values);
  const padded = state.size + 2 * state.padding;
  const scale = stage / padded; // CSS pixels for a picture's pixel
  return {
    ...state, pixels, weights, applied, isEmpty, map, padded, stage, scale,
    side: state.kernel.length, reachOfWindow: span(state.kernel.length, state.dilation),
    left: (stage - map.width * scale) / 2, top: (stage - map.height * scale) / 2, // of the map on its stage
    range: asPicture ? { table: "grey", low: 0, high: 255 } : { table: "diverging", low: -reach, high: reach },
  };
}

/** The window at a place of the map: the pixels under it, and what they sum to. */
export function windowOf(scene, row, column) {
  const { pixels, size, side, map } = scene;
  const patch = windowPixels(pixels, size, size, side, scene, row, column, new Float64Array(side * side));
  return { row, column, patch, value: map.values[row * map.width + column] };
}

/** The place of the map whose window lies nearest around a point of the input's stage, given as shares of it. */
export function windowAround({ stage, scale, stride, reachOfWindow }, x, y) {
  const at = (share) => Math.round(((share * stage) / scale - reachOfWindow / 2) / stride);
  return [at(y), at(x)];
}

/** The place of the map under a point of its stage. */
export function placeUnder({ stage, scale, left, top }, x, y) {
  return [Math.floor((y * stage - top) / scale), Math.floor((x * stage - left) / scale)];
}

// ---------------------------------------------------------------------------------------------- kernels

/** Which of the presets a kernel is; undefined for one's own. */
export function presetOf(presets, kernel) {
  const weights = kernel.flat();
  return presets.find(({ kernels }) => kernels[kernel.length]?.every((weight, tap) => weight === weights[tap]));
}

/** The kernel at another size: the same preset if there is one, else cut or framed with zeros. Where only zeros would be left, it is
 *  the identity, and `lost`. Returns {weights, lost}. */
export function kernelAt(presets, kernel, size) {
  const weights = presetOf(presets, kernel)?.kernels[size] ?? resized(Float64Array.from(kernel.flat()), kernel.length, size);
  const isZero = (values) => values.every((weight) => weight === 0);
  const lost = isZero(weights) && !isZero(kernel.flat());
  return { weights: lost ? presets.find(({ name }) => name === "identity").kernels[size] : weights, lost };
}

// ---------------------------------------------------------------------------------------------- words

export function kernelWords(presets, kernel) {
  const sum = cellText(kernel.flat().reduce((total, weight) => total + weight, 0));
  return `${presetOf(presets, kernel)?.description ?? "Your own kernel."} The weights sum to ${sum}.`;
}

export function lostWords(size) {
  return `Only zeros were left of the kernel at ${size} × ${size}, so it became the identity. `;
}

export function inputCaption({ size, padding, padded }) {
  return padding === 0 ? `Input, ${size} × ${size} pixels`
    : `Input, ${size} × ${size}; with its zeros ${padded} × ${padded} pixels`;
}

export function mapCaption({ map }) {
  return `Feature map, ${map.height} × ${map.width} pixels`;
}

/** What stands below the map's colours: left, in the middle, right. */
export function scaleWords({ range, map }) {
  if (range.table === "grey") return ["0", "", "255"];
  return map.values.some((value) => value !== 0) ? [cellText(range.low), "0", cellText(range.high)] : ["", "0", ""];
}

/** A place and its sum, for a screen reader. */
export function windowWords({ row, column, value }) {
  return `row ${row}, column ${column}: ${cellText(value)}`;
}

/** The size of the map by its formula, with the numbers in use. */
export function sizeFormula({ size: n, padding: p, stride: s, dilation: d, kernel: { length: k } }) {
  const room = n + 2 * p - d * (k - 1) - 1;
  const quotient = s === 1 ? "" : `⌊${cellText(room / s)}⌋ + 1 = `;
  return `= ⌊(${n} + 2·${p} − ${d}·(${k} − 1) − 1) / ${s}⌋ + 1 = ${quotient}${cellText(Math.floor(room / s) + 1)}`;
}

/** What the floor drops, or that no window fits: {text, tone}. */
export function sizeRemark(state) {
  const { size, padding, stride, dilation, kernel } = state;
  const [reach, padded] = [span(kernel.length, dilation), size + 2 * padding];
  if (rowsOf(state) < 1) {
    return {
      text: `No window fits: it spans ${reach} × ${reach} pixels, the padded picture only ${padded} × ${padded}. `
        + "Take more padding, less dilation or a smaller kernel. The greyed map is the last one.",
      tone: "bad",
    };
  }
  const left = (padded - reach) % stride;
  const dropped = left === 1 ? "the last row and column" : `the last ${left} rows and columns`;
  return { text: left > 0 ? `The floor drops ${dropped} of the padded picture: no window reaches them.` : "", tone: "info" };
}
