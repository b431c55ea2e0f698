// The squares of numbers of the Pooling explorer: one pitch for all, room for padding around, marks laid over them.
import { element } from "../../widgets/instrument.js";
import { numberGrid } from "../../widgets/controls.js";
import { movable } from "../../widgets/gestures.js";
import { clamp, rounded } from "../../widgets/numbers.js";
import { colourCell } from "../parts/tints.js";
import { numberWords } from "./words.js";

/** A titled square of numbers to touch. With `editable` they are typed into; else the square takes pointer and arrow keys.
 *  `place` is a class for the style sheet. onTouch(row, column) says which was touched, onInput(values) what was typed.
 *  Returns {root, remark, resize, write, mark, outline, tell}; `remark` is the line below the title. */
export function poolGrid({ title, label, editable = false, onTouch, onStep = onTouch, onInput = (_values) => {}, main = false, place = "" }) {
  const remark = element("span", { class: "cc-quiet" });
  const caption = element("figcaption", {}, element("strong", {}, title), remark);
  const frame = element("div", { class: "cc-pool-frame", "aria-hidden": "true" });
  const outlines = element("div", { class: "cc-pool-marks", "aria-hidden": "true" });
  const content = element("div", { class: "cc-pool-cells" });
  const stage = element("div", { class: "cc-pool-stage" }, frame, content, outlines);
  let rows = 0;
  let columns = 0;
  let around = { before: 0, after: 0 };
  let cells = [];
  let typed = null;

  const handle = editable ? null : movable(stage, { label, main, onMove: touch, onStep });

  function touch(x, y, phase) {
    if (phase === "end") return;
    const at = (share, count) => Math.floor(share * (count + around.before + around.after)) - around.before;
    onTouch(clamp(at(y, rows), 0, rows - 1), clamp(at(x, columns), 0, columns - 1));
  }

  /** Make it rows x columns numbers, `before` and `after` cells of padding around. */
  function resize(nextRows, nextColumns, padding = { before: 0, after: 0 }) {
    around = padding;
    stage.style.setProperty("--before", around.before);
    stage.style.setProperty("--after", around.after);
    if (nextRows === rows && nextColumns === columns) return;
    [rows, columns] = [nextRows, nextColumns];
    stage.style.setProperty("--rows", rows);
    stage.style.setProperty("--columns", columns);
    if (editable) {
      typed = typedGrid();
      content.replaceChildren(typed.root);
    } else {
      cells = Array.from({ length: rows * columns }, () => element("span", { class: "cc-pool-cell" }));
      content.replaceChildren(...cells);
    }
  }

  function typedGrid() {
    const grid = numberGrid({ label, columns, values: new Array(rows * columns).fill(0), onInput });
    ({ cells } = grid);
    cells.forEach((cell, index) => {
      cell.addEventListener("focus", () => onTouch(Math.floor(index / columns), index % columns));
    });
    return grid;
  }

  return {
    root: element("figure", { class: `cc-figure ${place}` }, caption, stage),
    stage, remark, resize,
    /** Show the numbers on their colours; numbers that are being typed are left as they are. */
    write(values, table, reach, { typing = false } = {}) {
      if (editable && !typing) typed.set(values);
      values.forEach((value, index) => {
        colourCell(cells[index], table, value, -reach, reach);
        if (editable) return;
        const text = rounded(value); // short enough for a cell
        if (cells[index].textContent === text) return;
        cells[index].textContent = text;
        cells[index].toggleAttribute("data-long", text.length > 3);
      });
    },
    /** Give every cell its mark: of(index) is "" or words for the style sheet, such as "won" or "unseen". */
    mark(of) {
      cells.forEach((cell, index) => {
        const words = of(index);
        if (cell.dataset.mark !== words) cell.dataset.mark = words;
      });
    },
    /** Say to a screen reader which of `values` is chosen, {row, column, index}, or null. */
    tell(place, values) {
      if (place === null) handle?.tell("nothing chosen");
      else handle?.tell(numberWords(place, values), { now: place.index, low: 0, high: values.length - 1 });
    },
    /** Lay `boxes` over the numbers; they may lie in the padding.
     *  @param {{kind: string, row: number, column: number, rows?: number, columns?: number, sign?: string}[]} boxes */
    outline(boxes) {
      while (outlines.childElementCount > boxes.length) outlines.lastChild.remove();
      while (outlines.childElementCount < boxes.length) outlines.append(element("div", {}));
      boxes.forEach((box, index) => {
        const node = outlines.children[index];
        node.className = `cc-pool-${box.kind}`;
        node.textContent = box.sign ?? "";
        for (const name of ["row", "column", "rows", "columns"]) node.style.setProperty(`--${name}`, box[name] ?? 1);
      });
    },
  };
}
