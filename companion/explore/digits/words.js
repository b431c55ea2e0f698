// What is said of a training while it runs. No DOM in here: tests/explore/test_digit_scenes_js.py runs it in node.

/** How far it is: `step` of `steps`, `left` seconds to go, null if that is not known; `seconds` since the press of the button, and
 *  whether a network is `guessing` yet. */
export function clockWords({ step, steps, left, guessing, seconds }) {
  if (step > 0) return `Step ${step} of ${steps}${leftWords(left)}`;
  return `${guessing ? "First step" : "Starting TensorFlow"}, ${seconds} s so far`;
}

/** What happens, and what comes. */
export function statusWords(guessing) {
  return guessing ? "Training. At each step the networks see 64 more digits, and guess again."
    : "TensorFlow starts: that takes some seconds. Then each network guesses, untrained at first.";
}

/** The time to go, after a comma; "" if it is not known. */
export function leftWords(seconds) {
  return seconds === null ? "" : `, about ${Math.max(Math.ceil(seconds), 1)} s left`;
}
