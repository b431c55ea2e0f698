// Widgets whose kernel is gone: their text, and one line for the page that wakes them all.

import { button } from "../widgets/controls.js";
import { element } from "../widgets/instrument.js";

const WIDGET = "application/vnd.jupyter.widget-view+json";
const NOT_FOUND = "Error displaying widget";
const RUN_ALL = "notebook:run-all-cells";
const RUNNING = new Set([RUN_ALL, "notebook:restart-run-all"]);
const GONE = new Set(["restarting", "autorestarting", "dead", "terminating"]);

/** The text of a course's widget, where JupyterLab can't show the widget itself, and below it what `answered()` says; else null. */
export function asleep(type, model, node, answered) {
  if (type !== WIDGET || !model.metadata["cnn-companion"] || !node.textContent.startsWith(NOT_FOUND)) return null;
  const said = answered();
  return element("section", { class: "cc-asleep" }, [model.data["text/plain"]].flat().join(""),
    said ? element("p", { class: "cc-asleep-said" }, said) : null);
}

/** What is kept as answered in the cell of `panel` that shows the output `model`; "" for nothing.
 *  @param {{progress(path: string): import("./progress.js").Progress}} kept */
export function answered(kept, panel, model) {
  for (const cell of panel.content.model?.cells ?? []) {
    const { outputs } = cell;
    for (let place = 0; place < (outputs?.length ?? 0); place += 1) {
      if (outputs.get(place) === model) return kept.progress(panel.context.path)[cell.id]?.said ?? "";
    }
  }
  return "";
}

const ASLEEP = "This page is asleep: its kernel has ended or was restarted. Running all cells wakes it and brings back what you did.";
const NEW = "The questions of this page appear when all its cells have run.";

/** Above a notebook whose widgets are not there, or whose kernel has ended, a line with a button that runs all cells.
 *  `header(node)` puts it there, hidden, and returns what shows it.
 *  @returns {{ask(): void, wake(): void}} ask() is for an assignment that was not run yet, wake() for widgets found asleep */
export function runningLine(app, panel, header) {
  const said = element("span");
  const run = button("Run all cells", runAll, "primary");
  const close = button("Not now", () => place.hide());
  const place = header(element("div", { class: "cc-running", role: "status" }, said, run, close));
  let isRunning = false; // all cells, perhaps with a kernel that is restarted for them
  const show = (words) => {
    if (isRunning) return;
    said.textContent = words;
    place.show();
  };
  /** JupyterLab goes to the end of the page; the learner stays where they are. */
  async function runAll() {
    const { content } = panel;
    const before = content.activeCellIndex;
    const done = app.commands.execute(RUN_ALL);
    content.activeCellIndex = before;
    content.mode = "command";
    await content.scrollToItem(before, "smart");
    await done;
  }
  const hasWidgets = () => panel.content.widgets.some((cell) => cell.node.querySelector(".jp-OutputArea .cc"));

  panel.sessionContext.statusChanged.connect((_, status) => { if (GONE.has(status) && hasWidgets()) show(ASLEEP); });
  const onCommand = async (_, { id, result }) => {
    if (!RUNNING.has(id) || app.shell.currentWidget !== panel) return;
    place.hide();
    isRunning = true;
    await result;
    isRunning = false;
  };
  app.commands.commandExecuted.connect(onCommand);
  panel.disposed.connect(() => app.commands.commandExecuted.disconnect(onCommand));
  return { ask: () => show(NEW), wake: () => show(ASLEEP) };
}
