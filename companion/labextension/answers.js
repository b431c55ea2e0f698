// Writing an answer into the source of its own cell, and telling a widget what its cell says
// (companion/widgets/answer.js describes the events).

import { SOURCE_EVENT } from "../widgets/answer.js";
import { assignments, findCell } from "./cells.js";

/** Why the answer can't be written here, as a sentence, or "" if it can. */
function refusal({ panel, cell }, name) {
  if (panel.context?.contentsModel?.writable === false || panel.context?.model.readOnly) {
    return "this notebook is read-only; save a copy of it first.";
  }
  if (cell.readOnly || cell.model.getMetadata("editable") === false) return "this cell is locked.";
  const found = assignments(cell.model.sharedModel.getSource(), name);
  if (found.length === 0) return `this cell has no line that starts with “${name} =”.`;
  if (found.length > 1) return `this cell has ${found.length} lines that start with “${name} =”; keep one.`;
  return found[0].value === null ? `the line “${name} =” holds more than one plain value.` : "";
}

/** Rewrite the one line `name = ...`; returns the outcome that the widget reports to the learner. */
export function write(app, target, { name, literal }) {
  const place = findCell(app, target);
  if (!place) return { written: false, reason: "this is a copy of the question, outside its notebook." };
  const reason = refusal(place, name);
  if (reason) return { written: false, reason };
  const shared = place.cell.model.sharedModel;
  const [{ start, end }] = assignments(shared.getSource(), name);
  // One answer is one step of undo, however fast it follows on typing.
  shared.undoManager?.stopCapturing();
  shared.updateSource(start, end, `${name} = ${literal}`);
  shared.undoManager?.stopCapturing();
  return { written: true };
}

/** Tell the widget at `host` what its cell says now, if that is clear. */
export function report(cell, host) {
  const name = host.dataset.companionAnswer;
  const found = assignments(cell.model.sharedModel.getSource(), name);
  if (found.length !== 1 || found[0].value === null) return;
  host.dispatchEvent(new CustomEvent(SOURCE_EVENT, { detail: { name, literal: found[0].value } }));
}

/** Save the notebook that shows `target`; resolves to the outcome that the widget reports to the learner. */
export async function save(app, target) {
  const context = findCell(app, target)?.panel.context;
  if (!context) return { written: false, reason: "this is a copy of the page, outside its notebook." };
  try {
    await context.save();
  } catch (error) {
    return { written: false, reason: `${error.message ?? error}.` };
  }
  return { written: true };
}

const followed = new WeakSet();

/** Keep every widget of `cell` up to date until the cell goes away. */
export function follow(cell) {
  if (followed.has(cell)) return;
  followed.add(cell);
  const { sharedModel } = cell.model;
  const onChange = (_, change) => {
    if (!change.sourceChange) return;
    for (const host of cell.node.querySelectorAll("[data-companion-answer]")) report(cell, host);
  };
  sharedModel.changed.connect(onChange);
  cell.disposed.connect(() => sharedModel.changed.disconnect(onChange));
}
