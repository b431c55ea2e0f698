// What the explorer of shuffled pixels shows, computed from its state alone. No DOM in here: tests/explore/test_digit_scenes_js.py runs
// it in node.

import { forward, readNetwork, softmax } from "../maths/network.js";

export const SIDE = 28; // pixels of a picture in each direction
export const MODELS = [["mlp", "MLP"], ["cnn", "CNN"]];
export const RESULTS = [
  ["straight", "trained and tested straight"],
  ["shuffled", "trained and tested shuffled"],
  ["straight_on_shuffled", "trained straight, tested shuffled"],
];

/** The place of the learner's own digit, after the ten others. */
export const OWN = 10;

/** A digit and its shuffled copy with one pixel marked: {straight, shuffled, from, to}. `order` says of each pixel of the copy where it
 *  comes from, and `pixel` is one of the digit's. The learner's own is the `drawing`, and has no label. */
export function shuffleScene(digits, order, { digit, pixel, drawing }) {
  const straight = digit === OWN ? drawing : digits.subarray(digit * SIDE * SIDE, (digit + 1) * SIDE * SIDE);
  return { label: digit === OWN ? null : digit, straight, shuffled: Uint8Array.from(order, (from) => straight[from]), from: pixel, to: order.indexOf(pixel) };
}

/** The networks by name, each as `forward` takes it: `layers` holds those of each, and `weights` follow each other in that order. */
export function readNetworks(layers, weights) {
  let begin = 0;
  return Object.fromEntries(Object.entries(layers).map(([name, own]) => {
    const count = own.reduce((sum, { shape }) => sum + (shape ? shape.reduce((product, size) => product * size) + shape.at(-1) : 0), 0);
    begin += count;
    return [name, readNetwork(own, weights.subarray(begin - count, begin))];
  }));
}

/** What each network says of a scene: ten probabilities by name, "mlp_straight". Each gets the picture arranged as in its training. */
export function answersOf(networks, { straight, shuffled }) {
  const inputs = { straight, shuffled };
  return Object.fromEntries(Object.entries(networks).map(([name, network]) => (
    [name, softmax(forward(network, Float32Array.from(inputs[name.split("_")[1]], (level) => level / 255), SIDE))])));
}

/** The pixel at a row and column. */
export function pixelAt(row, column) {
  return row * SIDE + column;
}

/** The row and column of a pixel. */
export function placeOf(pixel) {
  return { row: Math.floor(pixel / SIDE), column: pixel % SIDE };
}

/** The accuracies that are known: the last one of each curve, [step, value], ..., and `accuracy`, measured on all test pictures. */
export function latest(curves, accuracy) {
  return { ...Object.fromEntries(Object.entries(curves).map(([name, points]) => [name, points.at(-1)[1]])), ...accuracy };
}
