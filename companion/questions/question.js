// The view of every kind of question: `spec.kind` says which.

import { choiceAnswer, numberAnswer } from "./quiz.js";
import { choiceCheckpoint, numberCheckpoint, prediction } from "./lesson.js";
import { selfTest } from "./self_test.js";

const VIEWS = {
  choice: choiceAnswer,
  number: numberAnswer,
  checkpoint: choiceCheckpoint,
  "checkpoint-number": numberCheckpoint,
  predict: prediction,
  "self-test": selfTest,
};

/** Draw the question into `el`. Returns a function that lets go of it. */
function render({ model, el }) {
  return VIEWS[model.get("spec").kind](model, el);
}

export default { render };
