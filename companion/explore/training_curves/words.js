// What is said of a training in a cell while it runs. No DOM in here: tests/explore/test_digit_scenes_js.py runs it in node.
import { leftWords } from "../digits/words.js";
import { significant } from "../../widgets/numbers.js";

/** What comes, before the first step is done. */
export const START = "At the first step TensorFlow prepares the network's arithmetic: that takes some seconds. Then the curves grow.";

/** How far it is: the `loss` of the last steps, undefined before the first, `left` seconds to go, null if that is not known, and
 *  `seconds` since the beginning. */
export function clockWords({ epoch, epochs, left, loss, seconds }) {
  if (loss === undefined) return `First step, ${seconds} s so far`;
  return `Epoch ${epoch + 1} of ${epochs}${leftWords(left)}, loss ${significant(loss, 3)}`;
}
