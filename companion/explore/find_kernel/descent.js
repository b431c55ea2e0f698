// The controls of gradient descent in FindKernel.
import { ticker } from "../../widgets/clock.js";
import { button, slider } from "../../widgets/controls.js";
import { element, statusLine } from "../../widgets/instrument.js";
import { counted } from "../../widgets/numbers.js";
import { limitWords, rateWords, verdictOf } from "./scene.js";

const CALM_RUN = 500; // steps of a run that is not animated
const RUN = "Run gradient descent";
const PACES = [1, 5, 20, 60, 300, 1200]; // steps a second
const USUAL_PACE = 3; // its index

/** Controls that run the `experiment` of scene.js; `presets` are the kernels that may be hidden. onChange() comes when they have changed the
 *  kernel, onStop() when that change is complete. Returns {root, forget(), isRunning()}: `forget` when the kernel is no longer what
 *  descent came to. */
export function descentControls({ experiment, presets, onChange, onStop }) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const rateLine = element("p", { class: "cc-quiet" });
  const status = statusLine();
  const rate = slider({
    label: "Learning rate", min: 0.1, max: 2.5, step: 0.1, value: 1, format: (relative) => rateWords(relative, experiment.problem),
  });
  const clock = ticker({
    pace: PACES[USUAL_PACE],
    onSteps(count) {
      take(count);
      if (verdictOf(experiment.trial)) stop();
    },
  });
  const speed = slider({
    label: "Speed", min: 0, max: PACES.length - 1, value: USUAL_PACE, onInput: (index) => clock.setPace(PACES[index]),
    format: (index) => `${counted(PACES[index], "step")} / s`,
  });
  const run = button(RUN, () => (clock.isRunning() ? stop() : start()), "primary cc-run");
  const single = button("Step", () => {
    if (verdictOf(experiment.trial)) return;
    take(1);
    stop();
  });

  function take(count) {
    experiment.run(count, Number(rate.input.value) / experiment.problem.steepest);
    onChange();
  }
  function start() {
    experiment.begin();
    onChange();
    status.say("");
    if (calm) {
      take(CALM_RUN);
      stop();
      return;
    }
    run.textContent = "Pause";
    clock.start();
  }
  function halt() {
    clock.stop();
    run.textContent = RUN;
  }
  function stop() {
    halt();
    const { text, tone } = verdictOf(experiment.trial) ?? { text: `${counted(experiment.trial.taken, "step")} so far.`, tone: "info" };
    status.say(text, tone);
    onStop();
  }
  function forget() {
    halt();
    status.say("");
  }
  function reset() {
    forget();
    experiment.clear();
    onChange();
    onStop();
  }
  function another() {
    const others = presets.filter(({ name }) => name !== experiment.hidden);
    experiment.hide(others[Math.floor(Math.random() * others.length)]);
    show();
    reset();
  }
  function show() {
    rate.set(Number(rate.input.value));
    rateLine.textContent = limitWords(experiment.problem);
  }

  const buttons = element("div", { class: "cc-buttons" }, run, single, button("Reset", reset),
    presets.length > 1 ? button("New hidden target", another) : null);
  const root = element("section", { class: "cc-descent", "aria-label": "Gradient descent" },
    element("div", { class: "cc-bar" }, buttons, rate.root, calm ? null : speed.root),
    element("p", { class: "cc-quiet" }, "Each step moves every weight against its slope: weight − learning rate × gradient."),
    rateLine, status.root);
  show();
  return { root, forget, isRunning: clock.isRunning };
}
