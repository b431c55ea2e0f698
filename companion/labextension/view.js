// What was run is in view.

export const RUN_AND_GO_ON = "notebook:run-cell-and-select-next";
const OWN_MOVES = ["wheel", "pointerdown", "keydown", "touchstart"];
const TIME_TO_SHOW = 3000; // milliseconds in which a widget appears after its cell has run
const FRAMES_TO_SETTLE = 30;
const GAP = 12; // pixels around a widget

/** Once a cell has run, bring the widget that it shows into view, from its top: JupyterLab has gone on to the next cell. Not if the
 *  learner has begun to do something else. */
export async function showWhatWasRun(app, result) {
  const { content } = app.shell.currentWidget ?? {};
  const cell = content?.widgets?.[content.activeCellIndex - 1];
  if (!cell) return;
  const moved = new AbortController();
  for (const type of OWN_MOVES) window.addEventListener(type, () => moved.abort(), { capture: true, signal: moved.signal });
  await result;
  const widget = await appeared(cell, moved.signal);
  const view = content.outerNode ?? content.node;
  for (let frames = 0; widget && frames < FRAMES_TO_SETTLE && !moved.signal.aborted; frames += 1) {
    bringIntoView(widget, view);
    await new Promise(requestAnimationFrame); // in which JupyterLab may scroll, too
  }
  moved.abort();
}

/** Scroll so that all of a widget is seen, or as much as there is room for, from its top. */
function bringIntoView(widget, view) {
  const [box, seen] = [widget, view].map((node) => node.getBoundingClientRect());
  const below = box.bottom + GAP - seen.bottom;
  const above = box.top - GAP - seen.top;
  if (above < 0 || below > 0) view.scrollTop += above < 0 ? above : Math.min(below, above);
}

/** The course's widget in a cell's output, as soon as it keeps its height for some frames; null if none comes. */
async function appeared(cell, stopped) {
  const end = performance.now() + TIME_TO_SHOW;
  let [height, frames] = [0, 0];
  while (performance.now() < end && !stopped.aborted) {
    const widget = cell.node.querySelector(".jp-Cell-outputWrapper .cc");
    const now = widget?.offsetHeight ?? 0;
    frames = now > 0 && now === height ? frames + 1 : 0;
    if (frames === 3) return widget;
    height = now;
    await new Promise(requestAnimationFrame);
  }
  return null;
}
