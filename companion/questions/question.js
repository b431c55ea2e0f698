// The view of every kind of question: `spec.kind` says which.

import { choiceAnswer, numberAnswer } from "./quiz.js";
import { choiceCheckpoint, numberCheckpoint } from "./lesson.js";
import { prediction, tally } from "./prediction.js";
import { selfTest } from "./self_test.js";

const VIEWS = {
  choice: choiceAnswer,
  number: numberAnswer,
  checkpoint: choiceCheckpoint,
  "checkpoint-number": numberCheckpoint,
  predict: prediction,
  tally,
  "self-test": selfTest,
};

/** Draw the question into `el`. Returns a function that lets go of it. */
function render({ model, el }) {
  return VIEWS[model.get("spec").kind](model, el);
}

export default { render };
