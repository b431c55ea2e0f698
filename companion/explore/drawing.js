// What the explorers that draw diagrams share: sharp canvases, the theme's inks and the handles to drag.
import { element, onArrows, onDrag } from "../widgets/instrument.js";

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
  const names = ["accent", "bad", "line", "negative", "positive", "quiet", "raised", "surface", "text"];
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

/** A see-through area over a canvas that can be dragged in and stepped with the arrow keys.
 *  onMove(x, y, phase) and onStep(rows, columns) as onDrag and onArrows have them. */
export function handle({ label, onMove, onStep, main = false }) {
  const root = element("div", { class: "cc-handle", role: "application", "aria-label": label, "data-cc-drag": main });
  onDrag(root, onMove);
  onArrows(root, onStep);
  return root;
}

/** Put a handle over the rectangle {x, y, width, height} of its stage. */
export function place(root, { x, y, width, height }) {
  Object.assign(root.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` });
}

/** A number for a diagram: `digits` decimals and a true minus sign. */
export function written(value, digits = 2) {
  const text = value.toFixed(digits);
  return text.startsWith("-") ? (Number(text) === 0 ? text.slice(1) : `−${text.slice(1)}`) : text;
}

/** `value` held between `low` and `high`. */
export function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

/** A colour table from black to `colour` ([red, green, blue]), as `paint` takes it. */
export function tinted([red, green, blue]) {
  return Uint32Array.from({ length: 256 }, (_, index) => {
    const part = (value) => Math.round((value * index) / 255);
    return (255 << 24) | (part(blue) << 16) | (part(green) << 8) | part(red);
  });
}
