// The table of a stack of layers: edit, add, remove and reorder them, and read off what each makes of its input.
import { button } from "../../widgets/controls.js";
import { element, scrollBox, statusLine } from "../../widgets/instrument.js";

const PARTS = ["kernel", "stride", "dilation", "padding"];
const ADDED = [3, 1, 1, 1];

/** `ranges` are what the parts of a layer, and the number of `layers`, may be. onChange(layers) gets a fresh list of
 *  [kernel, stride, dilation, padding].
 *  Returns {root, set(layers), show(levels, layers, failed)}. */
export function layerTable({ ranges, onChange }) {
  let layers = [];
  let rows = [];
  let before = 0; // the number in focus when its editing began
  const body = element("tbody");
  const heads = ["Layer", "Kernel", "Stride", "Dilation", "Padding", "Output", "Receptive field", "Jump", ""];
  const titles = heads.map((text) => element("th", { scope: "col" }, text));
  titles[titles.length - 1].append(element("span", { class: "cc-unseen" }, "Order"));
  const head = element("tr", {}, ...titles);
  const table = element("table", { class: "cc-numbers cc-rf-table" }, element("thead", {}, head), body);
  const problem = statusLine();
  const add = button("Add a layer", () => { change([...layers, [...ADDED]]); rows[rows.length - 1].inputs[0].focus(); });
  const formula = element("p", { class: "cc-rf-formula" },
    "Receptive field = the one before + (kernel − 1) · dilation · jump before. Jump = jump before · stride: one step of the "
      + "output, in pixels of the picture.");
  const root = element("div", { class: "cc-rf-layers" }, scrollBox("The layers, number by number", table),
    element("div", { class: "cc-rf-foot" }, add, formula), problem.root);

  function set(next) {
    layers = next.map((layer) => [...layer]);
    problem.say("");
    rows = layers.map((layer, index) => layerRow(layer, index));
    body.replaceChildren(inputRow(), ...rows.map((row) => row.root));
    add.disabled = layers.length >= ranges.layers.max;
  }

  function change(next) {
    set(next);
    onChange(next.map((layer) => [...layer]));
  }

  function layerRow(layer, index) {
    const inputs = PARTS.map((part, place) => {
      const input = element("input", {
        type: "number", ...ranges[part], step: 1, "aria-label": `Layer ${index + 1}, ${part}`, "data-lm-suppress-shortcuts": "true",
      });
      input.value = layer[place];
      const begin = () => { before = layers[index][place]; };
      input.addEventListener("focus", begin);
      input.addEventListener("change", begin);
      input.addEventListener("input", () => accept(index, place, input));
      return input;
    });
    const [size, field, jump] = ["cc-rf-size", "cc-rf-sum cc-rf-field", "cc-rf-sum"].map((name) => element("td", { class: name }));
    const last = layers.length - 1;
    const up = small("↑", `Move layer ${index + 1} up`, index === 0, () => swap(index, index - 1));
    const down = small("↓", `Move layer ${index + 1} down`, index === last, () => swap(index, index + 1));
    const remove = small("✕", `Remove layer ${index + 1}`, last === 0, () => {
      change(layers.filter((_, other) => other !== index));
      rows[Math.min(index, rows.length - 1)].inputs[0].focus();
    });
    const line = element("tr", {}, element("th", { scope: "row" }, String(index + 1)), ...inputs.map((input) => element("td", {}, input)),
      size, field, jump, element("td", { class: "cc-rf-order" }, up, down, remove));
    return { root: line, inputs, size, field, jump, up, down };
  }

  function accept(index, place, input) {
    const part = PARTS[place];
    const { min, max } = ranges[part];
    const value = input.value === "" ? NaN : Number(input.value);
    const right = Number.isInteger(value) && value >= min && value <= max;
    input.setAttribute("aria-invalid", !right);
    const wanted = `has to be a whole number from ${min} to ${max}`;
    problem.say(right ? "" : `Layer ${index + 1}: the ${part} ${wanted}. The value from before, ${before}, stays in use.`, "bad");
    layers[index][place] = right ? value : before;
    onChange(layers.map((layer) => [...layer]));
  }

  function swap(from, to) {
    const next = [...layers];
    [next[from], next[to]] = [next[to], next[from]];
    change(next);
    const { up, down } = rows[to];
    const wanted = to < from ? up : down;
    (wanted.disabled ? (to < from ? down : up) : wanted).focus();
  }

  const inputSize = element("td", { class: "cc-rf-size" });
  function inputRow() {
    const blanks = PARTS.map(() => element("td"));
    return element("tr", { class: "cc-rf-input" }, element("th", { scope: "row" }, "input"), ...blanks, inputSize,
      element("td", { class: "cc-rf-sum" }, "1"), element("td", { class: "cc-rf-sum" }, "1"), element("td"));
  }

  function show(levels, parts, failed) {
    inputSize.textContent = `${levels[0].size} × ${levels[0].size}`;
    rows.forEach((row, index) => {
      const [below, level] = [levels[index], levels[index + 1]];
      row.root.dataset.failed = failed !== null && index >= failed;
      row.size.textContent = level ? `${level.size} × ${level.size}` : index === failed ? "no output" : "–";
      const { kernel, stride, dilation } = parts[index];
      const grown = `${below?.field} + (${kernel} − 1)·${dilation}·${below?.jump} =`;
      row.field.replaceChildren(...(level ? sum(grown, level.field) : ["–"]));
      row.jump.replaceChildren(...(level ? sum(`${below.jump}·${stride} =`, level.jump) : ["–"]));
    });
  }

  return { root, set, show };
}

function sum(text, result) {
  return [element("span", {}, `${text} `), element("strong", {}, String(result))];
}

function small(sign, label, disabled, onClick) {
  const node = button(sign, onClick, "small");
  node.setAttribute("aria-label", label);
  node.title = label;
  node.disabled = disabled;
  return node;
}
