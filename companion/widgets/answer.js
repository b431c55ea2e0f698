// How a widget and the JupyterLab extension talk about an answer that is written in the cell's own source.
//
// The widget asks by a bubbling event; the extension rewrites the one line `name = literal` and says so in
// `event.detail.outcome`. Where no extension listens (VS Code, Colab) the outcome stays null and the widget
// tells the learner what to type.
import { statusLine } from "./instrument.js";

export const ANSWER_EVENT = "cnn-companion:answer"; // widget -> extension: write this literal
export const SAVE_EVENT = "cnn-companion:save"; // widget -> extension: save the notebook that shows me
export const MOUNT_EVENT = "cnn-companion:mount"; // widget -> extension: I show this name, tell me of changes
export const PROGRESS_EVENT = "cnn-companion:progress"; // question -> extension: this far the learner is
export const SOURCE_EVENT = "cnn-companion:source"; // extension -> widget: the cell now says this literal

const BLANK = ['""', "None"]; // what stands for no answer
const cellOf = new WeakMap(); // for each host, JupyterLab's cell around it

/** @typedef {{written: boolean, reason?: string}} Outcome what became of a wish, with the reason if it was refused */

/** Ask for `name = literal` in the cell that holds `host`. Returns the outcome, or null where no extension listens.
 *  @returns {Outcome | null} */
export function writeAnswer(host, name, literal) {
  /** @type {{name: string, literal: string, outcome: Outcome | null}} */
  const detail = { name, literal, outcome: null };
  // A view that ends is out of the document already, but what was entered last still goes to its cell.
  const sender = host.isConnected ? host : cellOf.get(host) ?? host;
  sender.dispatchEvent(new CustomEvent(ANSWER_EVENT, { bubbles: true, composed: true, detail }));
  return detail.outcome;
}

const TOUCHES = ["pointerdown", "focus"]; // come before anything is entered
const ENTRIES = ["click", "input"]; // come alone from some assistive software

/** Call `onSource(literal)` whenever the cell's line for `name` changes, also once when the widget is first seen, if
 *  the line can be read. That first report never replaces an entry: it comes before the learner's first one, or not at
 *  all. Returns a function that ends it. */
export function followSource(host, name, onSource) {
  let isEntry = false;
  const listener = (event) => {
    if (event.detail.name === name && !isEntry) onSource(event.detail.literal);
  };
  host.dataset.companionAnswer = name;
  host.addEventListener(SOURCE_EVENT, listener);
  // While it renders, or is scrolled out of a long notebook, the widget is not in the document: ask once it is seen, or
  // touched.
  const inView = new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting)) ask(); });
  const asking = new AbortController();
  function ask(event) {
    asking.abort();
    inView.disconnect();
    cellOf.set(host, host.closest(".jp-Cell"));
    isEntry = ENTRIES.includes(event?.type);
    host.dispatchEvent(new CustomEvent(MOUNT_EVENT, { bubbles: true, composed: true, detail: { name } }));
    isEntry = false;
  }
  for (const type of [...TOUCHES, ...ENTRIES]) host.addEventListener(type, ask, { capture: true, signal: asking.signal });
  inView.observe(host);
  return () => {
    asking.abort();
    inView.disconnect();
    host.removeEventListener(SOURCE_EVENT, listener);
  };
}

/** The sentence that tells a learner what became of the answer. */
export function describeOutcome(outcome, name, literal) {
  if (outcome?.written && BLANK.includes(literal)) return "Cleared: the cell above holds no answer now.";
  if (outcome?.written) return "Written into the cell above. Ctrl+S saves the notebook.";
  const line = `${name} = ${literal}`;
  if (outcome) return `Not written: ${outcome.reason} The line should say: ${line}`;
  return `This editor can't write it for you. In the cell above, change the line to: ${line}`;
}

/** An explorer's answer, which is kept in its cell as `name = literal`, and the line that says what became of it. Without a `name`
 *  there is no answer: nothing is written or read.
 *
 *  write(literal) puts the answer into the cell, if it isn't what stands there. `read(literal)` makes of what the cell says the value that
 *  onRead(value) gets; it returns undefined for what stands for no answer, which changes nothing, and null for what is no
 *  answer, and the learner reads `refusal()`, such as "is not 3 rows of 3 numbers; the kernel shown here is the last good one".
 *  While `isWaiting()`, what the learner has entered is about to be written, so that what the cell said before doesn't count.
 *  @param {HTMLElement} host
 *  @param {{name: string, read: (literal: string) => any, refusal: () => string, onRead: (value: any) => void,
 *    problem?: string, isWaiting?: () => boolean}} options `problem` is shown at first
 *  @returns {{root: HTMLElement, write(literal: string): void, clear(): void, close(): void}} */
export function answerLine(host, { name, read, refusal, onRead, problem = "", isWaiting = () => false }) {
  const { root, say } = statusLine();
  let inCell = ""; // the literal that the cell holds, as far as known
  const clear = () => say("");

  function take(literal) {
    if (isWaiting() && literal === inCell) return; // another line changed, and what is entered here comes next
    inCell = literal;
    const value = read(literal);
    if (value === undefined) return;
    if (value === null) {
      say(`The cell’s ${name} ${refusal()}.`, "bad");
      return;
    }
    clear();
    onRead(value);
  }

  say(problem, "bad");
  return {
    root, clear,
    write(literal) {
      if (!name) return;
      const outcome = literal === inCell ? { written: true } : writeAnswer(host, name, literal);
      if (outcome?.written) inCell = literal;
      say(describeOutcome(outcome, name, literal), outcome?.written ? "good" : "bad");
    },
    close: name ? followSource(host, name, take) : () => {},
  };
}

const told = new WeakMap(); // of each question, what it has to tell once it is in the document

/** Tell how far the learner is with the question at `host`, now, or as soon as it is seen: whether it is done, and in a short sentence what
 *  was answered, "" for nothing; and whether a prediction is closed. Where no extension listens, nobody minds. */
export function tellProgress(host, isDone, said, isClosed = false) {
  const tell = () => host.dispatchEvent(new CustomEvent(PROGRESS_EVENT, { bubbles: true, composed: true, detail: told.get(host) }));
  const isWaiting = told.has(host) && !host.isConnected;
  told.set(host, { isDone, said, isClosed });
  if (host.isConnected) tell();
  else if (!isWaiting) new IntersectionObserver((_, seen) => {
    if (!host.isConnected) return;
    seen.disconnect();
    tell();
  }).observe(host);
}

/** Save the notebook that shows `host`. Resolves to the outcome, or to null where no extension listens: then what was saved
 *  last counts.
 *  @returns {Promise<Outcome | null>} */
export async function saveNotebook(host) {
  /** @type {{outcome: Outcome | null}} */
  const detail = { outcome: null };
  host.dispatchEvent(new CustomEvent(SAVE_EVENT, { bubbles: true, composed: true, detail }));
  return detail.outcome;
}
