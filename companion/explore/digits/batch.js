// The pictures of a training's first step, which are shown one after the other while TensorFlow starts.
import { ticker } from "../../widgets/clock.js";
import { element } from "../../widgets/instrument.js";
import { bytes } from "../../widgets/model.js";
import { penOf } from "../../widgets/pictures.js";

const SIDE = 28; // pixels of a picture in each direction
const COLUMNS = 16;
const PACE = 12; // pictures a second

/** Returns {root, show(pixels), close}; `pixels` is a DataView of pictures of SIDE * SIDE bytes, and none where there is nothing to wait for. */
export function batchView() {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const canvas = element("canvas", { class: "cc-canvas cc-batch-pictures", role: "img" });
  const caption = element("figcaption", {});
  const root = element("figure", { class: "cc-figure cc-batch", hidden: true }, canvas, caption);
  let shown = null;
  let count = 0;
  let drawn = 0;
  const clock = ticker({ pace: PACE, onSteps: (steps) => draw(drawn + steps) });

  function begin(pixels) {
    shown = pixels;
    root.hidden = pixels.byteLength === 0;
    count = pixels.byteLength / (SIDE * SIDE);
    drawn = 0;
    clock.stop();
    if (count === 0) return;
    canvas.width = COLUMNS * SIDE;
    canvas.height = Math.ceil(count / COLUMNS) * SIDE;
    canvas.setAttribute("aria-label", `The first ${count} digits of the training.`);
    caption.textContent = `The first ${count} digits: they go through each network at its first step.`;
    draw(calm ? count : 1);
    if (!calm) clock.start();
  }

  function draw(until) {
    const pen = penOf(canvas);
    const levels = bytes(shown);
    for (; drawn < Math.min(until, count); drawn += 1) {
      const image = pen.createImageData(SIDE, SIDE);
      for (let pixel = 0; pixel < SIDE * SIDE; pixel += 1) {
        const level = levels[drawn * SIDE * SIDE + pixel];
        image.data.set([level, level, level, 255], 4 * pixel);
      }
      pen.putImageData(image, (drawn % COLUMNS) * SIDE, Math.floor(drawn / COLUMNS) * SIDE);
    }
    if (drawn === count) clock.stop();
  }

  return {
    root,
    show(pixels) { if (pixels !== shown) begin(pixels); },
    close: clock.stop,
  };
}
