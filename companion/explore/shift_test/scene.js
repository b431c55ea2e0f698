// What the shift test shows, computed from its state alone. No DOM in here: tests/explore/test_digit_scenes_js.py runs it in node.
import { forward, softmax } from "../maths/network.js";

export const SIDE = 28; // pixels of a picture in each direction
export const CLASSES = Array.from({ length: 10 }, (_, digit) => digit);
export const MODELS = [
  { key: "mlp", name: "MLP", ink: "negative", marker: "circle" },
  { key: "cnn", name: "CNN", ink: "positive", marker: "square" },
];

/** The digit of a state {index, row, column, drawing} as the models get it, and how much of its ink is lost: {row, column, label, input,
 *  lost}. `digits` holds pictures of SIDE * SIDE bytes, `labels` what each is. The index after them is that of the `drawing`, which
 *  has no label. */
export function digitScene({ digits, labels }, { index, row, column, drawing }) {
  const digit = index === labels.length ? drawing : digits.subarray(index * SIDE * SIDE, (index + 1) * SIDE * SIDE);
  const input = new Float32Array(SIDE * SIDE);
  for (let y = Math.max(row, 0); y < SIDE + Math.min(row, 0); y += 1) {
    for (let x = Math.max(column, 0); x < SIDE + Math.min(column, 0); x += 1) {
      input[y * SIDE + x] = digit[(y - row) * SIDE + x - column] / 255;
    }
  }
  return { row, column, label: labels[index] ?? null, input, lost: lostOf(digit, input) };
}

/** What each of the networks says of the digit: {probabilities, best}. */
export function answersOf(networks, { input }) {
  return networks.map((network) => answerOf(softmax(forward(network, input, SIDE))));
}

/** The same from what Python says that the networks guess while they train, null where one has not guessed yet. */
export function guessesOf(guesses) {
  return MODELS.map(({ key }) => {
    const all = guesses[`${key}_straight`];
    return all ? answerOf(all[0]) : null;
  });
}

function answerOf(probabilities) {
  return { probabilities, best: probabilities.indexOf(Math.max(...probabilities)) };
}

/** Whether a digit stands elsewhere than in the middle. */
export function isMoved({ row, column }) {
  return row !== 0 || column !== 0;
}

/** What the digit's shift makes the CNN say, and what it says of it in the middle, if it has been fooled: {says, home}; else null. It
 *  counts with all of the ink inside, and where it was right in the middle. */
export function fooled({ label, row, column, lost }, answer, home) {
  const known = label === null || home.best === label;
  return isMoved({ row, column }) && known && lost < 0.005 && answer.best !== home.best ? { says: answer.best, home: home.best } : null;
}

/** The next digit after `index` that is a `wanted`, or any if that is null. */
export function nextIndex(labels, index, wanted) {
  let next = index;
  do next = next + 1 < labels.length ? next + 1 : 0;
  while (wanted !== null && labels[next] !== wanted);
  return next;
}

function lostOf(digit, input) {
  const ink = sum(digit) / 255;
  return ink > 0 ? 1 - sum(input) / ink : 0;
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
