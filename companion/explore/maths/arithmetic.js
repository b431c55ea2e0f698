// Sizes, counts and receptive fields of convolutional layers: companion/arithmetic.py for the browser.
// No DOM in here: tests/explore/test_arithmetic_js.py runs it in node against the Python.

/** Number of output positions along one side: floor((n + 2p - d(k - 1) - 1) / s) + 1, or 0 if the kernel does
 *  not fit (Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning", relationship 15). */
export function outputSize(size, kernel, { padding = 0, stride = 1, dilation = 1 } = {}) {
  return Math.max(0, Math.floor((size + 2 * padding - span(kernel, dilation)) / stride) + 1);
}

/** How many pixels a dilated kernel spans: d(k - 1) + 1. */
export function span(kernel, dilation = 1) {
  return dilation * (kernel - 1) + 1;
}

/** Weights and biases of a convolution with kernel x kernel windows. */
export function conv2dParameters(kernel, channelsIn, channelsOut, bias = true) {
  return (kernel * kernel * channelsIn + (bias ? 1 : 0)) * channelsOut;
}

/** Weights and biases of a dense layer. */
export function denseParameters(inputs, units, bias = true) {
  return (inputs + (bias ? 1 : 0)) * units;
}

/** Multiplications (each with its addition) of a convolution for one picture; biases are not counted. */
export function conv2dMultiplyAdds(size, kernel, channelsIn, channelsOut, { padding = 0, stride = 1, dilation = 1 } = {}) {
  const side = outputSize(size, kernel, { padding, stride, dilation });
  return side * side * conv2dParameters(kernel, channelsIn, channelsOut, false);
}

/** Multiplications (each with its addition) of a dense layer for one input; biases are not counted. */
export function denseMultiplyAdds(inputs, units) {
  return inputs * units;
}

/** One layer of r_l = r_(l-1) + (k - 1) d j_(l-1) and j_l = j_(l-1) s (Araujo, Norris and Sim 2019, "Computing
 *  receptive fields of convolutional neural networks"); `start` is the first input pixel that output 0 sees. */
function nextLevel(below, { kernel, stride, dilation = 1, padding = 0 }) {
  return {
    size: outputSize(below.size, kernel, { padding, stride, dilation }),
    field: below.field + (kernel - 1) * dilation * below.jump,
    jump: below.jump * stride,
    start: below.start - padding * below.jump,
  };
}

/** The levels of a stack of layers on an input of `size` pixels.
 *  levels[0] is the input, levels[i] the output of layer i: {size, field, jump, start}. They end before the
 *  first layer that gives no output, whose index in `layers` is `failed` (null if all give one). */
export function stackLevels(size, layers) {
  const levels = [{ size, field: 1, jump: 1, start: 0 }];
  for (const layer of layers) {
    const level = nextLevel(levels[levels.length - 1], layer);
    if (level.size < 1) return { levels, failed: levels.length - 1 };
    levels.push(level);
  }
  return { levels, failed: null };
}

/** First and last input pixel (both included, either may lie outside the input) that `position` of a level sees. */
export function seen(level, position) {
  const first = level.start + position * level.jump;
  return { first, last: first + level.field - 1 };
}

/** Input coordinate of the middle of what `position` of a level sees. */
export function centre(level, position) {
  return level.start + position * level.jump + (level.field - 1) / 2;
}

/** How many paths lead from each position of each level up to `position` of the top level, along one side (in
 *  two dimensions the counts of rows and columns multiply). Returns one {first, counts} a level, input first.
 *  Positions outside a level are padding: they are counted where they are used but lead no further down. */
export function pathCounts(levels, layers, position) {
  const top = levels.length - 1;
  const paths = new Array(levels.length);
  paths[top] = { first: position, counts: Float64Array.of(1) };
  for (let depth = top; depth > 0; depth -= 1) {
    paths[depth - 1] = pathsBelow(paths[depth], levels[depth].size, layers[depth - 1]);
  }
  return paths;
}

function pathsBelow({ first, counts }, size, { kernel, stride, dilation = 1, padding = 0 }) {
  const below = new Float64Array((counts.length - 1) * stride + span(kernel, dilation));
  for (let index = 0; index < counts.length; index += 1) {
    const inside = first + index >= 0 && first + index < size;
    if (!inside) continue;
    for (let tap = 0; tap < kernel; tap += 1) below[index * stride + tap * dilation] += counts[index];
  }
  return { first: first * stride - padding, counts: below };
}
