// The part of an explorer that trains models in the background: a button to begin and stop, progress, time left.
import { button } from "../../widgets/controls.js";
import { element, statusLine } from "../../widgets/instrument.js";
import { asking } from "../parts/asking.js";

const PATIENCE = 4000; // milliseconds without an answer of the kernel, after which that is explained
const REPORTED = ["running", "step", "steps", "left", "note"];

/** Controls for Python's DigitTraining, in `root`; Escape in it stops too. `label` is what the button says, `done()` the
 *  sentence when all is trained, "" before. `onRunning(running)` tells the explorer. Returns {root, show, close}. */
export function trainer(root, { model, label, done, onRunning }) {
  let asked = false; // to train, and no answer so far
  let patience = 0;
  const requests = asking(model);
  const push = button(label, toggle, "primary cc-train");
  const bar = element("progress", { class: "cc-progress", max: 1, "aria-label": "Progress of the training" });
  const clock = element("p", { class: "cc-quiet cc-clock" });
  const status = statusLine();
  const group = element("div", { class: "cc-trainer" }, push, bar, clock);

  function toggle() {
    if (asked || model.get("running")) {
      requests.ask("stop");
      answered();
    } else {
      requests.ask("train");
      asked = true;
      patience = setTimeout(() => status.say("No answer from the kernel so far. If it runs another cell, training begins "
        + "after that; if it was restarted, run this cell again."), PATIENCE);
    }
    show();
  }

  function answered() {
    asked = false;
    clearTimeout(patience);
  }

  function show() {
    const [running, step, steps, left, note] = REPORTED.map((name) => model.get(name));
    if (running) answered();
    const busy = running || asked;
    push.textContent = busy ? "Stop training" : label;
    bar.hidden = !busy;
    clock.hidden = !busy;
    if (step > 0) bar.value = step / steps;
    else bar.removeAttribute("value"); // not known yet
    clock.textContent = step > 0 ? `Step ${step} of ${steps}${timeLeft(left)}` : "Starting TensorFlow";
    if (running) status.say("Training.");
    else if (!asked) status.say(note || done(), note.startsWith("Stopped") ? "info" : note ? "bad" : "good");
    onRunning?.(busy);
  }

  function onKey(event) {
    if (event.key !== "Escape" || !(asked || model.get("running"))) return;
    event.preventDefault();
    event.stopPropagation();
    toggle();
  }

  root.addEventListener("keydown", onKey);
  for (const name of REPORTED) model.on(`change:${name}`, show);
  return {
    root: element("div", {}, group, status.root),
    show,
    close() {
      answered();
      requests.close();
      for (const name of REPORTED) model.off(`change:${name}`, show);
    },
  };
}

function timeLeft(seconds) {
  if (seconds === null) return "";
  return `, about ${Math.max(Math.ceil(seconds), 1)} s left`;
}
