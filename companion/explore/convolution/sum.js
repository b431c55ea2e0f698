// The arithmetic of one output pixel: the pixels under the window, times the kernel, summed.
import { element } from "../../widgets/instrument.js";
import { cellText, sumOf } from "../../widgets/numbers.js";
import { magnitude } from "../../widgets/pictures.js";
import { tileGrid } from "../parts/tiles.js";
import { colourCell } from "../parts/tints.js";

const DISPLAY_LIMIT = 1e-9; // below this, a shown number and its value are the same

/** Returns {root, kernel(scene, tints), show(window, scene, tints)}. The sum stands on the colour of its pixel in the map. */
export function sumView() {
  const grids = ["Pixels under the window", "× kernel", "= products"].map(tileGrid);
  const terms = document.createTextNode("");
  const result = element("strong", { class: "cc-result" });
  const line = element("p", { class: "cc-sum" }, terms, result);
  const root = element("section", { class: "cc-arithmetic", "aria-label": "The sum under the window" },
    element("div", { class: "cc-factors" }, ...grids.map(({ root: box }) => box)), line);
  const [pixelGrid, kernelGrid, productGrid] = grids;

  return {
    root,
    kernel({ applied, side, mode }, tints) {
      if (root.dataset.size !== String(side)) for (const grid of grids) grid.resize(side);
      root.dataset.size = String(side);
      kernelGrid.label.textContent = mode === "convolution" ? "× kernel, turned by 180°" : "× kernel";
      const reach = magnitude(applied, DISPLAY_LIMIT);
      applied.forEach((weight, tap) => kernelGrid.write(tap, weight, tints.diverging, -reach, reach));
    },
    show({ row, column, patch, value }, { applied, range }, tints) {
      const reach = 255 * magnitude(applied, DISPLAY_LIMIT);
      let isRounded = false;
      const shown = Array.from(patch, (pixel, tap) => {
        const product = pixel * applied[tap];
        pixelGrid.write(tap, pixel, tints.grey, 0, 255);
        const text = productGrid.write(tap, product, tints.diverging, -reach, reach);
        isRounded ||= Math.abs(Number(text.replaceAll("−", "-")) - product) > DISPLAY_LIMIT;
        return text;
      });
      terms.data = `Row ${row}, column ${column}: ${sumOf(shown)} ${isRounded ? "≈" : "="} `;
      result.textContent = cellText(value);
      colourCell(result, tints[range.table], value, range.low, range.high);
    },
  };
}
