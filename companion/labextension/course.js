// The course in the side bar: reads its notebooks, follows those that are open, and goes where the learner asks.

import { frame } from "../widgets/instrument.js";
import { nbgrader } from "./cells.js";
import { cellsOf, isSolved, outline, sectionAt, titleOf } from "./outline.js";
import { outlineView } from "./outline_view.js";
import { startAnew } from "./anew.js";

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="16" height="16"><path class="jp-icon3 jp-icon-selectable"
  fill="#616161" d="M3.5 5.2 5 6.7l2.7-2.9L9 5 5 9.2 2.2 6.4zM11 5.5h10v2H11zm-7.5 6.7L5 13.7l2.7-2.9L9 12l-4 4.2-2.8-2.8zM11 12.5h10v2H11zM3 18.5h5v2H3zm8 1h10v-1.5H11z"/></svg>`;

/** Show the outline in the left side bar, where the server's folder is the course; else return null.
 *  @param {object} jupyter JupyterLab's own classes and functions (extension.js)
 *  @returns {Promise<{id: string, follow(panel: any): void} | null>} `id` is that of the outline; follow() is for each notebook that is
 *    opened */
export async function course(app, jupyter, { labShell, restorer, kept }) {
  const { contents } = app.serviceManager;
  if (!(await isCourse(contents))) return null;
  const soon = frame(draw);
  /** @type {import("./outline.js").Page[]} */
  let lessons = [];
  /** @type {Map<string, import("./outline.js").Page>} */
  let quizzes = new Map(); // by the paths of their lessons
  const folds = new Map(); // what the learner folded or unfolded, by path
  const view = outlineView({
    goOn: () => { const { path, cell } = stopped() ?? { path: lessons[0].path }; open(path, cell); },
    open,
    fold(path, isOpen) { folds.set(path, isOpen); draw(); },
    anew: (path) => startAnew(app, jupyter, kept, { path, title: pageAt(path)?.title ?? "" }),
  });
  const widget = new jupyter.Widget({ node: view.root });
  widget.id = "cnn-companion-course";
  widget.title.icon = new jupyter.LabIcon({ name: "cnn-companion:course", svgstr: ICON });
  widget.title.caption = "Course";
  labShell.add(widget, "left", { rank: 50 });
  restorer?.add(widget, widget.id);

  const pages = () => [...lessons, ...quizzes.values()];
  const pageAt = (path) => pages().find((page) => page.path === path);

  /** Where the learner stopped, if that is still there. */
  function stopped() {
    const place = kept.place();
    return place && pageAt(place.path) ? place : null;
  }

  function draw() {
    const panel = labShell.currentWidget;
    const path = panel?.context?.path;
    const at = pageAt(path) ? { path, cell: panel.content.activeCell?.model.id } : null;
    const units = lessons.map((lesson) => ({ lesson, quiz: quizzes.get(lesson.path) ?? null }));
    const isOpen = (lesson, isCurrent) => folds.get(lesson) ?? isCurrent;
    view.show(outline(units, { at, progress: kept.progress, isOpen }), placeWords());
  }

  function placeWords() {
    const place = stopped();
    const page = place && pageAt(place.path);
    return page ? [page.title, sectionAt(page.cells, place.cell)?.title].filter(Boolean).join(" · ") : "";
  }

  async function read() {
    [lessons, quizzes] = await readCourse(contents);
    for (const panel of labShell.widgets("main")) {
      follow(panel);
      takeLive(panel);
    }
    draw();
  }

  /** What is being written in a notebook counts, not what was saved. */
  function takeLive({ context, content }) {
    const page = pageAt(context?.path);
    if (page && content.model) page.cells = content.widgets.map(({ model }) => readCell(model));
  }

  async function open(path, cell = "") {
    const { context, content, revealed } = await app.commands.execute("docmanager:open", { path });
    await Promise.all([context.ready, revealed]);
    const place = content.widgets.findIndex(({ model }) => model.id === cell);
    if (place >= 0) {
      content.activeCellIndex = place;
      content.mode = "command";
      await content.scrollToItem(place, "start", 0);
      const isSection = sectionAt(pageAt(path)?.cells ?? [], cell)?.id === cell;
      if (isSection) content.widgets[place].node.querySelector("h2")?.scrollIntoView(); // the section before may end in this cell
    }
    kept.notePlace({ path, cell: content.activeCell?.model.id });
  }

  const followed = new WeakSet();
  function follow(panel) {
    const { content, context } = panel;
    if (followed.has(panel) || !pageAt(context?.path)) return;
    followed.add(panel);
    const look = frame(() => { if (!panel.isDisposed) { takeLive(panel); draw(); } });
    context.ready.then(() => {
      content.model.contentChanged.connect(look);
      content.activeCellChanged.connect(soon);
      look();
    });
    onMove(content, ({ model }) => { if (model.sharedModel.getSource().trim()) kept.notePlace({ path: context.path, cell: model.id }); });
    panel.disposed.connect(read);
  }

  jupyter.NotebookActions.executed.connect((_, { notebook, cell, success }) => {
    const page = pageAt(notebook.parent?.context?.path);
    const { outputs, id } = cell.model;
    if (page && outputs && success && isSolved(outputs.toJSON())) kept.note(page.path, id, { ran: true });
  });
  contents.fileChanged.connect((_, { type }) => { if (type !== "save") read(); });
  kept.onChange(soon);
  window.addEventListener("storage", soon);
  labShell.currentChanged.connect(soon);
  app.restored.then(read);
  return { id: widget.id, follow };
}

function readCell(model) {
  return { id: model.id, type: model.type, source: model.sharedModel.getSource(), settings: nbgrader(model) };
}

/** Call `moved(cell)` when the learner has gone to a cell, by a click or a key: JupyterLab itself makes the last cell active when all are
 *  run. */
function onMove(content, moved) {
  let before = null;
  const { node } = content;
  node.addEventListener("keydown", () => { before = content.activeCell; }, true);
  node.addEventListener("keyup", () => { if (content.activeCell && content.activeCell !== before) moved(content.activeCell); }, true);
  node.addEventListener("pointerup", ({ target }) => { if (content.activeCell?.node.contains(target)) moved(content.activeCell); }, true);
}

async function isCourse(contents) {
  try {
    const { content } = await contents.get("");
    return ["lessons", "quizzes"].every((name) => content.some((item) => item.type === "directory" && item.name === name));
  } catch {
    return false;
  }
}

/** The lessons in order, and the assignments by the paths of their lessons.
 *  @returns {Promise<[import("./outline.js").Page[], Map<string, import("./outline.js").Page>]>} */
async function readCourse(contents) {
  const folders = await Promise.all(["lessons", "quizzes"].map((name) => contents.get(name)));
  const [names, assignments] = folders.map(({ content }) => content.map(({ name }) => name).sort());
  const lessons = [];
  const quizzes = new Map();
  for (const name of names.filter((each) => each.endsWith(".ipynb"))) {
    const lesson = await readPage(contents, `lessons/${name}`);
    if (!lesson) continue;
    lessons.push(lesson);
    const stem = name.replace(/\.ipynb$/, "");
    const quiz = assignments.includes(stem) && await readPage(contents, `quizzes/${stem}/quiz.ipynb`);
    if (quiz) quizzes.set(lesson.path, quiz);
  }
  return [lessons, quizzes];
}

/** A notebook's page; null for one that can't be read. */
async function readPage(contents, path) {
  try {
    const { content } = await contents.get(path, { type: "notebook", content: true });
    const cells = cellsOf(content);
    return { path, title: titleOf(cells) || path, cells };
  } catch {
    return null;
  }
}
