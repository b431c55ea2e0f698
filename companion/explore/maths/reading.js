// Reading digits in a row by sliding a network over them, window by window; the same as Python's `toys.read_number`.
import { forward, softmax } from "./network.js";

const SIDE = 28; // pixels of a window in each direction
const STEP = 4; // pixels from one window to the next
const NO_DIGIT = 10; // the class of a window without a digit in its middle

/** A function that takes SIDE rows of `width` values, 0 black to 1 white, and gives the probabilities of the 11 classes
 *  in each window. Windows in which nothing has changed since the last call are not computed again. */
export function windowReader(network, width) {
  const window = new Float32Array(SIDE * SIDE);
  let last = null;
  let results = [];
  return (values) => {
    const before = results;
    results = [];
    for (let start = 0; start + SIDE <= width; start += STEP) {
      let same = last !== null;
      for (let row = 0; row < SIDE; row += 1) {
        const first = row * width + start;
        for (let index = first; same && index < first + SIDE; index += 1) same = values[index] === last[index];
        window.set(values.subarray(first, first + SIDE), row * SIDE);
      }
      results.push(same ? before[results.length] : softmax(forward(network, window, SIDE)));
    }
    last = values.slice();
    return results;
  };
}

/** The number that they spell, and the windows that decided: {number, windows}. Neighbouring windows that show a digit
 *  show the same one: of each run the surest window counts. */
export function digitsOf(results) {
  /** @type {{number: string, windows: number[]}} */
  const found = { number: "", windows: [] };
  let best = null; // of the present run
  const close = () => {
    if (best) {
      found.number += String(best.digit);
      found.windows.push(best.index);
    }
    best = null;
  };
  results.forEach((probabilities, index) => {
    const digit = indexOfLargest(probabilities.slice(0, NO_DIGIT));
    const probability = probabilities[digit];
    if (probabilities[NO_DIGIT] > probability) close();
    else if (!best || probability > best.probability) best = { digit, index, probability };
  });
  close();
  return found;
}

function indexOfLargest(values) {
  return values.reduce((best, value, index) => (value > values[best] ? index : best), 0);
}
