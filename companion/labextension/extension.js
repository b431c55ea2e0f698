// CNN Companion's JupyterLab extension. It lets a widget of the course write an answer into the source of its own cell,
// lets JupyterLab's shortcuts through to the notebook from inside such a widget, brings into view what was run, shows
// the text of a widget whose kernel is gone, puts a strip of its questions above an assignment and the course's outline into
// the side bar, and keeps what was done for it.

import { ANSWER_EVENT, MOUNT_EVENT, PROGRESS_EVENT, SAVE_EVENT } from "../widgets/answer.js";
import { element } from "../widgets/instrument.js";
import { follow, report as tell, save, write } from "./answers.js";
import { answered, asleep, runningLine } from "./asleep.js";
import { findCell } from "./cells.js";
import { course } from "./course.js";
import { onKeydown } from "./keys.js";
import { keeper } from "./progress.js";
import { foldReadings } from "./reading.js";
import { showInstead } from "./rendering.js";
import { report } from "./reports.js";
import { makeRoom } from "./room.js";
import { strip } from "./strip.js";
import { RUN_AND_GO_ON, showWhatWasRun } from "./view.js";

/** Call `answer(host, detail)` whenever the widget at `host` asks for something. */
function onAsked(type, answer) {
  document.addEventListener(type, (event) => { if (event instanceof CustomEvent) answer(event.target, event.detail); });
}

/** What JupyterLab activates; `jupyter` holds JupyterLab's own classes and functions, such as Lumino's `Widget`, of which everything in
 *  its frame is made. */
export function plugin(jupyter) {
  const kept = keeper(() => localStorage, jupyter.PageConfig.getOption("serverRoot"));

  /** Dress a notebook as the course wants it. */
  function createNew(app, panel) {
    const header = (node) => {
      const widget = new jupyter.Widget({ node });
      widget.hide();
      panel.contentHeader.addWidget(widget);
      return widget;
    };
    const line = runningLine(app, panel, header);
    const instead = report(panel);
    showInstead(panel, (type, model, node) => {
      const text = asleep(type, model, node, () => answered(kept, panel, model));
      if (text) line.wake();
      return text ?? instead(type, model);
    });
    strip(panel, header, line);
    foldReadings(panel, kept);
  }

  return {
    id: "cnn-companion:answers",
    description: "CNN Companion: answers that are written into their cells, and a quiet place for them.",
    autoStart: true,
    optional: [jupyter.ILabShell, jupyter.ILayoutRestorer],
    async activate(app, labShell, restorer) {
      document.head.append(element("link", { rel: "stylesheet", href: new URL("extension.css", import.meta.url).href }));
      app.docRegistry.addWidgetExtension("Notebook", { createNew: (panel) => createNew(app, panel) });
      onAsked(ANSWER_EVENT, (host, detail) => { detail.outcome = write(app, host, detail); });
      onAsked(SAVE_EVENT, (host, detail) => { detail.outcome = save(app, host); });
      onAsked(MOUNT_EVENT, (host) => {
        const place = findCell(app, host);
        if (!place) return;
        follow(place.cell);
        tell(place.cell, host);
      });
      app.commands.commandExecuted.connect((_, { id, result }) => { if (id === RUN_AND_GO_ON) showWhatWasRun(app, result); });
      window.addEventListener("keydown", (event) => onKeydown(app, event), true);
      onAsked(PROGRESS_EVENT, (host, news) => {
        const place = findCell(app, host);
        if (place) kept.note(place.panel.context.path, place.cell.model.id, news);
      });
      if (!labShell) return; // Notebook 7 has no side bar for more than one notebook
      const shown = await course(app, jupyter, { labShell, restorer, kept });
      if (shown) app.docRegistry.addWidgetExtension("Notebook", { createNew: (panel) => shown.follow(panel) });
      makeRoom(labShell, shown?.id);
    },
  };
}
