// The sentences below the squares of the Pooling explorer.
import { element, statusLine } from "../../widgets/instrument.js";
import { goalWords, lookWords, sizeFormula, sizeRemark } from "./words.js";

/** What is said of the place that is looked at, of each of the kinds in `goals`, and, unless the layer is given, of the map's size.
 *  Returns {parts, show(scene), move(scene, look)}; `parts` are elements. */
export function poolSentences({ withGradient, goals, isFixed }) {
  const forward = element("p", { class: "cc-pool-line", "aria-live": "polite" });
  const backward = element("p", { class: "cc-pool-line", "aria-live": "polite" });
  const statuses = goals.map(() => statusLine());
  const formula = element("p", {});
  const remark = statusLine();
  const sizes = element("section", { class: "cc-pool-sizes", "aria-label": "Size of the map" }, formula, remark.root);
  return {
    parts: [
      element("div", { class: "cc-pool-words" }, forward, withGradient ? backward : null),
      ...statuses.map(({ root }) => root),
      ...(isFixed ? [] : [sizes]),
    ],
    show(scene) {
      formula.textContent = sizeFormula(scene);
      remark.say(sizeRemark(scene));
      scene.goals.forEach((goal, index) => statuses[index].say(goalWords(goal), goal.isReached.every(Boolean) ? "good" : "info"));
    },
    move(scene, look) {
      const words = lookWords(scene, look);
      if (forward.textContent !== words.forward) forward.textContent = words.forward;
      if (backward.textContent !== words.backward) backward.textContent = words.backward;
    },
  };
}
