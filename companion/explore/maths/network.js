// The forward pass of a trained network, layer by layer. Values lie row by row, the channels of a pixel side by side,
// as in Keras.

const LAYERS = { Conv2D: convolve, Dense: dense, Flatten: flatten, GlobalMaxPooling2D: globalMax, MaxPooling2D: halve };

/** The network of Python's `digits.models.network`: its `layers`, with each one's part of `weights` (Float32Array). */
export function readNetwork(layers, weights) {
  let used = 0;
  const take = (count) => {
    used += count;
    return weights.subarray(used - count, used);
  };
  return layers.map(({ kind, shape, relu }) => {
    if (!LAYERS[kind]) throw new Error(`This page cannot compute a layer of kind ${kind}.`);
    if (!shape) return { kind };
    const kernel = take(shape.reduce((product, count) => product * count));
    return { kind, shape, relu, kernel, bias: take(shape.at(-1)) };
  });
}

/** The outputs, before softmax, for one square picture of `side` * `side` values. */
export function forward(network, values, side) {
  return network.reduce((state, layer) => LAYERS[layer.kind](state, layer), { values, side, channels: 1 }).values;
}

/** Exponentials that sum to 1. */
export function softmax(outputs) {
  const largest = outputs.reduce((most, value) => Math.max(most, value), -Infinity);
  const exponentials = outputs.map((value) => Math.exp(value - largest));
  const sum = exponentials.reduce((total, value) => total + value, 0);
  return exponentials.map((value) => value / sum);
}

/** Convolution with stride 1 and zeros around, so that the size stays. */
function convolve({ values, side, channels }, { shape, kernel, bias, relu }) {
  const [size, , , maps] = shape;
  const reach = (size - 1) / 2;
  const output = new Float32Array(side * side * maps);
  const sums = new Float32Array(maps);
  for (let row = 0; row < side; row += 1) {
    for (let column = 0; column < side; column += 1) {
      sums.set(bias);
      for (let tap = 0; tap < size * size; tap += 1) {
        const y = row + Math.floor(tap / size) - reach;
        const x = column + (tap % size) - reach;
        if (y >= 0 && y < side && x >= 0 && x < side) {
          addProducts(sums, values, (y * side + x) * channels, channels, kernel, tap * channels * maps);
        }
      }
      output.set(sums, (row * side + column) * maps);
    }
  }
  if (relu) rectify(output);
  return { values: output, side, channels: maps };
}

function dense({ values }, { kernel, bias, relu }) {
  const sums = Float32Array.from(bias);
  addProducts(sums, values, 0, values.length, kernel, 0);
  if (relu) rectify(sums);
  return { values: sums, side: 1, channels: sums.length };
}

/** Add `count` values, from `first` on, times their rows of weights, from `start` on, to `sums`. */
function addProducts(sums, values, first, count, weights, start) {
  const width = sums.length;
  for (let index = 0; index < count; index += 1) {
    const value = values[first + index];
    if (value !== 0) { // much is: black pixels, and what ReLU cut off
      const row = start + index * width;
      for (let unit = 0; unit < width; unit += 1) sums[unit] += value * weights[row + unit];
    }
  }
}

function rectify(values) {
  for (let index = 0; index < values.length; index += 1) values[index] = Math.max(values[index], 0);
}

function flatten({ values }) {
  return { values, side: 1, channels: values.length };
}

/** The largest of each 2 x 2 values; an odd last row and column are left out. */
function halve({ values, side, channels }) {
  const half = Math.floor(side / 2);
  const output = new Float32Array(half * half * channels);
  for (let index = 0; index < output.length; index += 1) {
    const channel = index % channels;
    const pixel = (index - channel) / channels;
    const corner = (2 * Math.floor(pixel / half) * side + 2 * (pixel % half)) * channels + channel;
    const below = corner + side * channels;
    output[index] = Math.max(values[corner], values[corner + channels], values[below], values[below + channels]);
  }
  return { values: output, side: half, channels };
}

function globalMax({ values, channels }) {
  const largest = new Float32Array(channels).fill(-Infinity);
  for (let index = 0; index < values.length; index += 1) {
    const channel = index % channels;
    if (values[index] > largest[channel]) largest[channel] = values[index];
  }
  return { values: largest, side: 1, channels };
}
