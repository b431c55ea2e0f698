// The controls that every explorer is built from: sliders, drop-downs, buttons, boxes, grids of numbers.
import { element, statusLine, uniqueId } from "./instrument.js";
import { formatNumber } from "./numbers.js";
import { cellInWords } from "./pictures.js";
import { roving } from "./roving.js";

/** A labelled slider with its value shown. `format(value)` writes it, as the number and its `unit` if there is none; a screen
 *  reader says the same. set(value) also writes anew what `format` makes of it.
 *  @param {{label: string, min: number, max: number, step?: number, value: number, unit?: string,
 *    format?: (value: number) => string, onInput?: (value: number) => void}} options
 *  @returns {{root: HTMLElement, input: HTMLInputElement, set(value: number): void}} */
export function slider({ label, min, max, step = 1, value, unit = "", format, onInput }) {
  const input = element("input", { type: "range", min, max, step, value, id: uniqueId("slider"), "data-lm-suppress-shortcuts": "true" });
  const output = element("output", { class: "cc-value", for: input.id, "aria-live": "off" }); // the slider says it itself
  const write = format ?? ((number) => (unit ? `${number} ${unit}` : String(number)));
  const show = () => {
    output.textContent = write(Number(input.value));
    if (output.textContent === input.value) input.removeAttribute("aria-valuetext");
    else input.setAttribute("aria-valuetext", output.textContent);
  };
  input.addEventListener("input", () => { show(); onInput?.(Number(input.value)); });
  show();
  const root = element("div", { class: "cc-control" }, element("label", { for: input.id }, label), input, output);
  return { root, input, set(next) { input.value = next; show(); } };
}

/** A labelled drop-down. `options` are strings or [value, text] pairs.
 *  @returns {{root: HTMLElement, input: HTMLSelectElement, set(value: string | number): void}} */
export function dropdown({ label, options, value, onInput }) {
  const input = element("select", { id: uniqueId("select"), "data-lm-suppress-shortcuts": "true" });
  for (const option of options) {
    const [key, text] = Array.isArray(option) ? option : [option, option];
    input.append(element("option", { value: key }, text));
  }
  input.value = value;
  input.addEventListener("change", () => onInput?.(input.value));
  const root = element("div", { class: "cc-control" }, element("label", { for: input.id }, label), input);
  return { root, input, set(next) { input.value = next; } };
}

/** A few options of which one holds, as labelled radio buttons in a row. `options` are [value, text] pairs.
 *  @returns {{root: HTMLElement, set(value: string): void}} */
export function radios({ label, options, value, onInput }) {
  const name = uniqueId("radios");
  const inputs = options.map(([key]) => {
    const input = element("input", { type: "radio", name, value: key, id: uniqueId("radio"), "data-lm-suppress-shortcuts": "true" });
    input.addEventListener("change", () => onInput?.(key));
    return input;
  });
  const root = element("fieldset", { class: "cc-radios" }, element("legend", {}, label),
    ...inputs.map((input, index) => element("label", { for: input.id }, input, options[index][1])));
  const set = (next) => inputs.forEach((input) => { input.checked = input.value === String(next); });
  set(value);
  return { root, set };
}

/** A push button; `kind` is "" or "primary".
 *  @returns {HTMLButtonElement} */
export function button(text, onClick, kind = "") {
  return element("button", { type: "button", class: `cc-button ${kind}`.trim(), onclick: onClick, "data-lm-suppress-shortcuts": "true" }, text);
}

/** A check box with its label.
 *  @returns {{root: HTMLElement, input: HTMLInputElement, set(value: boolean): void}} */
export function checkbox({ label, value, onInput }) {
  const input = element("input", { type: "checkbox", id: uniqueId("check"), "data-lm-suppress-shortcuts": "true" });
  input.checked = value;
  input.addEventListener("change", () => onInput?.(input.checked));
  const root = element("div", { class: "cc-control cc-check" }, input, element("label", { for: input.id }, label));
  return { root, input, set(next) { input.checked = next; } };
}

/** What is wrong with a typed number, or "" if nothing is. */
function numberProblem(text) {
  const trimmed = text.trim();
  if (trimmed === "") return "This cell is empty: type a number.";
  if (/^[-+]?\d*,\d+$/.test(trimmed)) {
    return `“${trimmed}” has a comma: write the decimal point as a point, ${trimmed.replace(",", ".")}.`;
  }
  return Number.isFinite(Number(trimmed)) ? "" : `“${trimmed}” is not a number.`;
}

/** A grid of editable numbers, one tab stop. Rows and columns count from 0, as everywhere; so it is a group, not a "grid", whose cells
 *  screen readers count from 1. Arrow keys go from cell to cell, Enter accepts, an entry that is
 *  no number is marked and named in the message below the grid; the value from before the editing then counts.
 *  onInput(values) gets a fresh array of the numbers, row by row; `cells` are their boxes.
 *  @returns {{root: HTMLElement, cells: HTMLInputElement[], set(values: ArrayLike<number>): void}} */
export function numberGrid({ label, columns, values, onInput, readOnly = false }) {
  const current = Array.from(values);
  const placeOf = (index) => [Math.floor(index / columns), index % columns];
  let before = 0; // the value of the cell in focus when its editing began
  const problem = statusLine();
  const grid = element("div", { class: "cc-grid", role: "group", "aria-label": `${label}. Arrow keys go from number to number.` });
  grid.style.setProperty("--columns", columns);
  const inputs = current.map((value, index) => {
    const input = element("input", {
      type: "text", inputmode: "decimal", class: "cc-cell", autocomplete: "off", readonly: readOnly,
      "aria-label": `${label}, ${cellInWords(...placeOf(index))}`, "data-lm-suppress-shortcuts": "true",
    });
    input.value = formatNumber(value);
    input.addEventListener("input", () => accept(index));
    const begin = () => { before = current[index]; };
    input.addEventListener("change", begin);
    input.addEventListener("focus", () => { begin(); input.select(); });
    grid.append(input);
    return input;
  });
  roving(inputs, { columns });
  function accept(index) {
    const trouble = numberProblem(inputs[index].value);
    inputs[index].setAttribute("aria-invalid", trouble !== "");
    if (trouble) {
      const [row, column] = placeOf(index);
      problem.say(`Row ${row}, column ${column}: ${trouble} The value from before, ${formatNumber(before)}, stays in use.`, "bad");
    } else if (inputs.every((input) => numberProblem(input.value) === "")) problem.say("");
    current[index] = trouble ? before : Number(inputs[index].value);
    onInput?.(current.slice());
  }
  const root = element("div", { class: "cc-grid-box" }, grid, problem.root);
  return {
    root,
    cells: inputs,
    set(next) {
      Array.from(next).forEach((value, index) => {
        // A text that is being typed stays as long as its number does: "-" or "1." is not done yet.
        if (value === current[index] && inputs[index].matches(":focus")) return;
        current[index] = value;
        inputs[index].value = formatNumber(value);
        inputs[index].setAttribute("aria-invalid", false);
      });
      if (inputs.every((input) => numberProblem(input.value) === "")) problem.say("");
    },
  };
}
