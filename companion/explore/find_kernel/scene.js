// What FindKernel shows of a kernel that is tried, and what a run of gradient descent comes to. No DOM in here:
// tests/explore/test_find_kernel_js.py runs it in node.
import { bracketed, cellText, fixed, formatCount, rounded, significant } from "../../widgets/numbers.js";
import { conv2d, windowPixels } from "../maths/conv2d.js";
import { curvature, evaluate, meanSquaredError, step } from "../maths/descent.js";

const MATCHED = 1e-6; // share of an all-zero kernel's loss below which two maps look the same
const ROUNDING = 1e-12; // a smaller loss is rounding error
const DIVERGED = 1e6; // share above which a descent is given up
const LONGEST_RUN = 20000; // steps

/** What is to be found: `problem` as maths/descent.js takes it, with the map's size, the loss of an all-zero kernel as `reference`
 *  and the largest curvature of the loss, `steepest`. */
export function problemOf({ picture, height, width, size, padding, target }) {
  const problem = {
    picture, height, width, size, target, options: { padding, stride: 1, dilation: 1 },
    mapHeight: height + 2 * padding - size + 1, mapWidth: width + 2 * padding - size + 1,
  };
  return {
    ...problem,
    reference: Math.max(meanSquaredError(new Float64Array(target.length), target), 1e-12),
    steepest: Math.max(curvature(problem), 1e-12),
  };
}

/** The same problem with the map of another kernel as its target. */
function withTarget(problem, kernel) {
  const { picture, height, width, size, options } = problem;
  const target = conv2d(picture, height, width, kernel, size, options).values;
  return problemOf({ picture, height, width, size, padding: options.padding, target });
}

/** A kernel that is tried: {kernel, taken, map, error, loss, gradient, share, isMatched}; `taken` are the steps of descent that led to it,
 *  `share` its loss in shares of an all-zero kernel's. */
export function trialOf(problem, values, taken = 0) {
  const kernel = Float64Array.from(values);
  const result = evaluate(problem, kernel);
  const share = result.loss / problem.reference;
  return { kernel, taken, ...result, share, isMatched: share < MATCHED };
}

/** The trial after one step of gradient descent at `rate`. */
function stepped(problem, { kernel, gradient, taken }, rate) {
  return trialOf(problem, step(kernel, gradient, rate), taken + 1);
}

/** How a run ended, as {text, tone}; null while it goes on. */
export function verdictOf({ taken, share, isMatched }) {
  if (isMatched) return { text: `Found after ${formatCount(taken)} steps.`, tone: "good" };
  if (!(share < DIVERGED)) return { text: "Diverged: the learning rate is too large. Lower it, then reset.", tone: "bad" };
  if (taken >= LONGEST_RUN) return { text: `Stopped after ${formatCount(taken)} steps; run on if you like.`, tone: "info" };
  return null;
}

/** What is to be found, the kernel that is tried, and the losses of all that were. `hidden` is the name of the kernel that is looked for, if
 *  it has one. Its methods change it: `take` a kernel, `clear` all and take zeros, `hide` another kernel, `begin` a run of descent, and `run` for so
 *  many steps, or until there is a verdict. */
export function experimentOf(problem, hidden, values) {
  const experiment = {
    problem, hidden, trial: trialOf(problem, values),
    /** @type {number[]} */
    losses: [],
    take(kernel, taken = 0) {
      experiment.trial = trialOf(experiment.problem, kernel, taken);
      experiment.losses.push(experiment.trial.loss);
    },
    clear() {
      experiment.losses = [];
      experiment.take(new Float64Array(problem.size ** 2));
    },
    hide({ name, kernels }) {
      experiment.hidden = name;
      experiment.problem = withTarget(experiment.problem, kernels[problem.size]);
      experiment.clear();
    },
    begin() {
      if (experiment.trial.isMatched) experiment.clear();
      if (experiment.trial.taken >= LONGEST_RUN) experiment.trial = { ...experiment.trial, taken: 0 };
    },
    run(steps, rate) {
      for (let left = steps; left > 0 && !verdictOf(experiment.trial); left -= 1) {
        experiment.trial = stepped(experiment.problem, experiment.trial, rate);
        experiment.losses.push(experiment.trial.loss);
      }
    },
  };
  experiment.losses.push(experiment.trial.loss);
  return experiment;
}

// ---------------------------------------------------------------------------------------------- words

export function lossWords(loss) {
  if (!Number.isFinite(loss)) return "too large to compute";
  if (loss < ROUNDING) return "0";
  return loss >= 1e-3 && loss < 1e6 ? significant(loss) : loss.toExponential(2).replace("e+", "e").replace("-", "−");
}

export function shareWords(share) {
  const compared = share > 100 ? `${formatCount(share)} times` : `${rounded(100 * share, share < 0.01 ? 3 : 1)} % of`;
  return `${compared} the loss of an all-zero kernel`;
}

/** What is said of a kernel that is found; "" of another. `hidden` is its name, if it has one. */
export function foundWords({ isMatched }, hidden) {
  if (!isMatched) return "";
  return `Found. Your map is the target map${hidden ? `: the hidden kernel is “${hidden}”` : ""}.`;
}

/** The sum that made one pixel of the map, and what the target's is; `probe` is [row, column] or null. */
export function probeWords(problem, { kernel, map }, probe) {
  if (probe === null) return "Click a pixel of a map to see the sum that made it.";
  const { picture, height, width, size, options, mapWidth, target } = problem;
  const [row, column] = probe;
  const patch = windowPixels(picture, height, width, size, options, row, column, new Float64Array(size * size));
  const terms = Array.from(patch, (pixel, tap) => `${cellText(pixel)}·${bracketed(kernel[tap])}`).join(" + ");
  const at = row * mapWidth + column;
  return `Row ${row}, column ${column}: ${terms} = ${cellText(map[at])}; the target is ${cellText(target[at])}.`;
}

/** A learning rate given in units of 1 / curvature. */
export function rateWords(relative, { steepest }) {
  return significant(relative / steepest, 3);
}

export function limitWords(problem) {
  return `Above ${rateWords(2, problem)} each step lands higher on the other side, and the loss grows.`;
}

// ---------------------------------------------------------------------------------------------- chart

/** The losses, one after each change of the kernel, on a logarithmic scale; what is far below the reference stands at the bottom. */
export function lossChart(losses, { reference }) {
  const floor = 1e-9 * reference;
  const powers = losses.map((loss) => Math.log10(Number.isFinite(loss) ? Math.max(loss, floor) : 1e12));
  const high = Math.ceil(powers.reduce((most, power) => Math.max(most, power), Math.log10(floor)) + 0.01);
  const low = Math.min(Math.floor(powers.reduce((least, power) => Math.min(least, power), high)), high - 2);
  const last = Math.max(losses.length - 1, 10);
  const every = Math.ceil((high - low) / 5);
  return {
    lines: [{ points: powers.map((power, index) => [index, power]), ink: "accent" }],
    x: { label: "changes of the kernel", low: 0, high: last, ticks: [0, last], text: String },
    y: {
      label: "", low, high, text: powerWords,
      ticks: Array.from({ length: Math.floor((high - low) / every) + 1 }, (_, index) => high - index * every),
    },
  };
}

function powerWords(power) {
  return power >= -3 && power <= 3 ? fixed(10 ** power, Math.max(-power, 0)) : `1e${power}`.replace("-", "−");
}
