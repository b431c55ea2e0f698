// The layers of a plain network with their parameters written out.
import { button } from "../../widgets/controls.js";
import { element, scrollBox } from "../../widgets/instrument.js";
import { formatCount } from "../../widgets/numbers.js";
import { layerParameters } from "../maths/designs.js";

/** onActivation(layer, activation) and onDepth(number of hidden layers) follow what the learner sets.
 *  Returns {root, show(scene)}. */
export function networkTable({ onActivation, onDepth }) {
  const body = element("tbody");
  const heads = [["Layer"], ["Neurons", "cc-ds-neurons"], ["Activation"], ["Weights + biases", "cc-ds-sum"], ["Parameters"]];
  const head = element("tr", {}, ...heads.map(([text, name]) => element("th", { scope: "col", class: name }, text)));
  const all = element("td", { class: "cc-ds-parameters" });
  const blanks = ["cc-ds-neurons", undefined, "cc-ds-sum"].map((name) => element("td", { class: name }));
  const foot = element("tr", {}, element("th", { scope: "row" }, "together"), ...blanks, all);
  const table = element("table", { class: "cc-numbers cc-ds-table" }, element("thead", {}, head), body, element("tfoot", {}, foot));
  const add = button("Add a hidden layer", () => onDepth(rows.length));
  const remove = button("Remove the last one", () => onDepth(rows.length - 2));
  let rows = []; // one for each hidden layer, and one for the output
  let offered = ""; // the activations in the drop-downs

  function show(scene) {
    const { inputs, widths, outputs, functions, activations, deepest, parameters } = scene;
    if (rows.length !== widths.length + 1 || offered !== activations.join()) build(widths.length, activations);
    const counts = layerParameters(inputs, widths, outputs);
    const sizes = [inputs, ...widths, outputs];
    rows.forEach((row, index) => {
      const [before, neurons] = [sizes[index], sizes[index + 1]];
      row.neurons.textContent = formatCount(neurons);
      row.sum.textContent = `${formatCount(before)} × ${formatCount(neurons)} + ${formatCount(neurons)} =`;
      row.count.textContent = formatCount(counts[index]);
      if (row.activation) row.activation.value = functions[index];
    });
    all.textContent = formatCount(parameters);
    add.disabled = widths.length >= deepest;
    remove.disabled = widths.length === 1;
  }

  function build(depth, activations) {
    offered = activations.join();
    rows = Array.from({ length: depth + 1 }, (_, index) => layerRow(index, index < depth, activations));
    body.replaceChildren(...rows.map((row) => row.root));
  }

  function layerRow(index, hidden, activations) {
    const [neurons, sum, count] = ["cc-ds-neurons", "cc-ds-sum", "cc-ds-parameters"].map((name) => element("td", { class: name }));
    const name = hidden ? `hidden ${index + 1}` : "output";
    const activation = hidden ? select(index, activations) : null;
    const root = element("tr", {}, element("th", { scope: "row" }, name), neurons,
      element("td", {}, activation ?? "softmax"), sum, count);
    return { root, neurons, sum, count, activation };
  }

  function select(layer, activations) {
    const options = activations.map((activation) => element("option", { value: activation }, activation));
    return element("select", {
      "aria-label": `Activation of hidden layer ${layer + 1}`, "data-lm-suppress-shortcuts": "true",
      onchange: (event) => onActivation(layer, event.target.value),
    }, ...options);
  }

  const root = element("div", { class: "cc-ds-layers" }, scrollBox("The layers of this network", table),
    element("div", { class: "cc-buttons" }, add, remove));
  return { root, show };
}
