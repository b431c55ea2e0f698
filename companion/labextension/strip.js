// Above an assignment: a strip of its questions, which of them have an answer, and the way to each.

import { button } from "../widgets/controls.js";
import { element, frame } from "../widgets/instrument.js";
import { roving } from "../widgets/roving.js";
import { nbgrader } from "./cells.js";
import { foldedLine, hasFailed, isStale, questions } from "./questions.js";

const STATES = { open: "open", answered: "answered", failed: "answered, and its test has failed" }; // in words
const FIRST_CONTROL = ".cc :is(input, textarea, [tabindex='0']):not([tabindex='-1'], :disabled, [readonly])";

/** Keep a strip for the notebook in `panel` until it is closed. `header(node)` puts it above the notebook, hidden, and returns what
 *  shows it; `line` asks to run all cells (asleep.js). */
export function strip(panel, header, line) {
  const { content } = panel;
  const said = element("span", { class: "cc-strip-said", role: "status" });
  const dots = element("ol", { class: "cc-strip-dots" });
  const next = button("Next open", goToOpen);
  const root = element("nav", { class: "cc-strip", "aria-label": "Questions of this assignment" }, said, dots, next);
  const place = header(root);
  /** @type {import("./questions.js").Question[]} */
  let shown = [];
  /** @type {(button: HTMLElement) => void} */
  let stopAt = () => {}; // makes a button the one that the Tab key finds
  const sources = new Map(); // of each answer's cell, as it was when we last looked

  function read() {
    return content.widgets.map(({ model }) => ({ type: model.type, source: model.sharedModel.getSource(), settings: nbgrader(model) }));
  }

  function look() {
    if (panel.isDisposed) return;
    const cells = read();
    shown = questions(cells);
    place.setHidden(shown.length === 0);
    for (const question of shown) if (isNews(question, cells)) clearReports(question, cells[question.answer].source);
    for (const cell of content.widgets) showFoldedLine(cell);
    draw();
  }

  function isNews({ answer }, cells) {
    const { id } = content.widgets[answer].model;
    const before = sources.get(id);
    sources.set(id, cells[answer].source);
    return before !== undefined && before !== cells[answer].source;
  }

  /** Take away what a test said of an answer that is another one now. */
  function clearReports({ tests }, source) {
    for (const place of tests) {
      const { outputs } = content.widgets[place].model;
      if (outputs && isStale(outputs.toJSON(), source)) outputs.clear();
    }
  }

  function draw() {
    const states = shown.map(stateOf);
    const answered = states.filter((state) => state !== "open").length;
    const failed = states.filter((state) => state === "failed").length;
    const words = (answered === shown.length ? "All questions have an answer" : `${answered} of ${shown.length} answered`)
      + (failed ? `, ${failed} failed in its test` : "");
    if (said.textContent !== words) said.textContent = words;
    next.hidden = answered === shown.length;
    if (dots.children.length !== shown.length) {
      const buttons = shown.map((_, index) => dot(index));
      dots.replaceChildren(...buttons.map((each) => element("li", {}, each)));
      if (buttons.length) ({ stopAt } = roving(buttons));
    }
    shown.forEach(({ title }, index) => {
      const node = /** @type {HTMLButtonElement} */ (dots.children[index].firstElementChild);
      node.textContent = /\d+/.exec(title)?.[0] ?? String(index + 1);
      node.dataset.state = states[index];
      node.title = `${title}: ${STATES[states[index]]}`;
      node.setAttribute("aria-label", node.title);
    });
    markCurrent();
  }

  /** @returns {keyof typeof STATES} */
  function stateOf({ isOpen, tests }) {
    if (isOpen) return "open";
    return tests.some((place) => hasFailed(content.widgets[place].model.outputs?.toJSON() ?? [])) ? "failed" : "answered";
  }

  function dot(index) {
    return element("button", { type: "button", class: "cc-strip-dot", onclick: () => goTo(index) });
  }

  async function goTo(index) {
    const { ask, answer } = shown[index];
    content.activeCellIndex = answer;
    content.mode = "command";
    await content.scrollToItem(ask, "start");
    const control = content.widgets[answer].node.querySelector(FIRST_CONTROL) ?? content.node;
    control.focus({ preventScroll: true });
  }

  function goToOpen() {
    const after = shown.findIndex(({ isOpen, answer }) => isOpen && answer > content.activeCellIndex);
    goTo(after < 0 ? shown.findIndex(({ isOpen }) => isOpen) : after);
  }

  function markCurrent() {
    const index = shown.findLastIndex(({ ask }) => ask <= content.activeCellIndex);
    for (const [number, item] of [...dots.children].entries()) {
      const button = /** @type {HTMLButtonElement} */ (item.firstElementChild);
      if (number === index) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
      if (number === index) stopAt(button);
    }
  }

  const soon = frame(look);
  panel.context.ready.then(() => {
    content.model.contentChanged.connect(soon);
    content.activeCellChanged.connect(markCurrent);
    look();
    if (shown.length && !content.widgets.some(({ model }) => model.executionCount)) line.ask();
  });
}

/** Let a folded cell show the line that holds its answer, as it is now. */
function showFoldedLine(cell) {
  if (!cell.inputHidden) return;
  const place = cell.node.querySelector(".jp-InputPlaceholder .jp-Placeholder-content");
  const line = foldedLine(cell.model.sharedModel.getSource());
  if (place && place.textContent !== line) place.textContent = line;
}
