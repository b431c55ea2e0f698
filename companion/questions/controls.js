// What the kinds of questions are put together from.

import { button } from "../widgets/controls.js";
import { element, instrument, uniqueId } from "../widgets/instrument.js";
import { inline } from "./inline.js";

/** The frame of a question. `kicker` is a word or two above the title; `tag` a variable's name beside it. */
export function questionFrame(el, { kicker = "", title, subtitle = "", tag = "" }) {
  const root = instrument(el, title, subtitle);
  root.classList.add("cc-question");
  root.querySelector(".cc-title").replaceChildren(...inline(title));
  const header = root.querySelector(".cc-header");
  if (kicker) header.prepend(element("p", { class: "cc-kicker" }, kicker));
  if (tag) {
    const name = element("code", { class: "cc-tag", id: uniqueId("tag") }, tag);
    header.append(name);
    root.setAttribute("aria-labelledby", `${root.getAttribute("aria-labelledby")} ${name.id}`); // a page has many "Your answer"
  }
  return root;
}

/** Lettered options to choose from: radio buttons, or check boxes if `several`.
 *  onChange(letters) gets the chosen letters in order, e.g. "AC". Returns {root, get(), set(letters), mark(letter, mark),
 *  lock(locked), focus()}. */
export function optionList({ labelledBy, options, several, onChange }) {
  const group = uniqueId("options");
  const rows = options.map(({ letter, text }) => optionRow(letter, text, several, group));
  const get = () => rows.filter((row) => row.input.checked).map((row) => row.letter).join("");
  for (const row of rows) row.input.addEventListener("change", () => onChange(get()));
  return {
    root: element(
      "div", { class: "cc-options", role: several ? "group" : "radiogroup", "aria-labelledby": labelledBy },
      ...rows.map((row) => row.root),
    ),
    get,
    set(letters) { for (const row of rows) row.input.checked = letters.includes(row.letter); },
    mark(letter, mark) { rows.find((row) => row.letter === letter).mark(mark); },
    // The chosen one stays as it is, so that it can still be focused and read.
    lock(locked) { for (const row of rows) row.input.disabled = locked && !row.input.checked; },
    focus() { (rows.find((row) => row.input.checked) ?? rows[0]).input.focus(); },
  };
}

const MARKS = { right: "✓ right", wrong: "✗ not yet", came: "what came", "": "" };

function optionRow(letter, text, several, group) {
  const input = element("input", {
    type: several ? "checkbox" : "radio", name: group, value: letter, "data-lm-suppress-shortcuts": "true",
  });
  const mark = element("span", { class: "cc-mark" });
  const root = element(
    "label", { class: "cc-option" }, input, element("span", { class: "cc-letter" }, letter),
    element("span", { class: "cc-option-text" }, ...inline(text)), mark,
  );
  return {
    letter, input, root,
    mark(kind) {
      mark.textContent = MARKS[kind];
      root.dataset.mark = kind;
    },
  };
}

/** A box to type a number into, with its label, its unit and a hint below. Returns {root, row, input, tell(text, bad)}: tell
 *  puts a message in place of the hint, and marks the entry if it is bad; tell("") shows the hint again. */
export function numberBox({ labelledBy, unit, hint }) {
  const below = element("p", { class: "cc-hint", id: uniqueId("hint"), "aria-live": "polite" }, hint);
  const [id, labelId] = [uniqueId("number"), uniqueId("label")];
  const label = element("label", { for: id, id: labelId }, "Your number");
  const unitText = element("span", { class: "cc-unit", id: uniqueId("unit") }, unit);
  const input = element("input", {
    id, type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false", class: "cc-number",
    "aria-labelledby": [labelledBy, labelId, ...(unit ? [unitText.id] : [])].join(" "), "aria-describedby": below.id,
    "data-lm-suppress-shortcuts": "true",
  });
  const row = element("div", { class: "cc-number-row" }, label, input, unitText);
  return {
    root: element("div", { class: "cc-number-box" }, row, below),
    row,
    input,
    tell(text, bad = false) {
      below.textContent = text || hint;
      below.dataset.tone = bad ? "bad" : "info";
      input.setAttribute("aria-invalid", bad);
    },
  };
}

/** Enter, alone, anywhere in `root` does `action`. */
export function onEnter(root, action) {
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  });
}

/** A button that does not ask for attention. */
export function quietButton(text, onClick) {
  return button(text, onClick, "cc-quiet-button");
}
