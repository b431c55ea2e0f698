// What a convolution costs beside a dense layer with the same input and output, as arithmetic and as bars.
import { element } from "../../widgets/instrument.js";
import { formatCount, ratioInWords } from "../../widgets/numbers.js";
import { conv2dMultiplyAdds, conv2dParameters, denseMultiplyAdds, denseParameters } from "../maths/arithmetic.js";

const DECADES = 14; // the widest choice, 64 channels of 224 x 224 pixels to 64, stays below 10^14

/** Two comparisons, parameters and multiply-adds, and a `summary` in one line, for a `details` that holds them.
 *  Returns {root, summary, show({size, outSize, kernel, padding, stride, channelsIn, channelsOut})}. */
export function costPanel() {
  const parameters = comparison("Parameters", "the numbers to learn");
  const work = comparison("Multiply-adds", "the work for one picture");
  const verdict = element("p", { class: "cc-cost-verdict", role: "status", "aria-live": "polite" });
  const root = element("div", { class: "cc-cost cc-panel" }, parameters.root, work.root, costAxis(), verdict);
  const counts = [element("strong"), element("strong")];
  const summary = element("summary", { "data-lm-suppress-shortcuts": "true" },
    "What it costs: ", counts[0], " parameters, and ", counts[1], " as a dense layer");

  function show({ size, outSize, kernel, padding, stride, channelsIn, channelsOut }) {
    const inputs = size * size * channelsIn;
    const units = outSize * outSize * channelsOut;
    const k = `${kernel} × ${kernel} × ${channelsIn}`;
    const input = `${size} × ${size} × ${channelsIn}`;
    const output = `${outSize} × ${outSize} × ${channelsOut}`;
    const convolution = conv2dParameters(kernel, channelsIn, channelsOut);
    const dense = denseParameters(inputs, units);
    parameters.show([`(${k} + 1) × ${channelsOut}`, convolution], [`(${input} + 1) × (${output})`, dense]);
    [convolution, dense].forEach((count, index) => { counts[index].textContent = formatCount(count); });
    work.show(
      [`${k} × (${output})`, conv2dMultiplyAdds(size, kernel, channelsIn, channelsOut, { padding, stride })],
      [`(${input}) × (${output})`, denseMultiplyAdds(inputs, units)],
    );
    const text = `From the same input to the same outputs, a dense layer needs about ${ratioInWords(dense / convolution)} times as many `
      + `parameters as this convolution. The size of the picture is nowhere in the convolution’s ${formatCount(convolution)}.`;
    if (verdict.textContent !== text) verdict.textContent = text;
  }
  return { root, summary, show };
}

/** A convolution beside a dense layer, in one quantity. show(convolution, dense) takes for each the arithmetic, its result
 *  and, if it is no mere count, the result as text. Returns {root, show}. */
export function comparison(title, meaning) {
  const convolution = costRow("Convolution", "convolution");
  const dense = costRow("Dense layer", "dense");
  const root = element("div", { class: "cc-cost-group" },
    element("h4", { class: "cc-cost-title" }, title, element("span", {}, ` ${meaning}`)), convolution.root, dense.root);
  return {
    root,
    show(convolutionCost, denseCost) {
      convolution.show(...convolutionCost);
      dense.show(...denseCost);
    },
  };
}

function costRow(name, kind) {
  const sum = element("span", { class: "cc-cost-sum" });
  const count = element("strong", { class: "cc-cost-count" });
  const bar = element("span", { class: "cc-cost-bar", "data-kind": kind });
  const root = element("div", { class: "cc-cost-row" }, element("span", { class: "cc-cost-name" }, name), sum, count,
    element("span", { class: "cc-cost-track", "aria-hidden": "true" }, bar));
  return {
    root,
    show(text, value, shown = formatCount(value)) {
      sum.textContent = `${text} =`;
      count.textContent = shown;
      bar.style.width = `${(100 * Math.log10(Math.max(value, 1))) / DECADES}%`;
    },
  };
}

/** The scale below the bars of comparisons. */
export function costAxis() {
  /** @type {[number, string][]} */
  const ticks = [[0, "1"], [6, "10⁶"], [12, "10¹²"]];
  const marks = ticks.map(([decade, text]) => element("span", { style: `left: ${(100 * decade) / DECADES}%` }, text));
  return element("div", { class: "cc-cost-row cc-cost-axis", "aria-hidden": "true" },
    element("span", { class: "cc-cost-scale" }, "from line to line: 1,000 times as many"),
    element("span", { class: "cc-cost-ticks" }, ...marks));
}
