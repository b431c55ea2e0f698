// What DesignSpace shows, worked out from its state. No DOM in here: tests/explore/test_designs_js.py runs it in node.
import { counted, formatCount } from "../../widgets/numbers.js";
import {
  countText, designCounts, minutesText, nearestWidth, networkParameters, someDesigns, widthChoices,
} from "../maths/designs.js";

export const DOTS = 150; // at most so many a row

/** @typedef {Record<"deepest" | "narrowest" | "widest" | "every" | "activations" | "alike" | "widths" | "functions", any>} State */

/** All designs in the ranges: their `counts` for each depth, and as `dots` some of each with their parameters. `data` are the {inputs, outputs,
 *  budget} that the explorer was made with, and the {layers, width} that a network may have at most.
 *  @param {State} state */
export function spaceOf({ deepest, narrowest, widest, every, activations, alike }, { inputs, outputs, budget, layers, width }) {
  const choices = widthChoices(narrowest, widest, every);
  const counts = designCounts(deepest, choices.length * activations.length, alike);
  const dots = counts.map((_, index) => someDesigns(index + 1, choices, alike, DOTS)
    .map((widths) => ({ widths, parameters: networkParameters(inputs, widths, outputs) }))
    .sort((a, b) => a.parameters - b.parameters));
  return {
    inputs, outputs, budget, choices, counts, dots, deepest, activations, alike,
    least: networkParameters(inputs, [1], outputs),
    most: networkParameters(inputs, new Array(layers).fill(width), outputs),
    largest: Math.max(inputs, width),
  };
}

/** What of a scene depends on the network that is shown. */
export function networkOf({ inputs, outputs }, { widths, functions }) {
  return { widths, functions, parameters: networkParameters(inputs, widths, outputs) };
}

// ---------------------------------------------------------------------------------------------- networks

/** These hidden layers, each with the activation that it has already, and further ones with the last one's. */
export function withWidths({ functions }, widths) {
  return { widths, functions: widths.map((_, layer) => functions[layer] ?? functions[functions.length - 1]) };
}

/** One entry of a list changed; with networks whose layers are alike, every entry. */
export function withEntry({ alike }, list, index, value) {
  return list.map((before, place) => (alike || place === index ? value : before));
}

/** The network with so many hidden layers. */
export function withDepth(state, depth) {
  const last = state.widths[state.widths.length - 1];
  return withWidths(state, Array.from({ length: depth }, (_, layer) => state.widths[layer] ?? last));
}

/** The network brought into the ranges: {widths, functions}.
 *  @param {State} state */
export function fitted({ deepest, narrowest, widest, every, activations, alike, widths, functions }) {
  const choices = widthChoices(narrowest, widest, every);
  const source = Array.from({ length: Math.min(widths.length, deepest) }, (_, layer) => (alike ? 0 : layer));
  return {
    widths: source.map((layer) => nearestWidth(widths[layer], choices)),
    functions: source.map((layer) => (activations.includes(functions[layer]) ? functions[layer] : activations[0])),
  };
}

// ---------------------------------------------------------------------------------------------- words

/** The number of designs, how it comes about, and how long trying them all would take: {count, how, time}. */
export function totalWords({ choices, counts, deepest, activations, alike }) {
  const all = counts.reduce((sum, count) => sum + count, 0n);
  const each = choices.length * activations.length;
  const parts = [counted(choices.length, "width"), counted(activations.length, "activation")].join(" × ");
  const powers = { 1: [each], 2: [each, `${each}²`], 3: [each, `${each}²`, `${each}³`] }[deepest]
    ?? [each, `${each}²`, "…", `${each}${"⁰¹²³⁴⁵⁶⁷⁸"[deepest]}`];
  return {
    count: `${countText(all)} ${all === 1n ? "design" : "designs"}`,
    how: alike ? `${counted(deepest, "depth")} × ${parts}`
      : `${parts} = ${formatCount(each)} choices a layer; with 1 to ${deepest} layers ${powers.join(" + ")}`,
    time: minutesText(all),
  };
}

export function networkWords({ inputs, widths, outputs, parameters, budget }) {
  const sizes = [inputs, ...widths, outputs].map(formatCount).join(" – ");
  const within = parameters <= budget ? "within" : "above";
  const limit = budget > 0 ? `, ${within} the limit of ${formatCount(budget)}` : "";
  return `This network: ${sizes} neurons, ${formatCount(parameters)} parameters${limit}. `
    + "How well it will tell pictures apart stands nowhere in these numbers: that takes training it.";
}
