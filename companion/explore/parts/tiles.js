// A square of read-only numbers on coloured cells.
import { element } from "../../widgets/instrument.js";
import { cellText } from "../../widgets/numbers.js";
import { colourCell } from "./tints.js";

/** A titled square of preallocated cells, so that an update only changes text and colour.
 *  @returns {{root: HTMLElement, label: HTMLElement, resize(size: number): void,
 *    write(index: number, value: number, table: {paper: string, ink: string}[], low: number, high: number): string}} `write` returns
 *    the text shown */
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
