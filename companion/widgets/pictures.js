// Pictures: colours, pixels on a canvas, figures, and a mark that is moved over them.
import { movable } from "./gestures.js";
import { element } from "./instrument.js";
import { clamp } from "./numbers.js";

/** The colour tables of the current theme: two Uint32Array(256) of canvas pixels, `grey` for pictures (black
 *  to white) and `diverging` for weights and feature maps (index 0 most negative, 128 zero, 255 most positive). */
export function colourTables(root) {
  const style = getComputedStyle(root);
  const anchor = (name) => parseColour(style.getPropertyValue(name));
  return {
    grey: ramp([[0, 0, 0], [255, 255, 255]]),
    diverging: ramp([anchor("--cc-negative"), anchor("--cc-zero"), anchor("--cc-positive")]),
  };
}

function parseColour(text) {
  const hex = text.trim().replace("#", "");
  return [0, 2, 4].map((start) => parseInt(hex.slice(start, start + 2), 16));
}

function ramp(anchors) {
  const table = new Uint32Array(256);
  for (let index = 0; index < 256; index += 1) {
    const position = (index / 255) * (anchors.length - 1);
    const lower = Math.min(Math.floor(position), anchors.length - 2);
    const share = position - lower;
    const [r, g, b] = anchors[lower].map((value, channel) => Math.round(value + share * (anchors[lower + 1][channel] - value)));
    table[index] = (255 << 24) | (b << 16) | (g << 8) | r; // little-endian RGBA
  }
  return table;
}

/** Call `onChange` whenever the colours of `root` change: when the page turns light or dark, and when `root` is first
 *  shown. JupyterLab renders a restored widget outside of the document, where no style reaches it; a later theme may
 *  also arrive while its cell is scrolled away. Returns a function that ends it. */
export function watchTheme(root, onChange) {
  const unstyled = () => getComputedStyle(root).getPropertyValue("--cc-zero") === "";
  let stale = unstyled();
  const recolour = () => {
    stale = unstyled();
    if (!stale) onChange();
  };
  const theme = new MutationObserver(recolour);
  theme.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name", "class"] });
  const shown = new ResizeObserver(() => { if (stale) recolour(); });
  shown.observe(root);
  return () => {
    theme.disconnect();
    shown.disconnect();
  };
}

/** What draws on a canvas.
 *  @param {HTMLCanvasElement} canvas
 *  @param {CanvasRenderingContext2DSettings} [settings]
 *  @returns {CanvasRenderingContext2D} */
export function penOf(canvas, settings) {
  const pen = canvas.getContext("2d", settings);
  if (pen === null) throw new Error("This canvas has a context of another kind already.");
  return pen;
}

/** Paint `values` (height * width numbers) into the canvas, one canvas pixel each; CSS scales it up crisply.
 *  `low` and `high` map to the ends of the colour table. */
export function paint(canvas, values, height, width, table, low, high) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const scale = high > low ? 255 / (high - low) : 0;
  for (let index = 0; index < pixels.length; index += 1) {
    const level = (values[index] - low) * scale;
    pixels[index] = table[level <= 0 ? 0 : level >= 255 ? 255 : Math.round(level)];
  }
  context.putImageData(image, 0, 0);
}

/** Paint red, green and blue planes of 0..1 (side * side numbers each) into the canvas. */
export function paintColours(canvas, [red, green, blue], side) {
  [canvas.width, canvas.height] = [side, side];
  const pen = penOf(canvas);
  const image = pen.createImageData(side, side);
  for (let index = 0; index < red.length; index += 1) {
    image.data.set([255 * red[index], 255 * green[index], 255 * blue[index], 255], 4 * index);
  }
  pen.putImageData(image, 0, 0);
}

/** Largest absolute value, at least `floor`: the symmetric range of a diverging picture. */
export function magnitude(values, floor = 1e-6) {
  let largest = floor;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest;
}

/** A canvas in a figure with a caption; `label` is its text alternative.
 *  @returns {{root: HTMLElement, stage: HTMLElement, canvas: HTMLCanvasElement, caption: HTMLElement}} */
export function figure(label, captionText = "") {
  const canvas = element("canvas", { class: "cc-canvas", role: "img", "aria-label": label });
  const caption = element("figcaption", {}, captionText);
  const box = element("div", { class: "cc-stage" }, canvas);
  return { root: element("figure", { class: "cc-figure" }, box, caption), stage: box, canvas, caption };
}

/** A figure with a frame that is laid over some of its cells and, with `onMove`, moved by pointer and arrow keys. `title` stands above;
 *  `label` names it. onMove(row, column) gets the cell that is pointed at or stepped to, within the picture. `words(row, column)`
 *  say it for a screen reader. `main` as `movable` has it.
 *  @param {{title?: string, label: string, main?: boolean, onMove?: (row: number, column: number) => void,
 *    words?: (row: number, column: number) => string}} options
 *  @returns {{root: HTMLElement, stage: HTMLElement, canvas: HTMLCanvasElement, caption: HTMLElement,
 *    resize(rows: number, columns: number): void, show(row: number, column: number, count?: number): void, hide(): void}}
 *    `resize` says how many cells the picture has; `show` lays the frame over count * count of them, from `row`, `column` on. */
export function markedPicture({ title = "", label, main = false, onMove, words = cellInWords }) {
  const { root, stage, canvas, caption } = figure(label);
  const mark = element("div", { class: "cc-cell-mark", hidden: true, "aria-hidden": "true" });
  if (title) root.prepend(element("h4", {}, title));
  stage.append(mark);
  let [rows, columns] = [1, 1];
  let at = [0, 0];
  const moveTo = (row, column) => onMove?.(clamp(row, 0, rows - 1), clamp(column, 0, columns - 1));
  const place = onMove && movable(stage, {
    label, main,
    onMove: (x, y, phase) => { if (phase !== "end") moveTo(Math.floor(y * rows), Math.floor(x * columns)); },
    onStep: (down, right) => moveTo(...(mark.hidden ? [0, 0] : [at[0] + down, at[1] + right])),
  });
  return {
    root, stage, canvas, caption,
    resize(nextRows, nextColumns) { [rows, columns] = [nextRows, nextColumns]; },
    show(row, column, count = 1) {
      at = [row, column];
      mark.hidden = false;
      Object.assign(mark.style, {
        left: `${(100 * column) / columns}%`, top: `${(100 * row) / rows}%`,
        width: `${(100 * count) / columns}%`, height: `${(100 * count) / rows}%`,
      });
      place?.tell(words(row, column), { now: row * columns + column, low: 0, high: rows * columns - 1 });
    },
    hide() {
      mark.hidden = true;
      place?.tell("nothing chosen");
    },
  };
}

/** A place of a picture or a map, as texts name it. */
export function cellInWords(row, column) {
  return `row ${row}, column ${column}`;
}
