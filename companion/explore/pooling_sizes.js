// The size of a pooled map by its formula, with the numbers in use, and what the rounding drops.
import { element, statusLine } from "../widgets/instrument.js";

/** Returns {root, show({side, count, window, stride, padding, unseen, isGlobal})}; `unseen` lists the rows (and so the columns)
 *  that no window covers. */
export function poolingSizes() {
  const formula = element("p", {});
  const remark = statusLine();
  const root = element("section", { class: "cc-pool-sizes", "aria-label": "Size of the map" }, formula, remark.root);
  return {
    root,
    show(layer) {
      formula.textContent = formulaText(layer);
      remark.say(remarkText(layer));
    },
  };
}

function formulaText({ side, count, window, stride, padding, isGlobal }) {
  if (isGlobal) return `Size of the map: one window covers all ${side} × ${side} numbers, so 1 × 1, whatever the input’s size.`;
  if (padding === "same") return `Size of the map = ⌈n / s⌉ = ⌈${side} / ${stride}⌉ = ${count}`;
  return `Size of the map = ⌊(n − k) / s⌋ + 1 = ⌊(${side} − ${window}) / ${stride}⌋ + 1 = ${count}`;
}

function remarkText({ side, padding, window, stride, unseen }) {
  if (unseen.length === 0) return padding === "same" ? "Padding (hatched) never wins, and is left out of averages." : "";
  const atEnd = unseen[0] + unseen.length === side;
  const which = !atEnd || window < stride ? `rows and columns ${unseen.join(", ")}`
    : unseen.length === 1 ? "the last row and column" : `the last ${unseen.length} rows and columns`;
  const why = window < stride ? "The windows leave out" : "The floor drops";
  return `${why} ${which} (crossed out): no window reaches them, and no gradient comes back to them.`;
}
