// A convolution over several channels, one plane of numbers a channel. No DOM in here: node tests it.
import { uniforms } from "./random.js";

/** Average `channels` interleaved bytes of a square picture down to `to` pixels a side.
 *  Returns one Float32Array(to * to) of 0..1 a channel. `to` must not exceed `from`. */
export function shrink(pixels, from, to, channels) {
  const planes = Array.from({ length: channels }, () => new Float32Array(to * to));
  const shares = Array.from({ length: to }, (_, index) => coverage(index, from / to));
  for (let row = 0; row < to; row += 1) {
    for (let column = 0; column < to; column += 1) {
      for (const [y, tall] of shares[row]) {
        for (const [x, wide] of shares[column]) {
          const weight = (tall * wide) / 255;
          for (let channel = 0; channel < channels; channel += 1) {
            planes[channel][row * to + column] += weight * pixels[(y * from + x) * channels + channel];
          }
        }
      }
    }
  }
  return planes;
}

/** Which source pixels, and with which share of the whole, the target pixel `index` covers. */
function coverage(index, ratio) {
  const start = index * ratio;
  const end = start + ratio;
  const shares = [];
  for (let pixel = Math.floor(start + 1e-9); pixel < end - 1e-9; pixel += 1) {
    shares.push([pixel, (Math.min(pixel + 1, end) - Math.max(pixel, start)) / ratio]);
  }
  return shares;
}

/** Brightness of red, green and blue planes (ITU-R BT.601 weights, as Pillow's "L"). */
export function brightness([red, green, blue]) {
  return red.map((value, index) => 0.299 * value + 0.587 * green[index] + 0.114 * blue[index]);
}

/** The planes (size * size) with `padding` zeros on every side. */
export function padPlanes(planes, size, padding) {
  if (padding === 0) return planes;
  const side = size + 2 * padding;
  return planes.map((plane) => {
    const padded = new Float32Array(side * side);
    for (let row = 0; row < size; row += 1) {
      padded.set(plane.subarray(row * size, (row + 1) * size), (row + padding) * side + padding);
    }
    return padded;
  });
}

/** One output map at the output rows and columns listed in `positions` (the same list for both).
 *  @param {ArrayLike<number>[]} planes C_in padded planes of `side` * `side` numbers
 *  @param {number} side
 *  @param {{size: number, slices: ArrayLike<number>[], bias: number}} filter C_in slices of size * size weights
 *  @param {number} stride
 *  @param {number[]} positions
 *  @returns {Float32Array} positions.length squared numbers */
export function featureMap(planes, side, filter, stride, positions) {
  const count = positions.length;
  const map = new Float32Array(count * count).fill(filter.bias);
  const offsets = positions.map((position) => position * stride);
  for (let channel = 0; channel < planes.length; channel += 1) {
    const plane = planes[channel];
    for (let tap = 0; tap < filter.size * filter.size; tap += 1) {
      const weight = filter.slices[channel][tap];
      if (weight === 0) continue;
      const shift = Math.floor(tap / filter.size) * side + (tap % filter.size);
      for (let row = 0; row < count; row += 1) {
        const start = offsets[row] * side + shift;
        for (let column = 0; column < count; column += 1) map[row * count + column] += weight * plane[start + offsets[column]];
      }
    }
  }
  return map;
}

/** The sum of products of one window with one slice of a kernel. */
export function windowSum(plane, side, slice, size, top, left) {
  let sum = 0;
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      sum += plane[(top + row) * side + left + column] * slice[row * size + column];
    }
  }
  return sum;
}

/** At most `limit` of the positions 0..size-1, evenly spread. */
export function spread(size, limit) {
  const count = Math.min(size, limit);
  return Array.from({ length: count }, (_, index) => Math.floor((index * size) / count));
}

/** Kernels, hand-made for the first output channels of a picture and random after, the same ones every time.
 *  A kernel does not change when `channelsOut` does.
 *  Returns channelsOut filters {name, size, slices, bias}. */
export function filterBank(channelsIn, channelsOut, size) {
  const recipes = (RECIPES[channelsIn] ?? []).map((recipe) => handMade(recipe, size)).filter((filter) => filter !== null);
  return Array.from({ length: channelsOut }, (_, index) => recipes[index] ?? randomFilter(channelsIn, size, index));
}

const SHAPES = { vertical, horizontal, mean, blur, spot };
const RECIPES = {
  1: [
    ["vertical edges", "vertical", [1]],
    ["horizontal edges", "horizontal", [1]],
    ["blur", "blur", [1]],
    ["bright spots", "spot", [1]],
  ],
  3: [
    ["vertical edges in brightness", "vertical", [1, 1, 1]],
    ["horizontal edges in brightness", "horizontal", [1, 1, 1]],
    ["red against green", "mean", [1, -1, 0]],
    ["blue against yellow", "mean", [-0.5, -0.5, 1]],
    ["blur of blue alone", "blur", [0, 0, 1]],
    ["bright spots", "spot", [1, 1, 1]],
    ["vertical edges in red alone", "vertical", [1, 0, 0]],
    ["horizontal edges, blue against red", "horizontal", [-1, 0, 1]],
  ],
};

/** The filter of a recipe, or null where the shape is empty at this size (no edge fits in 1 x 1). */
function handMade([name, shape, mix], size) {
  const pattern = SHAPES[shape](size);
  if (pattern.every((value) => value === 0)) return null;
  return { name, size, slices: mix.map((share) => pattern.map((value) => (value === 0 ? 0 : share * value))), bias: 0 };
}

function outer(rows, columns) {
  return rows.flatMap((row) => columns.map((column) => row * column));
}

/** Row size - 1 of Pascal's triangle: [1, 2, 1] for 3. */
function binomial(size) {
  const row = [1];
  for (let k = 1; k < size; k += 1) row.push((row[k - 1] * (size - k)) / k);
  return row;
}

/** Evenly from -1 to 1. */
function slope(size) {
  return Array.from({ length: size }, (_, index) => (size === 1 ? 0 : (2 * index) / (size - 1) - 1));
}

/** Sobel's kernel at size 3, its relatives at others: smoothed along the edge, sloped across it. */
function vertical(size) {
  return outer(binomial(size), slope(size));
}

function horizontal(size) {
  return outer(slope(size), binomial(size));
}

function mean(size) {
  return new Array(size * size).fill(1 / (size * size));
}

function blur(size) {
  const smooth = binomial(size);
  return outer(smooth, smooth).map((value) => value / 4 ** (size - 1));
}

/** Middle minus surroundings: weights that sum to zero, the largest 1. */
function spot(size) {
  const flat = 1 / (size * size);
  const pattern = blur(size).map((value) => value - flat);
  const largest = Math.max(...pattern);
  return pattern.map((value) => (largest > 0 ? value / largest : 0));
}

/** Normal weights of variance 2 / (k k C_in) (He, Zhang, Ren and Sun 2015), and a small bias. */
function randomFilter(channelsIn, size, index) {
  const next = normals(1 + index + 1000 * size + 100000 * channelsIn);
  const deviation = Math.sqrt(2 / (size * size * channelsIn));
  const slices = Array.from({ length: channelsIn }, () => Array.from({ length: size * size }, () => deviation * next()));
  return { name: "random weights", size, slices, bias: 0.1 * next() };
}

/** Seeded standard normal numbers: Box and Muller. */
function normals(seed) {
  const uniform = uniforms(seed);
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
