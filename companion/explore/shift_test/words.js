// What the shift test says of a digit and of the models' answers (scene.js). No DOM in here.
import { percent } from "../../widgets/numbers.js";
import { MODELS } from "./scene.js";

/** What stands where the answers will be, before there are models. */
export const UNTRAINED = "Their answers show when they are trained. That takes some seconds.";

/** What stands below the digit. */
export function caption({ label, row, column, lost }) {
  const outside = Math.round(100 * lost);
  return `${label === null ? "Your digit" : `A ${label}`}, ${shiftWords(row, column)}${outside > 0 ? `; ${outside} % of its ink is outside` : ""}`;
}

/** What each model says; null for one that says nothing yet. */
export function answerWords(answers, label) {
  const words = answers.flatMap((answer, index) => (answer ? [oneAnswer(answer, MODELS[index].name, label)] : [])).join("; ");
  return words && `${words[0].toUpperCase()}${words.slice(1)}.`;
}

function oneAnswer({ probabilities, best }, name, label) {
  return `the ${name} says ${best}, ${verdict(best, label)}with ${percent(probabilities[best])}`;
}

function verdict(best, label) {
  if (label === null) return "";
  return best === label ? "right, " : "wrong, ";
}

/** What the learner may try, or has found: `found` is what `fooled` of scene.js gives. */
export function challengeWords({ label, row, column }, found) {
  if (found === null) return "A challenge: find a digit and a shift that fool the CNN, too, with all of the ink inside.";
  const what = label === null ? "Your digit" : `This ${label}`;
  return `You fooled the CNN! ${what}, ${shiftWords(row, column)}, it takes for a ${found.says}. In the middle it says ${found.home}.`;
}

function shiftWords(row, column) {
  const parts = [[row, row > 0 ? "down" : "up"], [column, column > 0 ? "right" : "left"]].filter(([pixels]) => pixels !== 0);
  if (parts.length === 0) return "not shifted";
  return `shifted ${parts.map(([pixels, way]) => `${Math.abs(Number(pixels))} ${way}`).join(" and ")}`;
}
