// What a test says before there is an answer: a quiet line, not an error in red.

import { element } from "../widgets/instrument.js";
import { nbgrader } from "./cells.js";
import { reportOf } from "./questions.js";

const ERRORS = new Set(["application/vnd.jupyter.error", "application/vnd.jupyter.stderr"]);

/** For an assignment's notebook: the line in place of such an error; null for any other output. */
export function report(panel) {
  return (type, model) => {
    const error = ERRORS.has(type) && model.data["application/vnd.jupyter.error"];
    if (!error || !panel.content.widgets.some((cell) => nbgrader(cell.model).grade)) return null;
    const words = reportOf(error);
    return words ? element("p", { class: "cc-report" }, words) : null;
  };
}
