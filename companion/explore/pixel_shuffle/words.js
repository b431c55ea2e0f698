// What the explorer of shuffled pixels says. No DOM in here.
import { percent, signed } from "../../widgets/numbers.js";
import { cellInWords } from "../../widgets/pictures.js";
import { placeOf } from "./scene.js";

/** Where the marked pixel of a scene goes. */
export function sentence({ from, to }) {
  return `In every picture the pixel of ${placeWords(from)} goes to ${placeWords(to)}.`;
}

/** An accuracy, or a dash where none is known. */
export function accuracyWords(value) {
  return value === undefined ? "–" : percent(value);
}

/** What a network says of the digit, which is a `label`, null if nobody knows; `probabilities` undefined if it has not guessed. */
export function guessWords(name, probabilities, label) {
  if (probabilities === undefined) return `${name}: not trained yet`;
  const share = Math.max(...probabilities);
  const best = probabilities.indexOf(share);
  const verdict = label === null ? "" : best === label ? ", right" : ", wrong";
  return `${name} says ${best}${verdict}, ${percent(share, 0)}`;
}

/** The chart's text alternative. `lines` are its curves, {key, name}; `accuracy` their last values by key. */
export function chartWords(lines, accuracy) {
  const known = lines.some(({ key }) => key in accuracy);
  const reached = lines.map(({ key, name }) => `${name} is at ${accuracyWords(accuracy[key])}`).join(", ");
  return `Accuracy on test pictures, 50 to 100 %, over the training steps. ${known ? reached : "Nothing is trained yet"}.`;
}

/** What shuffling costs, once `accuracy` holds what came of the training; "" before. */
export function verdict(accuracy) {
  if (Object.keys(accuracy).length === 0) return "";
  const shown = (name) => Number((100 * accuracy[name]).toFixed(1)); // as in the table, which a reader subtracts from
  const gain = (name) => signed(shown(`${name}_shuffled`) - shown(`${name}_straight`));
  return `Done. With shuffled pixels: MLP ${gain("mlp")}, CNN ${gain("cnn")} percentage points of accuracy.`;
}

function placeWords(pixel) {
  const { row, column } = placeOf(pixel);
  return cellInWords(row, column);
}
