// What a learner does with pointer and keys: drag, step with the arrow keys, move a mark.

const draggable = new WeakSet(); // what `onDrag` watches

/** Follow a pointer (mouse, pen or touch) pressed on `target`. onMove(x, y, phase) gets the position as a
 *  fraction 0..1 of the target's box and "start", "move" or "end".
 *
 *  A finger that moves up or down over it scrolls the page, and one that taps, or begins to the side, moves what is there;
 *  so nothing happens before the browser has told these apart. With `scrolls` false every movement of a finger counts. */
export function onDrag(target, onMove, { scrolls = true } = {}) {
  const inBox = (share) => Math.min(Math.max(share, 0), 1 - 1e-9);
  const at = (event, phase) => {
    const box = target.getBoundingClientRect();
    onMove(inBox((event.clientX - box.left) / box.width), inBox((event.clientY - box.top) / box.height), phase);
  };
  let pressed = null; // where a finger went down that has not begun to drag
  const begin = () => {
    if (pressed === null) return;
    target.focus?.({ preventScroll: true });
    at(pressed, "start");
    pressed = null;
  };
  draggable.add(target);
  target.style.touchAction = scrolls ? "pan-y" : "none";
  target.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    target.setPointerCapture(event.pointerId);
    pressed = event;
    if (event.pointerType === "mouse" || !scrolls) begin();
  });
  target.addEventListener("pointermove", (event) => {
    if (!target.hasPointerCapture(event.pointerId) || (pressed !== null && isUpright(pressed, event))) return;
    begin();
    at(event, "move");
  });
  target.addEventListener("pointerup", (event) => {
    begin();
    at(event, "end");
  });
  target.addEventListener("pointercancel", (event) => { // the finger scrolls
    if (pressed === null) at(event, "end");
    pressed = null;
  });
}

/** Whether the way from one event to the other leads up or down rather than to the side. */
function isUpright(from, to) {
  return Math.abs(to.clientY - from.clientY) > Math.abs(to.clientX - from.clientX);
}

/** Make `target` steppable with the arrow keys (Shift: ten steps; Home / End: row ends).
 *  onStep(rows, columns) gets the steps down and right. */
export function onArrows(target, onStep) {
  target.tabIndex = 0;
  target.dataset.lmSuppressShortcuts = "true";
  target.addEventListener("keydown", (event) => {
    const size = event.shiftKey ? 10 : 1;
    const step = {
      ArrowUp: [-size, 0], ArrowDown: [size, 0], ArrowLeft: [0, -size], ArrowRight: [0, size],
      Home: [0, -Infinity], End: [0, Infinity],
    }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    onStep(step[0], step[1]);
  });
}

/** Let a mark be moved over `target`, by pointer and by arrow keys. For a screen reader it is a slider: `label` names it, and
 *  tell(text) says where the mark stands, which has to be called at first and after every move. `main` marks the
 *  one that the benchmarks drag. `scrolls`, onMove and onStep are as onDrag and onArrows have them.
 *  @param {HTMLElement} target
 *  @param {{label: string, main?: boolean, scrolls?: boolean, onMove: (x: number, y: number, phase: string) => void,
 *    onStep: (rows: number, columns: number) => void}} options
 *  @returns {{tell(text: string, at?: {now: number, low: number, high: number}): void}} `at`: the place as a number, where it is one */
export function movable(target, { label, main = false, scrolls = true, onMove, onStep }) {
  target.setAttribute("role", "slider");
  target.setAttribute("aria-label", label);
  target.setAttribute("data-cc-move", "");
  if (main) target.setAttribute("data-cc-drag", "");
  onDrag(target, onMove, { scrolls });
  onArrows(target, onStep);
  const set = (name, value) => { if (target.getAttribute(name) !== String(value)) target.setAttribute(name, String(value)); };
  const tell = (text, { now, low, high } = { now: 0, low: 0, high: 0 }) => {
    set("aria-valuemin", low);
    set("aria-valuemax", high);
    set("aria-valuenow", now);
    set("aria-valuetext", text);
  };
  tell("");
  return { tell };
}

// ---------------------------------------------------------------------------------------------- live texts

/** While a pointer holds something in `root` that can be dragged, its live texts are not spoken. Each that has changed is spoken
 *  once, after the release and what it draws. */
export function quietWhileDragging(root) {
  let held = []; // {node, live, text}: the live texts, as they were before the drag
  let speaking = 0;
  const isDragged = (node) => draggable.has(node) || (node instanceof HTMLInputElement && node.type === "range");

  root.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.composedPath().some(isDragged)) return;
    cancelAnimationFrame(speaking); // the next drag began before it
    if (held.length === 0) held = liveTexts(root);
    for (const { node } of held) node.setAttribute("aria-live", "off");
    const release = () => {
      removeEventListener("pointerup", release);
      removeEventListener("pointercancel", release);
      speaking = requestAnimationFrame(() => { speaking = requestAnimationFrame(speak); });
    };
    addEventListener("pointerup", release);
    addEventListener("pointercancel", release);
  }, { capture: true });

  function speak() {
    for (const { node, live, text } of held) {
      if (live === null) node.removeAttribute("aria-live");
      else node.setAttribute("aria-live", live);
      if (node.textContent !== text) node.replaceChildren(...node.childNodes); // put there anew, it is spoken
    }
    held = [];
  }
}

function liveTexts(root) {
  return [...root.querySelectorAll("[aria-live], [role=status]")]
    .map((node) => ({ node, live: node.getAttribute("aria-live"), text: node.textContent }))
    .filter(({ live }) => live !== "off");
}
