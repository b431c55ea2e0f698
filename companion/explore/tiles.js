// A square of read-only numbers on coloured cells.
import { element } from "../widgets/instrument.js";
import { colourCell, cellText } from "./tints.js";

/** A titled square of preallocated cells, so that an update only changes text and colour.
 *  Returns {root, label, resize(size), write(index, value, table, low, high)}; write returns the text shown. */
export function tileGrid(title) {
  const label = element("figcaption", {}, title);
  const grid = element("div", { class: "cc-tiles" });
  let cells = [];
  return {
    root: element("figure", { class: "cc-figure" }, label, grid),
    label,
    resize(size) {
      grid.style.setProperty("--columns", size);
      cells = Array.from({ length: size * size }, () => element("span", {}));
      grid.replaceChildren(...cells);
    },
    write(index, value, table, low, high) {
      const text = cellText(value);
      const cell = cells[index];
      if (cell.textContent !== text) cell.textContent = text;
      colourCell(cell, table, value, low, high);
      return text;
    },
  };
}
