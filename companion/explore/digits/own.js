// A pad for a digit of the learner's own.
import { drawingPad } from "../parts/pad.js";
import { centredDigit } from "../maths/digits.js";

const SIDE = 112; // pixels of the pad, four for one of the digit's
const BRUSH = 10;

/** onDraw(pixels) gets a DataView of 28 * 28 grey levels, centred and scaled as MNIST's, when something has been drawn. Returns {root,
 *  show(open), focus()}. */
export function ownDigit({ onDraw }) {
  const pad = drawingPad({
    width: SIDE, height: SIDE, brush: BRUSH,
    onChange(context) {
      const { data } = context.getImageData(0, 0, SIDE, SIDE);
      const levels = Uint8Array.from({ length: SIDE * SIDE }, (_, index) => data[4 * index]);
      onDraw(new DataView(centredDigit(levels, SIDE).buffer));
    },
  });
  pad.root.classList.add("cc-own");
  pad.board.setAttribute("aria-label", "Drawing pad for a digit of your own");
  return { root: pad.root, show(open) { pad.root.hidden = !open; }, focus: pad.focus };
}
