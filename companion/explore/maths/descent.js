// Finding a kernel by gradient descent on the mean squared error between its map and a target map.
import { conv2d, inside } from "./conv2d.js";

/** Mean over the map of (map - target) squared. */
export function meanSquaredError(map, target) {
  let total = 0;
  for (let index = 0; index < target.length; index += 1) total += (map[index] - target[index]) ** 2;
  return total / target.length;
}

/** Loss, gradient and map at `kernel`. `problem` is {picture, height, width, size, options, target}.
 *  By the chain rule dL/dk[i, j] = 2/N sum over (r, c) of error[r, c] * x[r*s + i*d - p, c*s + j*d - p]: the error
 *  map slides over the picture just as the kernel did. */
export function evaluate(problem, kernel) {
  const { picture, height, width, size, options, target } = problem;
  const map = conv2d(picture, height, width, kernel, size, options);
  const error = map.values.map((value, index) => value - target[index]);
  return {
    map: map.values,
    error,
    loss: meanSquaredError(map.values, target),
    gradient: correlate(problem, error, map.height, map.width).map((value) => (2 / target.length) * value),
  };
}

/** For each tap, the sum over the map of `error` times the pixel that lies under the tap. */
function correlate({ picture, height, width, size, options }, error, rows, columns) {
  const { padding, stride, dilation } = options;
  return Float64Array.from({ length: size * size }, (_, tap) => {
    const down = Math.floor(tap / size) * dilation - padding;
    const right = (tap % size) * dilation - padding;
    const [firstRow, lastRow] = inside(down, height, stride, rows);
    const [firstColumn, lastColumn] = inside(right, width, stride, columns);
    let total = 0;
    for (let row = firstRow; row <= lastRow; row += 1) {
      for (let column = firstColumn; column <= lastColumn; column += 1) {
        total += error[row * columns + column] * picture[(row * stride + down) * width + column * stride + right];
      }
    }
    return total;
  });
}

/** The kernel after one step of gradient descent. */
export function step(kernel, gradient, rate) {
  return Float64Array.from(kernel, (value, tap) => value - rate * gradient[tap]);
}

/** The loss's largest curvature (largest eigenvalue of its Hessian, which is the same at every kernel), by power
 *  iteration. Gradient descent converges for rates below 2 / curvature and diverges above
 *  (Nocedal and Wright, Numerical Optimization, 2006, section 3.3, for quadratic functions). */
export function curvature(problem, iterations = 60) {
  const { picture, height, width, size, options, target } = problem;
  let direction = new Float64Array(size * size).fill(1);
  direction[0] = 1.5; // off symmetry, so that no eigenvector is missed by being orthogonal
  let length = 0;
  for (let round = 0; round < iterations; round += 1) {
    const norm = Math.hypot(...direction);
    if (norm === 0) return 0;
    direction = direction.map((value) => value / norm);
    const map = conv2d(picture, height, width, direction, size, options);
    direction = correlate(problem, map.values, map.height, map.width).map((value) => (2 / target.length) * value);
    length = Math.hypot(...direction);
  }
  return length;
}
