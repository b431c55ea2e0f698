// What the Pooling explorer says of a scene and of what is looked at in it (scene.js). No DOM in here.
import { cellText, counted, rounded, sumOf } from "../../widgets/numbers.js";
import { cellInWords } from "../../widgets/pictures.js";

const FEW = 9; // numbers that are listed one by one

/** Two sentences, {forward, backward}, of the output or the input that is looked at. */
export function lookWords(scene, look) {
  return look.isInput ? inputWords(scene, look) : outputWords(scene, look);
}

/** One of `values` and its place. */
export function numberWords({ row, column, index }, values) {
  return `${cellInWords(row, column)}: ${cellText(values[index])}`;
}

function outputWords({ numbers, map, upstream }, { row, column, index, under }) {
  const where = `Row ${row}, column ${column} of the map`;
  const values = under.map((at) => numbers[at]);
  const result = cellText(map.values[index]);
  const arrives = cellText(upstream[index]);
  const few = values.length <= FEW;
  if (map.winners) {
    const list = few ? values.map(cellText).join(", ") : `${values.length} numbers`;
    return {
      forward: `${where}: the largest of ${list} is ${result} (★).`,
      backward: `Backward: its gradient of ${arrives} goes to the winner alone; the others of the window get nothing from it.`,
    };
  }
  const sum = values.reduce((total, value) => total + value, 0);
  const list = few ? `(${sumOf(values.map((value) => rounded(value, 3)))})` : cellText(sum);
  const share = cellText(upstream[index] / values.length);
  return {
    forward: `${where}: ${list} / ${values.length} = ${result}, the average of its window.`,
    backward: `Backward: its gradient of ${arrives} is shared out: each of the ${values.length} numbers gets ${share}.`,
  };
}

function inputWords({ map, downstream }, { row, column, index, over, wins }) {
  const where = `Row ${row}, column ${column} of the input`;
  const gets = cellText(downstream[index]);
  if (over.length === 0) {
    return { forward: `${where} lies in no window: the map does not depend on it.`, backward: "Backward: so no gradient reaches it." };
  }
  const windows = `lies in ${counted(over.length, "window")}`;
  if (!map.winners) {
    return {
      forward: `${where} ${windows} and counts in each average.`,
      backward: `Backward: it gets a share from each, together ${gets}.`,
    };
  }
  if (wins.length === 0) {
    return {
      forward: `${where} ${windows} and wins none.`,
      backward: "Backward: it gets no gradient. Changing it a little changes nothing.",
    };
  }
  return {
    forward: `${where} ${windows} and ${over.length === 1 ? "wins it" : `wins ${wins.length} of them`} (★).`,
    backward: `Backward: it gets the gradient of ${wins.length === 1 ? "that output" : "these outputs"}, together ${gets}.`,
  };
}

/** How many numbers of a target are reached. */
export function goalWords({ kind, isReached }) {
  const right = isReached.filter(Boolean).length;
  return `Target, ${kind}: ${right} of ${isReached.length} numbers are reached.${right === isReached.length ? " ✓" : ""}`;
}

/** The size of the map by its formula, with the numbers in use. */
export function sizeFormula({ side, map, layer: { window, stride, padding }, isGlobal }) {
  if (isGlobal) return `Size of the map: one window covers all ${side} × ${side} numbers, so 1 × 1, whatever the input’s size.`;
  if (padding === "same") return `Size of the map = ⌈n / s⌉ = ⌈${side} / ${stride}⌉ = ${map.height}`;
  return `Size of the map = ⌊(n − k) / s⌋ + 1 = ⌊(${side} − ${window}) / ${stride}⌋ + 1 = ${map.height}`;
}

/** What the rounding drops, or what becomes of padding; "" where neither happens. */
export function sizeRemark({ side, layer: { window, stride, padding }, unseen }) {
  if (unseen.length === 0) return padding === "same" ? "Padding (hatched) never wins, and is left out of averages." : "";
  const atEnd = unseen[0] + unseen.length === side;
  const which = !atEnd || window < stride ? `rows and columns ${unseen.join(", ")}`
    : unseen.length === 1 ? "the last row and column" : `the last ${unseen.length} rows and columns`;
  const why = window < stride ? "The windows leave out" : "The floor drops";
  return `${why} ${which} (crossed out): no window reaches them, and no gradient comes back to them.`;
}
