// The squares of numbers of the Pooling explorer: one pitch for all, room for padding around, marks laid over them.
import { element, numberGrid, onArrows, onDrag } from "../widgets/instrument.js";
import { colourCell } from "./tints.js";

/** A titled square of numbers to touch. With `editable` they are typed into; else the square takes pointer and arrow keys.
 *  `place` is a class for the style sheet. onTouch(row, column) says which was touched, onInput(values) what was typed.
 *  Returns {root, remark, resize, write, mark, outline}; `remark` is the line below the title. */
export function poolGrid({ title, label, editable = false, onTouch, onStep = onTouch, onInput, main = false, place = "" }) {
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

  if (!editable) {
    stage.setAttribute("role", "application");
    stage.setAttribute("aria-label", label);
    if (main) stage.setAttribute("data-cc-drag", "");
    onDrag(stage, (x, y, phase) => {
      if (phase === "end") return;
      const at = (share, count) => Math.floor(share * (count + around.before + around.after)) - around.before;
      onTouch(limit(at(y, rows), rows), limit(at(x, columns), columns));
    });
    onArrows(stage, onStep);
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
    typed = editable ? typedGrid() : null;
    if (!editable) cells = Array.from({ length: rows * columns }, () => element("span", { class: "cc-pool-cell" }));
    content.replaceChildren(...(editable ? [typed.root] : cells));
  }

  function typedGrid() {
    const grid = numberGrid({ label, rows, columns, values: new Array(rows * columns).fill(0), onInput });
    cells = [...grid.root.querySelectorAll("input")];
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
        const text = shortText(value);
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
    /** Lay `boxes` over the numbers, {row, column, rows, columns, kind, sign}; rows and columns may lie in the padding. */
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

/** A number with at most two decimals and a true minus sign, to fit into a cell. */
function shortText(value) {
  const text = String(Number(value.toFixed(2)));
  return text === "-0" ? "0" : text.replace("-", "−");
}

function limit(value, count) {
  return Math.min(Math.max(value, 0), count - 1);
}
