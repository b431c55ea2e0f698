// What the explorers that draw diagrams share: sharp canvases, the theme's inks and the handles to drag.
import { movable } from "../../widgets/gestures.js";
import { element } from "../../widgets/instrument.js";

/** Make the canvas width x height CSS pixels at the screen's resolution. Returns its context, in CSS pixels. */
export function fitCanvas(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.imageSmoothingEnabled = false;
  context.textBaseline = "middle";
  return context;
}

/** The theme's colours as canvas styles, by the names of instrument.css without "--cc-". */
export function inks(root) {
  const style = getComputedStyle(root);
  const names = ["accent", "bad", "line", "mark", "negative", "positive", "quiet", "raised", "surface", "text"];
  return {
    ...Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--cc-${name}`).trim()])),
    font: (size, weight = 400) => `${weight} ${size}px ${style.fontFamily}`,
  };
}

/** Call `onWidth(pixels)` at first and whenever the content of `node` changes its width. Returns a function that ends it. */
export function watchWidth(node, onWidth) {
  let last = 0;
  const observer = new ResizeObserver(([entry]) => {
    const width = Math.floor(entry.contentRect.width);
    if (width === last || width === 0) return;
    last = width;
    onWidth(width);
  });
  observer.observe(node);
  return () => observer.disconnect();
}

/** A see-through area over a canvas on which a mark is moved, as `movable` in gestures.js has it.
 *  @param {Parameters<typeof movable>[1]} options
 *  @returns {{root: HTMLElement} & ReturnType<typeof movable>} */
export function handle(options) {
  const root = element("div", { class: "cc-handle" });
  return { root, ...movable(root, options) };
}

/** Put a handle over the rectangle {x, y, width, height} of its stage. */
export function place(root, { x, y, width, height }) {
  Object.assign(root.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` });
}

/** A colour table from black to `colour` ([red, green, blue]), as `paint` takes it. */
export function tinted([red, green, blue]) {
  return Uint32Array.from({ length: 256 }, (_, index) => {
    const part = (value) => Math.round((value * index) / 255);
    return (255 << 24) | (part(blue) << 16) | (part(green) << 8) | part(red);
  });
}
