// The graded questions: what is chosen or typed is written into the cell's own source, which stays the one record.

import { describeOutcome, followSource, writeAnswer } from "../widgets/answer.js";
import { element, statusLine } from "../widgets/instrument.js";
import { numberBox, onEnter, optionList, questionFrame, quietButton } from "./controls.js";
import { readNumber } from "./number.js";

/** ask(): one or several of the options. */
export function choiceAnswer(model, el) {
  const { name, options, several, chosen, problem } = model.get("spec");
  const letters = options.map((option) => option.letter).join("");
  const root = questionFrame(el, {
    title: "Your answer", subtitle: several ? "Choose all that are right." : "Choose one.", tag: name,
  });
  const status = statusLine();
  const list = optionList({ labelledBy: root.getAttribute("aria-labelledby"), options, several, onChange: write });
  const clear = quietButton("Clear answer", () => {
    list.set("");
    list.focus();
    write("");
  });
  root.append(list.root, element("div", { class: "cc-footer" }, status.root, several ? null : clear));

  function show(picked, sentence, mood = "info") {
    list.set(picked);
    clear.hidden = picked === "";
    status.say(sentence, mood);
  }
  function write(picked) {
    const literal = `"${picked}"`;
    const outcome = writeAnswer(root, name, literal);
    show(picked, describeOutcome(outcome, name, literal), tone(outcome));
  }
  show(chosen, problem || summary(chosen), problem ? "bad" : "info");
  return followSource(root, name, (literal) => {
    const picked = readLetters(literal, letters, several);
    if (picked === null) show("", `The cell says ${name} = ${literal}, which is not an answer here. Choose one.`, "bad");
    else show(picked, summary(picked));
  });
}

/** How describeOutcome's sentence is shown: done, refused, or for the learner to do. */
function tone(outcome) {
  if (!outcome) return "todo";
  return outcome.written ? "good" : "bad";
}

function summary(picked) {
  return picked ? `The cell's answer: ${[...picked].join(", ")}` : "No answer yet.";
}

/** The letters that a Python literal names, in order; "" for no answer; null if it is no answer to this question. */
export function readLetters(literal, letters, several) {
  if (literal === "None") return "";
  const text = /^(["'])([A-Z]*)\1$/.exec(literal)?.[2];
  if (text === undefined || (text.length > 1 && !several)) return null;
  const picked = [...letters].filter((letter) => text.includes(letter)).join("");
  return picked.length === text.length ? picked : null;
}

/** ask_number(): a number with its unit. */
export function numberAnswer(model, el) {
  const { name, unit, literal: first, problem } = model.get("spec");
  const root = questionFrame(el, { title: "Your answer", tag: name });
  const status = statusLine();
  const box = numberBox({
    labelledBy: root.getAttribute("aria-labelledby"), unit, hint: "Type a number and press Enter.",
  });
  box.input.addEventListener("change", write);
  onEnter(box.input, write);
  root.append(box.root, element("div", { class: "cc-footer" }, status.root));
  let current = first; // what the cell says

  function show(literal, sentence, mood = "info") {
    box.input.value = literal === "None" ? "" : literal;
    box.tell("");
    status.say(sentence, mood);
  }
  function write() {
    const text = box.input.value;
    if (text === current) { // also an expression that the cell computes, which is not for readNumber
      box.tell("");
      return;
    }
    const { literal, note, problem: trouble } = readNumber(text, unit);
    if (trouble) {
      status.say(`Nothing was written. ${numberSummary(current)}`);
      box.tell(trouble, true);
      return;
    }
    if (literal === current) show(current, numberSummary(current));
    else {
      const outcome = writeAnswer(root, name, literal);
      show(literal, describeOutcome(outcome, name, literal), tone(outcome));
    }
    box.tell(note);
  }
  show(current, problem || numberSummary(current), problem ? "bad" : "info");
  const end = followSource(root, name, (literal) => {
    current = literal;
    show(literal, numberSummary(literal));
  });
  return () => {
    write(); // what is typed counts, although its cell ran again before it was entered
    end();
  };
}

function numberSummary(literal) {
  if (literal === "None") return "No answer yet.";
  if (readNumber(literal).problem) return "The cell computes this answer; a number typed here replaces it.";
  return `The cell's answer: ${literal}`;
}
