// The view of every kind of question: `spec.kind` says which.

import { choiceAnswer, numberAnswer } from "./quiz.js";
import { choiceCheckpoint, numberCheckpoint, prediction } from "./lesson.js";

const VIEWS = {
  choice: choiceAnswer,
  number: numberAnswer,
  checkpoint: choiceCheckpoint,
  "checkpoint-number": numberCheckpoint,
  predict: prediction,
};

/** Draw the question into `el`. Returns a function that lets go of it. */
function render({ model, el }) {
  return VIEWS[model.get("spec").kind](model, el);
}

export default { render };
