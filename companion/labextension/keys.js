// JupyterLab's shortcuts from inside a widget of the course.

import { findCell } from "./cells.js";

const EDITING_KEYS = new Set(["a", "c", "v", "x", "y", "z", "arrowleft", "arrowright", "backspace", "delete", "home", "end"]);

const OURS = ".cc, .cc-strip, .cc-running, .cc-course";

/** Whether a key pressed in a widget is meant for the notebook, as in Ctrl+S or Shift+Enter. */
function isShortcut(event) {
  if (["Control", "Meta", "Alt", "Shift"].includes(event.key) || event.getModifierState("AltGraph")) return false;
  if (event.key === "Escape" || (event.key === "Enter" && event.shiftKey)) return true;
  const typing = event.target.matches("input[type=text], input[type=number], textarea");
  if (typing && EDITING_KEYS.has(event.key.toLowerCase())) return false;
  return event.ctrlKey || event.metaKey || event.altKey;
}

/** Ctrl+Z on a choice takes the choice back: JupyterLab's own undo would look for a moved or deleted cell instead. */
function undoAnswer(app, event) {
  const cell = event.target.closest("[data-companion-answer]") && findCell(app, event.target)?.cell;
  if (!cell) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (event.shiftKey) cell.model.sharedModel.redo();
  else cell.model.sharedModel.undo();
}

/** Shift+Enter in a widget that keeps no answer in its cell: on to the next cell, and the widget's own is not run again. */
function goOn(app, event) {
  const place = findCell(app, event.target);
  if (!place) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const { content } = place.panel;
  const next = Math.min(content.widgets.indexOf(place.cell) + 1, content.widgets.length - 1);
  event.target.blur(); // an entry that is being typed counts
  content.activeCellIndex = next;
  content.mode = "command";
  content.node.focus();
  content.scrollToItem(next, "smart");
}

/** Lift the widget's hold on shortcuts for this one key, and let an entry that is being typed count first. */
export function onKeydown(app, event) {
  if (!event.target.closest?.(OURS) || !isShortcut(event)) return;
  if (event.key === "Enter" && event.shiftKey && !event.target.closest("[data-companion-answer]")) {
    goOn(app, event);
    return;
  }
  if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) {
    undoAnswer(app, event);
    return;
  }
  const typing = event.target.matches("input[type=text], input[type=number]");
  if (typing) event.target.dispatchEvent(new Event("change", { bubbles: true }));
  const attribute = "data-lm-suppress-shortcuts";
  const holders = [];
  for (let node = event.target.closest(`[${attribute}]`); node; node = node.parentElement.closest(`[${attribute}]`)) {
    holders.push(node);
  }
  for (const node of holders) node.removeAttribute(attribute);
  setTimeout(() => holders.forEach((node) => node.setAttribute(attribute, "true")));
}
