// The two pictures of Convolution, each with the window on it.
import { movable } from "../../widgets/gestures.js";
import { element } from "../../widgets/instrument.js";
import { figure, paint, penOf } from "../../widgets/pictures.js";
import { place, watchWidth } from "../parts/drawing.js";
import { inputCaption, mapCaption, placeUnder, scaleWords, STAGE, windowAround, windowWords } from "./scene.js";

const GAP = 16; // CSS pixels between the pictures, as in convolution.css
const MARGIN = 4; // CSS pixels around the outlined area, for the line and its halo

/** Both pictures, side by side. onPoint(row, column) gets the place of the map that is pointed at, onStep(rows, columns) the arrow keys,
 *  onSide(pixels) how large either stage is. Returns {root, show(scene, colours), move(scene, window), close()}. */
export function pictureStages({ onPoint, onStep, onSide }) {
  const stages = [inputStage({ onPoint, onStep }), mapStage({ onPoint, onStep })];
  const root = element("div", { class: "cc-pair" }, ...stages.map((stage) => stage.root));
  const close = watchWidth(root, (width) => {
    const side = Math.min(STAGE, Math.floor((width - GAP) / 2));
    root.style.setProperty("--stage", `${side}px`);
    onSide(side);
  });
  return {
    root, close,
    show(scene, colours) { for (const stage of stages) stage.show(scene, colours); },
    move(scene, at) { for (const stage of stages) stage.move(scene, at); },
  };
}

/** As `pictureStages` has it, of the input alone. Returns {root, show, move}. */
function inputStage({ onPoint, onStep }) {
  const { root, stage, canvas, caption, outline, window } = stageOf("Input");
  const dashed = element("div", { class: "cc-dashed", hidden: true });
  let scene = null;
  stage.insertBefore(dashed, outline);
  const { tell } = movable(stage, {
    label: "Input picture. Arrow keys move the window by one stride, Home and End to the ends of the row.", main: true, onStep,
    onMove: (x, y, phase) => { if (phase !== "end") onPoint(...windowAround(scene, x, y)); },
  });

  function show(next, colours) {
    scene = next;
    const { size, padding, padded, scale, side, dilation } = scene;
    paint(canvas, paddedPixels(scene), padded, padded, colours.grey, 0, 255);
    place(canvas, { x: 0, y: 0, width: padded * scale, height: padded * scale });
    place(dashed, { x: padding * scale, y: padding * scale, width: size * scale, height: size * scale });
    dashed.hidden = padding === 0;
    caption.textContent = inputCaption(scene);
    if (!scene.isEmpty) drawOutline(outline, scene.reachOfWindow * scale, side, dilation * scale, scale);
  }

  return {
    root, show,
    move({ stride, scale }, at) {
      window(at.column * stride * scale, at.row * stride * scale);
      tell(windowWords(at), placeOf(scene, at));
    },
  };
}

/** The feature map, with a veil over what is not computed yet while the window tours. Else as `inputStage`. */
function mapStage({ onPoint, onStep }) {
  const { root, stage, canvas, caption, outline, window } = stageOf("Feature map");
  const veil = [element("div", { class: "cc-veil" }), element("div", { class: "cc-veil" })];
  const ends = ["", "", ""].map(() => element("span", {}));
  const scale = element("div", { class: "cc-scale" },
    element("div", { class: "cc-scale-bar" }), element("div", { class: "cc-scale-ends" }, ...ends));
  let scene = null;
  stage.append(...veil);
  root.append(scale);
  const { tell } = movable(stage, {
    label: "Feature map. Arrow keys move the window by one output pixel.", onStep,
    onMove: (x, y, phase) => { if (phase !== "end") onPoint(...placeUnder(scene, x, y)); },
  });

  function show(next, colours) {
    scene = next;
    if (scene.isEmpty) return; // the last map stays, greyed
    const { map, range, left, top } = scene;
    paint(canvas, map.values, map.height, map.width, colours[range.table], range.low, range.high);
    place(canvas, { x: left, y: top, width: map.width * scene.scale, height: map.height * scene.scale });
    caption.textContent = mapCaption(scene);
    scale.dataset.kind = range.table === "grey" ? "grey" : "signed";
    scaleWords(scene).forEach((text, index) => { ends[index].textContent = text; });
    drawOutline(outline, scene.scale, 1, scene.scale, scene.scale);
  }

  /** While touring, what lies after the window is covered: the rest of its row and all rows below. */
  function drawVeil({ row, column, isTouring }) {
    for (const node of veil) node.hidden = !isTouring;
    if (!isTouring) return;
    const { map, left, top, scale: pixel } = scene;
    const [x, y] = [left + (column + 1) * pixel, top + row * pixel];
    place(veil[0], { x, y, width: (map.width - column - 1) * pixel, height: pixel });
    place(veil[1], { x: left, y: y + pixel, width: map.width * pixel, height: (map.height - row - 1) * pixel });
  }

  return {
    root, show,
    move({ left, top, scale: pixel }, at) {
      window(left + at.column * pixel, top + at.row * pixel);
      drawVeil(at);
      tell(windowWords(at), placeOf(scene, at));
    },
  };
}

function placeOf({ map }, { row, column }) {
  return { now: row * map.width + column, low: 0, high: map.values.length - 1 };
}

/** The picture with its ring of zeros. */
function paddedPixels({ pixels, size, padding, padded }) {
  const values = new Uint8Array(padded * padded);
  for (let row = 0; row < size; row += 1) {
    values.set(pixels.subarray(row * size, (row + 1) * size), (row + padding) * padded + padding);
  }
  return values;
}

/** A square stage with a canvas, the outline of a window and a caption; window(x, y) moves the outline. */
function stageOf(title) {
  const { root, stage, canvas, caption } = figure(title);
  const outline = element("canvas", { class: "cc-window", "aria-hidden": "true" });
  stage.append(outline);
  const window = (x, y) => { outline.style.transform = `translate(${x - MARGIN}px, ${y - MARGIN}px)`; };
  return { root, stage, canvas, caption, outline, window };
}

/** Draw on `canvas` the outline of a window `side` CSS pixels wide, and its taps if they don't touch. */
function drawOutline(canvas, side, kernelSize, distance, tap) {
  const ratio = devicePixelRatio;
  canvas.width = Math.ceil((side + 2 * MARGIN) * ratio);
  canvas.height = canvas.width;
  canvas.style.width = `${canvas.width / ratio}px`;
  const pen = penOf(canvas);
  const mark = getComputedStyle(canvas).getPropertyValue("--cc-mark");
  pen.scale(ratio, ratio);
  for (const [width, colour] of /** @type {[number, string][]} */ ([[5, "rgb(0 0 0 / 0.55)"], [4, "#fff"], [2, mark]])) {
    pen.lineWidth = width;
    pen.strokeStyle = colour;
    pen.strokeRect(MARGIN - 1, MARGIN - 1, side + 2, side + 2);
  }
  if (distance <= tap) return;
  pen.fillStyle = mark;
  pen.globalAlpha = 0.7;
  for (let index = 0; index < kernelSize ** 2; index += 1) {
    pen.fillRect(MARGIN + (index % kernelSize) * distance, MARGIN + Math.floor(index / kernelSize) * distance, tap, tap);
  }
}
