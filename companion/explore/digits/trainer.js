// The part of an explorer that trains models in the background: a button to begin and stop, progress, time left.
import { button } from "../../widgets/controls.js";
import { element, statusLine } from "../../widgets/instrument.js";
import { asking } from "../parts/asking.js";
import { batchView } from "./batch.js";
import { clockWords, statusWords } from "./words.js";

const PATIENCE = 4000; // milliseconds without an answer of the kernel, after which that is explained
const REPORTED = ["running", "step", "steps", "left", "note", "guesses", "batch"];
const NOTHING = new DataView(new ArrayBuffer(0));

/** Controls for Python's DigitTraining, in `root`; Escape in it stops too. `label` is what the button says, `done()` the
 *  sentence when all is trained, "" before. onRunning(running, waiting) tells the explorer; `waiting` while no network has guessed
 *  yet and the batch is shown in place of what they say. Returns {root, batch, show, close}. */
export function trainer(root, { model, label, done, onRunning }) {
  let asked = false; // to train, and no answer so far
  let patience = 0;
  let begun = 0; // when the page saw it begin
  let ticking = 0; // the seconds until the first step
  const requests = asking(model);
  const push = button(label, toggle, "primary cc-train");
  const bar = element("progress", { class: "cc-progress", max: 1, "aria-label": "Progress of the training" });
  const clock = element("p", { class: "cc-quiet cc-clock" });
  const status = statusLine();
  const batch = batchView();
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
    const [running, step, steps, left, note, guesses, pictures] = REPORTED.map((name) => model.get(name));
    if (running) answered();
    const busy = running || asked;
    const guessing = Object.keys(guesses).length > 0;
    count(busy && step === 0);
    push.textContent = busy ? "Stop training" : label;
    bar.hidden = !busy;
    clock.hidden = !busy;
    if (step > 0) bar.value = step / steps;
    else bar.removeAttribute("value"); // not known yet
    clock.textContent = clockWords({ step, steps, left, guessing, seconds: Math.floor((Date.now() - begun) / 1000) });
    if (running) status.say(statusWords(guessing));
    else if (!asked) status.say(note || done(), note.startsWith("Stopped") ? "info" : note ? "bad" : "good");
    const waiting = running && !guessing && pictures.byteLength > 0;
    batch.show(waiting ? pictures : NOTHING);
    onRunning?.(busy, waiting);
  }

  /** Have the seconds shown while there is no step to count. */
  function count(on) {
    if (on && ticking === 0) {
      begun = Date.now();
      ticking = setInterval(show, 1000);
    } else if (!on) {
      clearInterval(ticking);
      ticking = 0;
    }
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
    batch: batch.root,
    show,
    close() {
      answered();
      count(false);
      batch.close();
      requests.close();
      for (const name of REPORTED) model.off(`change:${name}`, show);
    },
  };
}
