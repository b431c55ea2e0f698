// The window that is moved over a picture: {left, top, side} in shares of it.
import { movable } from "../../widgets/gestures.js";
import { element } from "../../widgets/instrument.js";
import { clamp, percent } from "../../widgets/numbers.js";

export const SMALLEST = 0.15; // of the picture, for the window's side
const STEP = 0.02; // of the picture, for an arrow key
const PART = 0.6; // of the picture: the window's side once a window that held all of it is moved

/** The window held within the picture. */
export function held({ left, top, side }) {
  const width = clamp(side, SMALLEST, 1);
  return { left: clamp(left, 0, 1 - width), top: clamp(top, 0, 1 - width), side: width };
}

/** A window that can be moved: a smaller one in the middle, in place of one that holds all. */
export function withRoom(window) {
  return window.side > 0.95 ? { left: (1 - PART) / 2, top: (1 - PART) / 2, side: PART } : window;
}

/** From the window's corner to a point inside it, by which it is held; a window is held in its middle from outside. */
export function gripOf({ left, top, side }, x, y) {
  const isInside = x >= left && x < left + side && y >= top && y < top + side;
  return isInside ? [x - left, y - top] : [side / 2, side / 2];
}

/** The window over the `picture`, a canvas. onMove(window) while it is dragged or stepped. Returns {root, show(window)}. */
export function windowView(picture, { onMove }) {
  const box = element("div", { class: "cc-window" });
  const root = element("div", { class: "cc-scene" }, picture, box);
  let window = { left: 0, top: 0, side: 1 };
  let grip = [0, 0];
  const { tell } = movable(root, {
    label: "Window on the picture. Arrow keys move it.", main: true,
    onMove(x, y, phase) {
      if (phase === "start") window = withRoom(window);
      if (phase === "start") grip = gripOf(window, x, y);
      onMove({ ...window, left: x - grip[0], top: y - grip[1] });
    },
    onStep(rows, columns) {
      const { left, top, side } = withRoom(window);
      onMove({ left: left + columns * STEP, top: top + rows * STEP, side });
    },
  });
  return {
    root,
    show(next) {
      window = next;
      const { left, top, side } = next;
      Object.assign(box.style, { left: `${100 * left}%`, top: `${100 * top}%`, width: `${100 * side}%`, height: `${100 * side}%` });
      tell(`${percent(left, 0)} from the left, ${percent(top, 0)} from the top`);
    },
  };
}
