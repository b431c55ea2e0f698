// Design space: how many plain networks one could build, how many parameters each has, and nothing that says which is best.
import { describeOutcome, followSource, writeAnswer } from "../widgets/answer.js";
import { element, formatCount, frame, inStep, instrument, statusLine, watchTheme } from "../widgets/instrument.js";
import { designCloud } from "./design_cloud.js";
import { rangePanel } from "./design_ranges.js";
import { clamp, inks, watchWidth } from "./drawing.js";
import {
  countText, designCounts, minutesText, nearestWidth, networkParameters, parseWidths, someDesigns, widthChoices,
} from "./maths/designs.js";
import { networkPicture } from "./network_picture.js";
import { networkTable } from "./network_table.js";

const TRAITS = ["deepest", "narrowest", "widest", "every", "activations", "alike", "widths", "functions"];
const DOTS = 150; // at most so many a row
const WIDEST = 1024;

function render({ model, el }) {
  const root = instrument(el, "Design space", "Choose what may be chosen, and count the designs. Each dot below is one of them: "
    + "click a dot to build that network, or drag a bar of the network up or down.");
  const state = Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  const { edit, save, close } = inStep(model, TRAITS, state, reload);
  const [inputs, outputs, budget, name] = ["inputs", "outputs", "budget", "answer"].map((trait) => model.get(trait));
  let scene = null;
  let inCell = null; // the literal that the cell holds, as far as known

  const ranges = rangePanel({ onChange: (changes) => { edit(changes); fit(); rebuild(); }, onRelease: commit });
  const total = element("p", { class: "cc-ds-total", "aria-live": "polite" });
  const cloud = designCloud({ onChoose: (widths) => { useNetwork(widths, state.functions); redraw(); }, onRelease: commit });
  const picture = networkPicture({ onWidth: setWidth, onRelease: commit });
  const table = networkTable({
    onActivation: (layer, activation) => { useNetwork(state.widths, withEntry(state.functions, layer, activation)); refresh(); commit(); },
    onDepth: (depth) => { resize(depth); refresh(); commit(); },
  });
  const sentence = element("p", { class: "cc-ds-sentence", "aria-live": "polite" });
  const written = statusLine();
  root.classList.add("cc-design-space");
  root.append(ranges.root, total,
    element("div", { class: "cc-ds-views" },
      element("div", {}, cloud.root, element("p", { class: "cc-quiet" }, `At most ${DOTS} designs a row are drawn, picked at random.`)),
      element("div", {}, picture.root, element("p", { class: "cc-quiet" },
        "A bar grows by one step with each doubling. Per cent: the share of the parameters between two layers."))),
    sentence, table.root, written.root);

  // ------------------------------------------------------------------------------------- state

  /** One entry of a list changed; with networks whose layers are alike, every entry. */
  function withEntry(list, index, value) {
    return list.map((before, place) => (state.alike || place === index ? value : before));
  }

  function useNetwork(widths, functions) {
    edit({ widths, functions: widths.map((_, layer) => functions[layer] ?? functions[functions.length - 1]) });
    written.say("");
  }

  function resize(depth) {
    const last = state.widths[state.widths.length - 1];
    useNetwork(Array.from({ length: depth }, (_, layer) => state.widths[layer] ?? last), state.functions);
  }

  /** Bring the network into the ranges. */
  function fit() {
    const choices = widthChoices(state.narrowest, state.widest, state.every);
    const depth = Math.min(state.widths.length, state.deepest);
    const source = (layer) => (state.alike ? 0 : layer);
    const known = (activation) => (state.activations.includes(activation) ? activation : state.activations[0]);
    useNetwork(
      Array.from({ length: depth }, (_, layer) => nearestWidth(state.widths[source(layer)], choices)),
      Array.from({ length: depth }, (_, layer) => known(state.functions[source(layer)])),
    );
  }

  function setWidth(layer, width) {
    const next = nearestWidth(clamp(width, state.narrowest, state.widest), scene.choices);
    if (next === state.widths[layer]) return;
    useNetwork(withEntry(state.widths, layer, next), state.functions);
    redraw();
  }

  /** Pass the state on to Python and to the cell, when a change is complete. */
  function commit() {
    save();
    if (!name) return;
    const literal = `[${state.widths.join(", ")}]`;
    const outcome = literal === inCell ? { written: true } : writeAnswer(root, name, literal);
    if (outcome?.written) inCell = literal;
    written.say(describeOutcome(outcome, name, literal), outcome?.written ? "good" : "bad");
  }

  function takeSource(literal) {
    inCell = literal;
    if (literal.trim() === "None") return;
    const widths = parseWidths(literal, state.deepest, WIDEST);
    if (widths === null) {
      written.say(`The cell’s ${name} is no list of 1 to ${state.deepest} whole numbers from 1 to ${WIDEST}; `
        + "the network shown here is the last good one.", "bad");
      return;
    }
    if (JSON.stringify(widths) === JSON.stringify(state.widths)) return;
    useNetwork(widths, state.functions);
    refresh();
  }

  /** Python set something. */
  function reload() {
    ranges.set(state);
    rebuild();
  }

  // ------------------------------------------------------------------------------------- drawing

  /** The ranges changed: count and draw the designs anew. */
  function rebuild() {
    const choices = widthChoices(state.narrowest, state.widest, state.every);
    const counts = designCounts(state.deepest, choices.length * state.activations.length, state.alike);
    const dots = counts.map((_, index) => someDesigns(index + 1, choices, state.alike, DOTS)
      .map((widths) => ({ widths, parameters: networkParameters(inputs, widths, outputs) }))
      .sort((a, b) => a.parameters - b.parameters));
    scene = {
      inputs, outputs, budget, choices, counts, dots,
      least: networkParameters(inputs, [1], outputs),
      most: networkParameters(inputs, new Array(8).fill(WIDEST), outputs),
      largest: Math.max(inputs, WIDEST),
    };
    total.replaceChildren(...inTotal(scene, state));
    recolour();
  }

  /** The theme's colours, then everything drawn anew. */
  function recolour() {
    scene.ink = inks(root);
    refresh();
  }

  function refresh() {
    describeNetwork();
    cloud.show(scene);
    picture.show(scene);
    table.show(scene);
  }

  const redraw = frame(() => {
    describeNetwork();
    cloud.move(scene);
    picture.show(scene);
    table.show(scene);
  });

  function describeNetwork() {
    const { widths, functions, activations, deepest } = state;
    const parameters = networkParameters(inputs, widths, outputs);
    Object.assign(scene, { widths, functions, activations, deepest, parameters });
    const text = inSentence(scene);
    if (sentence.textContent !== text) sentence.textContent = text;
  }

  ranges.set(state);
  rebuild();
  written.say(model.get("problem"), "bad");
  const endings = [
    close, watchTheme(root, recolour), watchWidth(cloud.root, cloud.resize), watchWidth(picture.root, picture.resize),
    name ? followSource(root, name, takeSource) : () => {},
  ];
  return () => {
    for (const end of endings) end();
  };
}

/** The number of designs, how it comes about, and how long trying them all would take. */
function inTotal({ choices, counts }, { deepest, activations, alike }) {
  const all = counts.reduce((sum, count) => sum + count, 0n);
  const each = choices.length * activations.length;
  const parts = [[choices.length, "width"], [activations.length, "activation"]]
    .map(([count, noun]) => `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`);
  const depths = `${deepest} depth${deepest === 1 ? "" : "s"}`;
  const powers = { 1: [each], 2: [each, `${each}²`], 3: [each, `${each}²`, `${each}³`] }[deepest]
    ?? [each, `${each}²`, "…", `${each}${"⁰¹²³⁴⁵⁶⁷⁸"[deepest]}`];
  const how = alike ? `${depths} × ${parts.join(" × ")}`
    : `${parts.join(" × ")} = ${formatCount(each)} choices a layer; with 1 to ${deepest} layers ${powers.join(" + ")}`;
  return [
    element("strong", { class: "cc-ds-count" }, `${countText(all)} ${all === 1n ? "design" : "designs"}`),
    element("span", {}, `${how}. Trained one after the other, a minute each: `, element("strong", {}, `${minutesText(all)}.`)),
  ];
}

function inSentence({ inputs, widths, outputs, parameters, budget }) {
  const sizes = [inputs, ...widths, outputs].map(formatCount).join(" – ");
  const within = parameters <= budget ? "within" : "above";
  const limit = budget > 0 ? `, ${within} the limit of ${formatCount(budget)}` : "";
  return `This network: ${sizes} neurons, ${formatCount(parameters)} parameters${limit}. `
    + "How well it will tell pictures apart stands nowhere in these numbers: that takes training it.";
}

export default { render };
