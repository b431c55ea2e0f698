// One-channel 2-D convolution as Keras computes it: cross-correlation, zeros around the picture.
//
// Pictures, kernels and maps are flat arrays, row by row. `options` is {padding, stride, dilation}: zeros added on
// each side, pixels from window to window, pixels from tap to tap.

import { outputSize } from "./arithmetic.js";

/** The kernel turned by 180 degrees: cross-correlating with it is convolution in the mathematician's sense. */
export function flipped(kernel) {
  return Float64Array.from(kernel).reverse();
}

/** The feature map of a `height` x `width` picture under a `kernelSize` x `kernelSize` kernel.
 *  Returns {values: Float64Array, height, width}; a map without pixels where no window fits. */
export function conv2d(picture, height, width, kernel, kernelSize, options) {
  const { padding, stride, dilation } = options;
  const rows = outputSize(height, kernelSize, options);
  const columns = outputSize(width, kernelSize, options);
  const values = new Float64Array(rows * columns);
  // Tap by tap over the whole map, so that the innermost loop runs along a row and asks nothing.
  for (let tap = 0; tap < kernelSize * kernelSize; tap += 1) {
    const weight = kernel[tap];
    if (weight === 0) continue;
    const down = Math.floor(tap / kernelSize) * dilation - padding;
    const right = (tap % kernelSize) * dilation - padding;
    const [firstRow, lastRow] = inside(down, height, stride, rows);
    const [firstColumn, lastColumn] = inside(right, width, stride, columns);
    for (let row = firstRow; row <= lastRow; row += 1) {
      const from = (row * stride + down) * width + right;
      const to = row * columns;
      for (let column = firstColumn; column <= lastColumn; column += 1) {
        values[to + column] += weight * picture[from + column * stride];
      }
    }
  }
  return { values, height: rows, width: columns };
}

/** The first and last window whose tap at `offset` falls on the picture and not on its padding. */
export function inside(offset, size, stride, count) {
  const first = Math.max(Math.ceil(-offset / stride), 0);
  const last = Math.min(Math.floor((size - 1 - offset) / stride), count - 1);
  return [first, last];
}

/** Copy into `out` (kernelSize * kernelSize) the pixels under the window of map pixel (`row`, `column`), zeros for
 *  padding. Returns `out`. */
export function windowPixels(picture, height, width, kernelSize, options, row, column, out) {
  const { padding, stride, dilation } = options;
  for (let tap = 0; tap < kernelSize * kernelSize; tap += 1) {
    const y = row * stride + Math.floor(tap / kernelSize) * dilation - padding;
    const x = column * stride + (tap % kernelSize) * dilation - padding;
    out[tap] = y >= 0 && y < height && x >= 0 && x < width ? picture[y * width + x] : 0;
  }
  return out;
}

/** A square kernel at another odd size: framed by zeros, or its middle cut out. */
export function resized(kernel, from, to) {
  const shift = (to - from) / 2;
  return Float64Array.from({ length: to * to }, (_, tap) => {
    const row = Math.floor(tap / to) - shift;
    const column = (tap % to) - shift;
    return row >= 0 && row < from && column >= 0 && column < from ? kernel[row * from + column] : 0;
  });
}

/** A `size` x `size` picture made `factor` times smaller: each new pixel is the mean of factor x factor old ones. */
export function shrunk(picture, size, factor) {
  const small = size / factor;
  const values = new Float64Array(small * small);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      values[Math.floor(row / factor) * small + Math.floor(column / factor)] += picture[row * size + column];
    }
  }
  return values.map((total) => Math.round(total / (factor * factor)));
}
