// What the networks say of the digit: ten bars each.
import { element } from "../../widgets/instrument.js";
import { guessWords } from "./words.js";

const CLASSES = Array.from({ length: 10 }, (_, digit) => digit);

/** The bars of one network. Returns {root, show(probabilities, label)}; `probabilities` are undefined while nothing is known, and
 *  `label` is the right class, null if there is none. */
export function guessView({ name, ink }) {
  const bars = CLASSES.map(() => element("i", {}));
  const columns = CLASSES.map((digit) => element("span", {}, bars[digit], element("b", {}, String(digit))));
  const said = element("p", { class: "cc-quiet" });
  return {
    root: element("div", { class: "cc-ps-guess", "data-ink": ink }, said, element("div", { class: "cc-ps-bars", "aria-hidden": "true" }, ...columns)),
    show(probabilities, label) {
      said.textContent = guessWords(name, probabilities, label);
      const best = probabilities && Math.max(...probabilities);
      for (const digit of CLASSES) {
        const share = probabilities?.[digit] ?? 0;
        bars[digit].style.transform = `scaleY(${share.toFixed(3)})`;
        columns[digit].dataset.best = String(share > 0 && share === best);
        columns[digit].toggleAttribute("data-right", digit === label);
      }
    },
  };
}
