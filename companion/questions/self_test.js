// A self-test: small questions one after the other, and a summary of what to revise.

import { tellProgress } from "../widgets/answer.js";
import { button } from "../widgets/controls.js";
import { element, uniqueId } from "../widgets/instrument.js";
import { onEnter, optionList, questionFrame } from "./controls.js";
import { feedbackPanel, stateOf } from "./lesson.js";
import { inline } from "./inline.js";

const UNKNOWN = "?"; // the letter of "I don't know"

/** self_test(). */
export function selfTest(model, el) {
  const { question, items } = model.get("spec");
  const root = questionFrame(el, {
    kicker: "Self-test", title: question, subtitle: "Nothing is marked. Be honest with yourself: “I don't know” is a good answer here.",
  });
  const feedback = feedbackPanel();
  const lists = items.map(({ question: asked, options }, index) => {
    const text = element("p", { class: "cc-item-question", id: uniqueId("item") }, `${index + 1}. `, ...inline(asked));
    const list = optionList({
      labelledBy: text.id, options: [...options, { letter: UNKNOWN, text: "I don't know" }], several: false,
      onChange: () => update({ picked: picked(), summed: false }),
    });
    root.append(element("div", { class: "cc-item" }, text, list.root));
    return list;
  });
  const picked = () => lists.map((list) => list.get());
  const sum = () => update({ picked: picked(), summed: true });
  onEnter(root, sum);
  root.append(element("div", { class: "cc-buttons" }, button("What should I revise?", sum, "primary")), feedback.root);

  const [update, stop] = stateOf(model, ({ picked: letters = [], summed = false }) => {
    lists.forEach((list, index) => list.set(letters[index] || "-"));
    const open = items.filter((_, index) => !letters[index]).length;
    const known = items.filter(({ right }, index) => letters[index] === right).length;
    tellProgress(root, summed && open === 0, summed && open === 0 ? `${known} of ${items.length} right.` : "");
    if (!summed) return feedback.say("");
    if (open > 0) return feedback.say("hint", `${open === 1 ? "One question is" : `${open} questions are`} still open.`);
    const weak = items.filter(({ right }, index) => letters[index] !== right);
    if (weak.length === 0) return feedback.say("right", `All ${items.length} right. You have what this course builds on.`);
    const topics = element("dl", { class: "cc-revise" }, ...weak.flatMap(({ topic, revise }) => [
      element("dt", {}, topic), element("dd", {}, ...inline(revise)),
    ]));
    return feedback.say("hint", `${items.length - weak.length} of ${items.length} right. Before you go on, revise:`, topics);
  });
  return stop;
}
