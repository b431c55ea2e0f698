// The course's outline, from the text of its notebooks and from what the learner did in them.

import { questions } from "./questions.js";

/** @typedef {import("./questions.js").Read & {id: string}} Cell
 *  @typedef {{title: string, id: string, mark: "done" | "open" | "", questions: string[], code: string[]}} Section
 *    `id` is that of the cell with its heading; `questions` and `code` are ids of cells; without either there is no mark
 *  @typedef {{path: string, title: string, cells: Cell[]}} Page a notebook
 *  @typedef {{path: string, title: string, said: string, mark: "done" | "open" | "", isCurrent: boolean}} Quiz
 *  @typedef {{path: string, title: string, isCurrent: boolean, isOpen: boolean, said: string, sections: (Section & {isCurrent: boolean})[],
 *    quiz: Quiz | null}} Row a lesson with its assignment */

const TITLE = /^# (.+)/;
const SECTION = /^## (.+)/m;
const QUESTION = /^\s*(?:predict|checkpoint|self_test)\(/m;
const NOT_YET = /^\s*○ not yet: /m; // as companion.check says it

/** The cells of a notebook's JSON, as the functions below take them.
 *  @returns {Cell[]} */
export function cellsOf(notebook) {
  return notebook.cells.map(({ id, cell_type, source, metadata }) => ({
    id, type: cell_type, source: [source].flat().join(""), settings: metadata?.nbgrader ?? {},
  }));
}

/** A notebook's title: its first heading; "" for none.
 *  @param {Cell[]} cells */
export function titleOf(cells) {
  return cells.map((cell) => heading(cell, TITLE)).find(Boolean) ?? "";
}

/** The sections of a lesson, each with what there is to do in it and whether it is done: all of its questions, or else its code.
 *  @param {Cell[]} cells
 *  @param {import("./progress.js").Progress} progress
 *  @returns {Section[]} */
export function sectionsOf(cells, progress) {
  /** @type {Section[]} */
  const found = [];
  for (const cell of cells) {
    const title = heading(cell, SECTION);
    if (title) found.push({ title, id: cell.id, mark: "", questions: [], code: [] });
    else if (cell.type === "code" && cell.source.trim() && found.length > 0) {
      found[found.length - 1][QUESTION.test(cell.source) ? "questions" : "code"].push(cell.id);
    }
  }
  for (const section of found) section.mark = markOf(section, progress);
  return found;
}

function markOf({ questions: asked, code }, progress) {
  if (asked.length === 0 && code.length === 0) return "";
  const isDone = asked.length > 0 ? asked.every((id) => progress[id]?.isDone) : code.every((id) => progress[id]?.ran);
  return isDone ? "done" : "open";
}

/** The section in which a cell stands; undefined before the first.
 *  @param {Cell[]} cells */
export function sectionAt(cells, id) {
  const place = cells.findIndex((cell) => cell.id === id);
  const start = cells.slice(0, place + 1).findLast((cell) => heading(cell, SECTION));
  return start && { title: heading(start, SECTION), id: start.id };
}

/** What is to be shown of an assignment: its number, how many of its questions have an answer, such as "9 of 13", "" for no questions.
 *  @param {Page} page
 *  @returns {Quiz} */
function quizRow({ path, title, cells }, isCurrent) {
  const found = questions(cells);
  const answered = found.filter(({ isOpen }) => !isOpen).length;
  const said = found.length === 0 ? "" : `${answered} of ${found.length}`;
  return { path, title: title.split(":")[0], said, mark: said && (answered === found.length ? "done" : "open"), isCurrent };
}

/** What is to be shown of each lesson, in order. `at` is where the learner is; `isOpen(path)` tells whether a lesson is unfolded.
 *  @param {{lesson: Page, quiz: Page | null}[]} units
 *  @param {{at: {path: string, cell: string} | null, progress: (path: string) => import("./progress.js").Progress,
 *    isOpen: (path: string, isCurrent: boolean) => boolean}} state
 *  @returns {Row[]} */
export function outline(units, { at, progress, isOpen }) {
  return units.map(({ lesson, quiz }) => {
    const here = at?.path === lesson.path ? sectionAt(lesson.cells, at.cell)?.id : undefined;
    const sections = sectionsOf(lesson.cells, progress(lesson.path)).map((section) => ({ ...section, isCurrent: section.id === here }));
    const marked = sections.filter(({ mark }) => mark);
    const done = marked.filter(({ mark }) => mark === "done").length;
    const isCurrent = at?.path === lesson.path;
    const isQuiz = at !== null && at.path === quiz?.path;
    return {
      path: lesson.path, title: lesson.title, isCurrent, isOpen: isOpen(lesson.path, isCurrent || isQuiz),
      said: marked.length > 0 ? `${done} of ${marked.length}` : "", sections,
      quiz: quiz && quizRow(quiz, isQuiz),
    };
  });
}

/** Whether what a cell shows after it has run leaves nothing to do: no check that says what is not right yet.
 *  @param {{data?: Record<string, any>}[]} outputs */
export function isSolved(outputs) {
  return !outputs.some(({ data }) => NOT_YET.test([data?.["text/plain"] ?? ""].flat().join("")));
}

/** The title or the heading of a section that a cell brings, without marks; "" for none. Above the heading may stand the end of the section
 *  before; below a title, no section begins.
 *  @param {Cell} cell
 *  @param {RegExp} pattern */
function heading({ type, source }, pattern) {
  const isWanted = type === "markdown" && (pattern === TITLE || !TITLE.test(source));
  return (isWanted && pattern.exec(source)?.[1].replace(/[*`]/g, "").trim()) || "";
}
