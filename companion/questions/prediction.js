// Predictions, and the tally of them. As of a checkpoint, what the learner did lives in the model's `state`; Python closes a
// prediction there when what it asks about has come.

import { tellProgress } from "../widgets/answer.js";
import { button } from "../widgets/controls.js";
import { element } from "../widgets/instrument.js";
import { onEnter, optionList, questionFrame, quietButton } from "./controls.js";
import { inline } from "./inline.js";
import { feedbackPanel, paragraph, stateOf } from "./lesson.js";

/** predict(). */
export function prediction(model, el) {
  const { question, options, then, right, came } = model.get("spec");
  const root = questionFrame(el, { kicker: "Predict first", title: question, subtitle: "Nothing is marked. Commit before you look." });
  const feedback = feedbackPanel();
  const list = optionList({
    labelledBy: root.getAttribute("aria-labelledby"), options, several: false,
    onChange: (picked) => update({ picked, locked: false }),
  });
  // Focus moves by hand, because the control that had it goes away.
  const lock = () => {
    if (model.get("state").locked) return;
    update({ picked: list.get(), locked: list.get() !== "", asked: true });
    if (list.get()) change.focus();
  };
  const change = quietButton("Change", () => {
    update({ picked: list.get(), locked: false });
    list.focus();
  });
  const look = quietButton("I have seen it: compare", () => {
    update({ ...model.get("state"), closed: true });
    list.focus();
  });
  const commit = button("That is my prediction", lock, "primary");
  onEnter(list.root, lock);
  root.append(list.root, feedback.root, element("div", { class: "cc-buttons" }, commit, change, look));

  const [update, stop] = stateOf(model, ({ picked = "", locked = false, closed = false, asked = false }) => {
    list.set(picked);
    list.lock(locked);
    list.mark(right, locked && closed ? "came" : "");
    commit.hidden = locked;
    change.hidden = look.hidden = !locked || closed;
    const said = closed ? compared(picked) : `Your prediction: ${picked}.`;
    tellProgress(root, locked, locked ? said : "", closed);
    if (locked && closed) compare(picked);
    else if (locked) feedback.say("chosen", said, paragraph(then));
    else feedback.say("hint", asked && !picked ? "Choose an option first." : "");
  });

  function compare(picked) {
    const { why } = options.find(({ letter }) => letter === picked);
    const reasons = [paragraph(came), ...(why ? [paragraph(`Why ${picked} tempts: ${why}`)] : [])];
    feedback.say("chosen", compared(picked), ...reasons);
  }
  function compared(picked) {
    return picked === right ? `You said ${picked}, and so it is.` : `You said ${picked}. It is ${right}.`;
  }
  return stop;
}

/** tally(). */
export function tally(model, el) {
  const root = questionFrame(el, { title: "Your predictions" });
  const said = element("p", { class: "cc-tally-said", role: "status" });
  const list = element("ul", { class: "cc-tally" });
  root.append(said, list);
  const [, stop] = stateOf(model, ({ rows = [] }) => {
    said.textContent = sentence(rows);
    list.replaceChildren(...rows.map((row) => element("li", { "data-came": String(row.came !== "") },
      element("span", { class: "cc-tally-mark" }, markOf(row)), element("span", {}, ...inline(row.question)))));
  });
  return stop;
}

/** How many predictions were made, and how many of them came. */
export function sentence(rows) {
  if (rows.length === 0) return "No prediction was shown yet in this session: run the page's cells.";
  const made = rows.filter(({ picked }) => picked);
  const closed = made.filter(({ came }) => came);
  const same = closed.filter(({ picked, came }) => picked === came);
  const open = made.length - closed.length;
  const parts = [`You made ${made.length} of ${rows.length} predictions`];
  if (closed.length) parts.push(`${same.length} of ${closed.length} came as you said`);
  if (open) parts.push(`${open} ${open === 1 ? "waits" : "wait"} for you to look`);
  return `${parts.join("; ")}.`;
}

/** What became of one prediction, in a few letters. */
export function markOf({ picked, came }) {
  if (!picked) return "not made";
  if (!came) return `${picked}, open`;
  return picked === came ? `${picked} ✓` : `${picked}, it is ${came}`;
}
