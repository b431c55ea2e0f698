// The questions of an assignment as its cells tell them: what `companion submit` reads off them too (companion/submit.py).

import { assignments } from "./cells.js";

const STUB = /# YOUR CODE HERE\s*raise NotImplementedError\(\)|YOUR ANSWER HERE/;
const SOLUTION = "### BEGIN SOLUTION";
const BLANK = /^(?:None|""|'')$/;

/** @typedef {{type: string, source: string, settings: {solution?: boolean, grade?: boolean, grade_id?: string}}} Read
 *    a cell: its type, its text and nbgrader's settings
 *  @typedef {{title: string, ask: number, answer: number, tests: number[], isOpen: boolean}} Question
 *    `ask`, `answer` and `tests` are places of cells: of its heading, of its answer and of what tests it */

/** The questions of a learner's notebook, in order; none for the instructor's, which holds the solutions.
 *  @param {Read[]} cells
 *  @returns {Question[]} */
export function questions(cells) {
  /** @type {Question[]} */
  const found = [];
  let heading = { title: "", place: -1 };
  for (const [place, { type, source, settings }] of cells.entries()) {
    if (source.includes(SOLUTION)) return [];
    const title = type === "markdown" ? headingOf(source) : "";
    if (title) heading = { title, place };
    if (settings.solution) {
      const ask = heading.place < 0 ? place : heading.place;
      found.push({ title: heading.title || String(settings.grade_id ?? "a cell"), ask, answer: place, tests: [], isOpen: isOpen(type, source) });
    } else if (settings.grade) found.at(-1)?.tests.push(place);
  }
  return found;
}

/** The first heading in a text, without the points: "### Question 3 · 1 point" -> "Question 3"; "" for none. */
function headingOf(text) {
  for (const line of text.split("\n")) {
    const heading = /^#+ (.*)/.exec(line)?.[1].split("·")[0].trim();
    if (heading) return heading;
  }
  return "";
}

/** Whether an answer cell still holds a stub, or `NAME = ""` or `NAME = None` where the answer should be. */
function isOpen(type, source) {
  if (STUB.test(source)) return true;
  if (type !== "code") return source.trim() === "";
  return source.replace(/#.*/g, "").trim() === "" || assignments(source, "\\w+").some(({ value }) => BLANK.test(value ?? ""));
}

/** The line of a folded cell that one wants to see: that of the answer, else the first.
 *  @param {string} source */
export function foldedLine(source) {
  const [answer] = assignments(source, "\\w+");
  return answer ? source.slice(answer.start, answer.end) : source.split("\n")[0];
}

/** Whether a report of a test, made when there was no answer, is out of date now that the answer's cell says `source`.
 *  @param {{output_type: string, ename?: string}[]} outputs
 *  @param {string} source */
export function isStale(outputs, source) {
  return outputs.some(({ ename }) => ename === "NoAnswer" || (ename === "NotImplementedError" && !source.includes("raise NotImplementedError")));
}

/** Whether a test has said that the answer is wrong, not only that there is none.
 *  @param {{output_type: string, ename?: string, evalue?: string, traceback?: string[]}[]} outputs */
export function hasFailed(outputs) {
  return outputs.some((output) => output.output_type === "error" && !reportOf(output));
}

/** What is said, in place of an error, of a test that ran before there was an answer; "" for any other error.
 *  @param {{ename?: string, evalue?: string, traceback?: string[]}} error */
export function reportOf({ ename, evalue = "", traceback = [] }) {
  if (ename === "NoAnswer") return / had no answer when this cell ran: (?:choose|give) /.test(evalue) ? "No answer yet." : evalue;
  const isStub = ename === "NotImplementedError" && evalue === "" && traceback.join("").includes("YOUR CODE HERE");
  return isStub ? "Not written yet: the code above stops at its NotImplementedError." : "";
}
