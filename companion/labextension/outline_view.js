// The course's outline as one sees it: what to go on with, and the lessons with their sections and assignments.

import { button } from "../widgets/controls.js";
import { element, uniqueId } from "../widgets/instrument.js";

const MARKS = { done: ["✓", "done"], open: ["○", "open"], "": ["", ""] };

/** Draws the outline anew when it has changed. `on` is told what the learner asks for: to go on, to open a notebook at a cell, to fold a
 *  lesson or unfold it, to start it anew.
 *  @param {{goOn(): void, open(path: string, cell?: string): void, fold(path: string, isOpen: boolean): void,
 *    anew(path: string): void}} on
 *  @returns {{root: HTMLElement, show(rows: import("./outline.js").Row[], place: string): void}} `place` says in words where the learner
 *    stopped, "" at the very beginning */
export function outlineView(on) {
  const goOn = button("", on.goOn, "primary");
  const stopped = element("p", { class: "cc-course-place", id: uniqueId("place") });
  const lessons = element("ol", { class: "cc-course-lessons" });
  const root = element("nav", { class: "cc-course", "aria-label": "Course" }, goOn, stopped, lessons);
  goOn.setAttribute("aria-describedby", stopped.id);
  let shown = "";

  function show(rows, place) {
    const now = JSON.stringify([rows, place]);
    if (now === shown) return;
    shown = now;
    goOn.textContent = place ? "Go on where you stopped" : "Begin";
    stopped.textContent = place || rows[0]?.title || "";
    const focused = lessons.contains(document.activeElement) ? document.activeElement?.getAttribute("data-key") : null;
    lessons.replaceChildren(...rows.map((row) => lessonItem(row, on)));
    if (focused) /** @type {HTMLElement | undefined} */ ([...lessons.querySelectorAll("[data-key]")]
      .find((node) => node.getAttribute("data-key") === focused))?.focus();
  }
  return { root, show };
}

/** A lesson: a button that folds it, one that opens it, and what is in it. */
function lessonItem(row, on) {
  const inside = element("div", { class: "cc-course-inside", id: uniqueId("lesson"), hidden: !row.isOpen },
    element("ol", {}, ...row.sections.map((section) => sectionItem(row.path, section, on))));
  if (row.quiz) inside.append(quizEntry(row.quiz, on));
  inside.append(keyed(button("Start this lesson anew …", () => on.anew(row.path), "cc-course-anew"), "anew", row.path));
  const fold = element("button", {
    type: "button", class: "cc-course-fold", "aria-expanded": String(row.isOpen), "aria-controls": inside.id, "aria-label": `Sections of ${row.title}`,
    onclick: () => on.fold(row.path, !row.isOpen),
  });
  const said = row.said && count(row.said, "sections done");
  const open = entry([row.title], row.isCurrent && "page", () => on.open(row.path), said);
  return element("li", { class: "cc-course-lesson" },
    element("div", { class: "cc-course-row" }, keyed(fold, "fold", row.path), keyed(open, "open", row.path)), inside);
}

function sectionItem(path, { title, id, mark, isCurrent }, on) {
  const [sign, word] = MARKS[mark];
  const node = entry([title, word && unseen(`(${word})`)], isCurrent && "location", () => on.open(path, id));
  node.prepend(markSign(mark, sign));
  return element("li", {}, keyed(node, id, path));
}

function quizEntry({ path, title, said, mark, isCurrent }, on) {
  const node = entry([title], isCurrent && "page", () => on.open(path), said && count(said, "answered"));
  node.classList.add("cc-course-quiz");
  node.prepend(markSign(mark, MARKS[mark][0]));
  return keyed(node, "open", path);
}

/** A line that one can follow, with what is said at its end. */
function entry(title, current, onclick, said = null) {
  return element("button", { type: "button", class: "cc-course-entry", "aria-current": current || null, onclick },
    element("span", { class: "cc-course-title" }, ...title), said || null);
}

function markSign(mark, sign) {
  return element("span", { class: "cc-course-mark", "data-mark": mark, "aria-hidden": "true" }, sign);
}

/** Words for those who don't see the sign. */
function unseen(words) {
  return element("span", { class: "cc-unseen" }, words);
}

function count(said, unit) {
  return element("span", { class: "cc-course-said", title: `${said} ${unit}` }, said, unseen(` ${unit}`));
}

function keyed(node, what, path) {
  node.dataset.key = `${what} ${path}`;
  return node;
}
