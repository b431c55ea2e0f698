// Design space: how many plain networks one could build, how many parameters each has, and nothing that says which is best.
import { answerLine } from "../../widgets/answer.js";
import { element, frame, instrument } from "../../widgets/instrument.js";
import { sharedState } from "../../widgets/model.js";
import { clamp } from "../../widgets/numbers.js";
import { watchTheme } from "../../widgets/pictures.js";
import { nearestWidth, parseWidths } from "../maths/designs.js";
import { inks, watchWidth } from "../parts/drawing.js";
import { designCloud } from "./cloud.js";
import { networkPicture } from "./picture.js";
import { rangePanel } from "./ranges.js";
import { DOTS, fitted, networkOf, networkWords, spaceOf, totalWords, withDepth, withEntry, withWidths } from "./scene.js";
import { networkTable } from "./table.js";

const TRAITS = /** @type {const} */ (["deepest", "narrowest", "widest", "every", "activations", "alike", "widths", "functions"]);

function render({ model, el }) {
  const root = instrument(el, "Design space", "Choose what may be chosen, and count the designs. "
    + "Each dot is one of them: click it, or drag a bar of the network.");
  const { state, edit, save, close } = sharedState(model, TRAITS, { onReload: reload });
  const [inputs, outputs, budget, bounds, choices] = ["inputs", "outputs", "budget", "ranges", "choices"].map((trait) => model.get(trait));
  const most = { layers: bounds.deepest.max, width: Math.max(...choices.widest) };
  let scene = null;

  const ranges = rangePanel({ ranges: bounds, choices, onChange: setRanges, onRelease: commit });
  const total = element("p", { class: "cc-ds-total", "aria-live": "polite" });
  const cloud = designCloud({ onChoose(widths) { setNetwork(withWidths(state, widths)); redraw(); }, onRelease: commit });
  const picture = networkPicture({ onWidth: setWidth, onRelease: commit });
  const table = networkTable({
    onActivation(layer, activation) { build({ functions: withEntry(state, state.functions, layer, activation) }); },
    onDepth(depth) { build(withDepth(state, depth)); },
  });
  const sentence = element("p", { class: "cc-ds-sentence", "aria-live": "polite" });
  const answer = answerLine(root, {
    name: model.get("answer"), problem: model.get("problem"), onRead: takeWritten,
    read: (literal) => (literal.trim() === "None" ? undefined : parseWidths(literal, state.deepest, most.width)),
    refusal: () => `is no list of 1 to ${state.deepest} whole numbers from 1 to ${most.width}; the network shown here is the last good one`,
  });
  root.classList.add("cc-design-space");
  root.append(ranges.root, total,
    element("div", { class: "cc-ds-views" },
      element("div", {}, cloud.root, element("p", { class: "cc-quiet" }, `At most ${DOTS} designs a row are drawn, picked at random.`)),
      element("div", {}, picture.root, element("p", { class: "cc-quiet" },
        "A bar grows by one step with each doubling. Per cent: the share of the parameters between two layers."))),
    sentence, table.root, answer.root);

  // ------------------------------------------------------------------------------------- state

  function setRanges(changes) {
    edit(changes);
    setNetwork(fitted(state));
    rebuild();
  }

  function setNetwork(network) {
    edit(network);
    answer.clear();
  }

  function setWidth(layer, width) {
    const next = nearestWidth(clamp(width, state.narrowest, state.widest), scene.choices);
    if (next === state.widths[layer]) return;
    setNetwork({ widths: withEntry(state, state.widths, layer, next) });
    redraw();
  }

  /** Another network, in one go. */
  function build(network) {
    setNetwork(network);
    refresh();
    commit();
  }

  /** Pass the state on to Python and to the cell, when a change is complete. */
  function commit() {
    save();
    answer.write(`[${state.widths.join(", ")}]`);
  }

  function takeWritten(widths) {
    if (JSON.stringify(widths) === JSON.stringify(state.widths)) return;
    setNetwork(withWidths(state, widths));
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
    scene = spaceOf(state, { inputs, outputs, budget, ...most });
    const { count, how, time } = totalWords(scene);
    total.replaceChildren(element("strong", { class: "cc-ds-count" }, count),
      element("span", {}, `${how}. Trained one after the other, a minute each: `, element("strong", {}, `${time}.`)));
    recolour();
  }

  /** The theme's colours, then everything drawn anew. */
  function recolour() {
    scene.ink = inks(root);
    refresh();
  }

  function refresh() {
    useNetwork();
    cloud.show(scene);
  }

  const redraw = frame(() => {
    useNetwork();
    cloud.move(scene);
  });

  function useNetwork() {
    Object.assign(scene, networkOf(scene, state));
    const text = networkWords(scene);
    if (sentence.textContent !== text) sentence.textContent = text;
    picture.show(scene);
    table.show(scene);
  }

  ranges.set(state);
  rebuild();
  const endings = [
    close, answer.close, watchTheme(root, recolour), watchWidth(cloud.root, cloud.resize), watchWidth(picture.root, picture.resize),
  ];
  return () => {
    for (const end of endings) end();
  };
}

export default { render };
