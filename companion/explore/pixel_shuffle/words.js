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

/** The chart's text alternative. `lines` are its curves, {key, name}; `accuracy` their last values by key. */
export function chartWords(lines, accuracy) {
  const known = lines.some(({ key }) => key in accuracy);
  const reached = lines.map(({ key, name }) => `${name} is at ${accuracyWords(accuracy[key])}`).join(", ");
  return `Accuracy on test pictures, 50 to 100 %, over the training steps. ${known ? reached : "Nothing is trained yet"}.`;
}

/** What shuffling costs, once `accuracy` holds what came of the training; "" before. */
export function verdict(accuracy) {
  if (Object.keys(accuracy).length === 0) return "";
  const gain = (name) => signed(100 * (accuracy[`${name}_shuffled`] - accuracy[`${name}_straight`]));
  return `Done. With shuffled pixels: MLP ${gain("mlp")}, CNN ${gain("cnn")} percentage points of accuracy.`;
}

function placeWords(pixel) {
  const { row, column } = placeOf(pixel);
  return cellInWords(row, column);
}
