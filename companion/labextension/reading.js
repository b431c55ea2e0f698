// The text that tells what comes, folded until the learner has seen it come.

import { element } from "../widgets/instrument.js";

const WORDS = "What came is told here, once you have predicted and looked. Open it now";

/** The prediction after which a cell is to be read, by its cell's id; "" for a cell that is always shown. */
function after(cell) {
  return cell.model.getMetadata("companion")?.after ?? "";
}

/** Fold each text in the notebook of `panel` that is to be read after a prediction, `{"companion": {"after": "predict-shift"}}` in its
 *  metadata, until that is closed or the learner opens it. `kept` knows of both (progress.js). */
export function foldReadings(panel, kept) {
  const { content } = panel;

  function look() {
    if (panel.isDisposed) return;
    const known = kept.progress(panel.context.path);
    for (const cell of content.widgets.filter(after)) {
      const isOpen = Boolean(known[after(cell)]?.isClosed || known[cell.model.id]?.wasOpened);
      cell.node.classList.toggle("cc-folded", !isOpen);
      if (!isOpen && !cell.node.querySelector(":scope > .cc-unfold")) cell.node.append(unfold(cell));
    }
  }

  function unfold(cell) {
    return element("button", {
      type: "button", class: "cc-unfold", "aria-expanded": "false",
      onclick: () => {
        kept.note(panel.context.path, cell.model.id, { wasOpened: true });
        cell.node.focus();
      },
    }, WORDS);
  }

  panel.context.ready.then(() => {
    look();
    content.model.cells.changed.connect(look);
    kept.onChange(look);
  });
}
