// A black pad to draw on in white, by mouse, finger or keyboard.
import { clamp } from "../../widgets/numbers.js";
import { element, frame } from "../../widgets/instrument.js";
import { button } from "../../widgets/controls.js";
import { onArrows, onDrag } from "../../widgets/gestures.js";

const PEN_STEP = 4; // pixels for an arrow key

/** A canvas that is read as well as drawn on, with its context. */
export function scratchCanvas(width, height) {
  const canvas = element("canvas", { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  return { canvas, context };
}

/** A pad of `width` * `height` pixels and a brush of `brush` pixels. onChange(context) comes at most once a frame.
 *  Returns {root, board, context, send(), clear(), focus()}: `send` reports what stands there. */
export function drawingPad({ width, height, brush, onChange }) {
  const { canvas, context } = scratchCanvas(width, height);
  const pen = { x: width / 2, y: height / 2, down: false };
  const cursor = element("div", { class: "cc-pen" });
  const help = element("p", { class: "cc-quiet" });
  const board = element("div", { class: "cc-board", role: "application", "aria-label": "Drawing pad" }, canvas, cursor);
  const send = frame(() => onChange(context));

  function showPen() {
    cursor.style.transform = `translate(${(100 * pen.x) / width}cqw, ${(100 * pen.y) / width}cqw)`;
    cursor.dataset.down = pen.down;
    help.textContent = "Draw with the mouse or a finger. By keyboard: arrow keys move the pen, Space puts it down or lifts it. "
      + `The pen is ${pen.down ? "down" : "up"}.`;
  }
  function moveTo(x, y, paint) {
    if (paint) {
      context.beginPath();
      context.moveTo(pen.x, pen.y);
      context.lineTo(x + 0.01, y); // a dot, too, has a length
      context.stroke();
      send();
    }
    Object.assign(pen, { x, y });
    showPen();
  }
  function clear() {
    context.fillStyle = "#000";
    context.fillRect(0, 0, width, height);
    send();
  }

  Object.assign(context, { strokeStyle: "#fff", lineWidth: brush, lineCap: "round" });
  onDrag(board, (x, y, phase) => {
    if (phase === "start") moveTo(x * width, y * height, false);
    if (phase !== "end") moveTo(x * width, y * height, true);
  }, { scrolls: false });
  onArrows(board, (rows, columns) => {
    moveTo(clamp(pen.x + columns * PEN_STEP, 0, width - 1), clamp(pen.y + rows * PEN_STEP, 0, height - 1), pen.down);
  });
  board.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    pen.down = !pen.down;
    moveTo(pen.x, pen.y, pen.down);
  });
  context.fillStyle = "#000";
  context.fillRect(0, 0, width, height);
  showPen();
  const side = element("div", { class: "cc-column" }, help, button("Clear", clear));
  const root = element("div", { class: "cc-pad cc-panel", hidden: true }, board, side);
  return { root, board, context, send, clear, focus: () => board.focus({ preventScroll: true }) };
}
