// The arithmetic of one output pixel: the pixels under the window, times the kernel, summed.
import { element } from "../widgets/instrument.js";
import { colourCell, cellText } from "./tints.js";
import { tileGrid } from "./tiles.js";

const DISPLAY_LIMIT = 1e-9; // below this, a shown number and its value are the same

/** Returns {root, resize(size), kernel(weights, tints, name), show(pixels, place, tints, range)}; `range` says what the map's colours
 *  stand for, so that the sum stands on the colour of its pixel. */
export function sumView() {
  const grids = ["Pixels under the window", "× kernel", "= products"].map(tileGrid);
  const terms = document.createTextNode("");
  const result = element("strong", { class: "cc-result" });
  const line = element("p", { class: "cc-sum" }, terms, result);
  const root = element("section", { class: "cc-arithmetic", "aria-label": "The sum under the window" },
    element("div", { class: "cc-factors" }, ...grids.map(({ root: box }) => box)), line);
  const [pixelGrid, kernelGrid, productGrid] = grids;
  let weights = [];

  return {
    root,
    resize(size) {
      grids.forEach((grid) => grid.resize(size));
      root.dataset.size = size;
    },
    kernel(next, tints, name) {
      weights = next;
      kernelGrid.label.textContent = name;
      const reach = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 1e-9);
      weights.forEach((weight, tap) => kernelGrid.write(tap, weight, tints.diverging, -reach, reach));
    },
    show(pixels, place, tints, range) {
      let sum = 0;
      let rounded = false;
      let text = "";
      const reach = 255 * weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 1e-9);
      pixels.forEach((pixel, tap) => {
        const product = pixel * weights[tap];
        sum += product;
        pixelGrid.write(tap, pixel, tints.grey, 0, 255);
        const shown = productGrid.write(tap, product, tints.diverging, -reach, reach);
        rounded ||= Math.abs(Number(shown.replaceAll("−", "-")) - product) > DISPLAY_LIMIT;
        text += tap === 0 ? shown : shown.startsWith("−") ? ` − ${shown.slice(1)}` : ` + ${shown}`;
      });
      terms.data = `${place}: ${text} ${rounded ? "≈" : "="} `;
      result.textContent = cellText(sum);
      colourCell(result, tints[range.table], sum, range.low, range.high);
    },
  };
}
