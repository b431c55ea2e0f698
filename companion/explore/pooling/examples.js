// Numbers for the input of the Pooling explorer, as rows.

const LARGEST = 9;

const RULES = {
  random,
  edge: (_row, column, middle) => (column < middle ? 1 : LARGEST),
  spot: (row, column, middle) => (row === middle && column === middle ? LARGEST : 0),
  even: () => 5,
};

/** What can be chosen, as [key, text]. */
export const EXAMPLES = [["random", "random"], ["edge", "an edge"], ["spot", "one spot"], ["even", "all alike"]];

/** The example `key` of EXAMPLES, with `side` numbers a side. */
export function example(key, side) {
  return square(side, (row, column) => RULES[key](row, column, Math.floor(side / 2)));
}

/** `rows` cut to `side` numbers a side, or grown to them with random numbers. */
export function resized(rows, side) {
  return square(side, (row, column) => rows[row]?.[column] ?? random());
}

function square(side, numberAt) {
  return Array.from({ length: side }, (_, row) => Array.from({ length: side }, (__, column) => numberAt(row, column)));
}

function random() {
  return Math.floor(Math.random() * (LARGEST + 1));
}
