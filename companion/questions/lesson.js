// The checkpoints of a lesson. What the learner did lives in the model's `state`, so that every view of a
// question, and the page after a reload, shows the same.

import { tellProgress } from "../widgets/answer.js";
import { button } from "../widgets/controls.js";
import { element } from "../widgets/instrument.js";
import { numberBox, onEnter, optionList, questionFrame } from "./controls.js";
import { inline } from "./inline.js";
import { readNumber } from "./number.js";

/** Call `show(state)` now and whenever the state changes. Returns [update(state), stop()]. */
export function stateOf(model, show) {
  const refresh = () => show(model.get("state"));
  model.on("change:state", refresh);
  refresh();
  const update = (state) => {
    model.set("state", state);
    model.save_changes();
  };
  return [update, () => model.off("change:state", refresh)];
}

/** A panel that screen readers speak when its content changes. Returns {root, say(kind, heading, ...lines)}. */
export function feedbackPanel() {
  const root = element("div", { class: "cc-feedback", role: "status", "aria-live": "polite" });
  return {
    root,
    say(kind, heading = "", ...content) {
      root.dataset.mark = kind;
      root.replaceChildren(...(heading ? [element("p", { class: "cc-verdict" }, heading)] : []), ...content);
    },
  };
}

/** A paragraph with the marks that a text may carry. */
export const paragraph = (text) => element("p", {}, ...inline(text));

/** The explanations of `options`, a lettered list. */
function explanations(options) {
  return element("dl", { class: "cc-explanations" }, ...options.flatMap(({ letter, why }) => [
    element("dt", {}, letter), element("dd", {}, ...inline(why)),
  ]));
}

const HINT_AFTER = 2; // misses
const ANSWER_AFTER = 3;

/** What helps who has missed a question so often: the hint, then the answer, to be opened. */
function help(misses, hint, answer) {
  return [
    ...(misses >= HINT_AFTER && hint ? [paragraph(`*A hint:* ${hint}`)] : []),
    ...(misses >= ANSWER_AFTER ? [unfolding("Show the answer", answer())] : []),
  ];
}

function unfolding(title, content) {
  return element("details", {}, element("summary", { "data-lm-suppress-shortcuts": "true" }, title), content);
}

/** checkpoint() with options. */
export function choiceCheckpoint(model, el) {
  const { question, options, several, right, hint } = model.get("spec");
  const root = questionFrame(el, {
    kicker: "Checkpoint", title: question, subtitle: several ? "Choose all that are right." : "Choose one.",
  });
  const feedback = feedbackPanel();
  const list = optionList({
    labelledBy: root.getAttribute("aria-labelledby"), options, several,
    onChange: (picked) => update({ ...model.get("state"), picked, checked: false }),
  });
  const check = () => {
    const { checked = false, misses = 0 } = model.get("state");
    const picked = list.get();
    const isMissed = !checked && picked !== "" && picked !== right;
    update({ picked, checked: true, misses: misses + Number(isMissed) });
  };
  onEnter(list.root, check);
  root.append(list.root, element("div", { class: "cc-buttons" }, button("Check", check, "primary")), feedback.root);

  const [update, stop] = stateOf(model, ({ picked = "", checked = false, misses = 0 }) => {
    list.set(picked);
    tellProgress(root, checked && picked === right, checked && picked ? `${picked === right ? "Right" : "Not yet"}: ${[...picked].join(", ")}.` : "");
    for (const { letter } of options) {
      const shown = checked && picked.includes(letter);
      list.mark(letter, shown ? (right.includes(letter) ? "right" : "wrong") : "");
    }
    if (!checked) feedback.say("");
    else if (!picked) feedback.say("hint", "Choose an option first.");
    else judge(picked, misses);
  });

  function judge(picked, misses) {
    const chosen = options.filter((option) => picked.includes(option.letter));
    const others = options.filter((option) => !picked.includes(option.letter));
    const reasons = several ? explanations(chosen) : paragraph(chosen[0].why);
    if (picked === right) {
      const rest = others.length > 0 ? [unfolding(several ? "Why not the others?" : "And the others?", explanations(others))] : [];
      feedback.say("right", "Right.", reasons, ...rest);
    } else {
      const missing = several && chosen.every((option) => right.includes(option.letter));
      feedback.say("wrong", missing ? "Not yet: right so far, and something is missing." : "Not yet. Try again.", reasons,
        ...help(misses, hint, () => explanations(options.filter(({ letter }) => right.includes(letter)))));
    }
  }
  return stop;
}

const THOUSANDS = /^\d{1,3}(?:\.\d{3})+$/; // as they are written in many languages

/** What is said of a number whose points were perhaps meant to part thousands; "" of others. */
function misreading(typed, value) {
  return THOUSANDS.test(typed) ? `“${typed}” is read with a decimal point, as ${value}. Write thousands without a point.` : "";
}

/** checkpoint() with a number. */
export function numberCheckpoint(model, el) {
  const { question, unit, right, tolerance, wrong, why, hint } = model.get("spec");
  const root = questionFrame(el, { kicker: "Checkpoint", title: question });
  const feedback = feedbackPanel();
  const box = numberBox({
    labelledBy: root.getAttribute("aria-labelledby"), unit, hint: "Type a number and press Enter.",
  });
  const check = () => {
    const typed = box.input.value;
    const { literal, problem } = readNumber(typed, unit); // no Python is written here that its note would be about
    const blank = literal === "None";
    box.tell(problem ?? (blank ? "Type a number first." : ""), Boolean(problem) || blank);
    const { value: before = null, misses = 0 } = model.get("state");
    const value = problem || blank ? null : Number(literal);
    const isMissed = value !== null && value !== before && Math.abs(value - right) > tolerance;
    update({ typed, value, misses: misses + Number(isMissed) });
  };
  onEnter(box.input, check);
  box.row.append(button("Check", check, "primary"));
  root.append(box.root, feedback.root);

  const [update, stop] = stateOf(model, ({ typed = "", value = null, misses = 0 }) => {
    box.input.value = typed;
    const isRight = value !== null && Math.abs(value - right) <= tolerance;
    tellProgress(root, isRight, value === null ? "" : `${isRight ? "Right" : "Not yet"}: ${[typed.trim(), unit].filter(Boolean).join(" ")}.`);
    if (value === null) return feedback.say("");
    if (isRight) return feedback.say("right", "Right.", paragraph(why));
    const known = wrong.find((mistake) => mistake.value === value);
    const reason = known?.why ?? misreading(typed.trim(), value);
    return feedback.say("wrong", "Not yet. Try again.", ...(reason ? [paragraph(reason)] : []), ...help(misses, hint, () => paragraph(why)));
  });
  return stop;
}
