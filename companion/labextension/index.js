// CNN Companion's JupyterLab extension, written by hand: no build step stands between this file and the browser.
// It lets a widget of the course write an answer into the source of its own cell (companion/widgets/answer.js
// describes the events), lets JupyterLab's shortcuts through to the notebook from inside such a widget, brings into view
// what was run, and shows the text of a widget whose kernel is gone.

// biome-ignore lint/suspicious/noRedundantUseStrict: JupyterLab loads this as a script, not as a module
"use strict";

{
  const ANSWER_EVENT = "cnn-companion:answer";
  const SAVE_EVENT = "cnn-companion:save";
  const MOUNT_EVENT = "cnn-companion:mount";
  const SOURCE_EVENT = "cnn-companion:source";

  /** The panel and cell that show `node`, or null if it is shown elsewhere (a log, a copy of the output). */
  function findCell(app, node) {
    for (const panel of app.shell.widgets("main")) {
      const cell = panel.content?.widgets?.find?.((widget) => widget.model?.sharedModel && widget.node.contains(node));
      if (cell) return { panel, cell };
    }
    return null;
  }

  /** Every top-level line `name = value` of `source`, as {start, end, value}: where the statement lies, without a
   *  comment behind it. `value` is null if the statement does not end on that line or another one follows. */
  function assignments(source, name) {
    const pattern = new RegExp(`^${name}[ \\t]*=(?!=)[ \\t]*(.*)$`, "gm");
    return [...source.matchAll(pattern)].map((match) => {
      const value = plainValue(match[1]);
      const end = match.index + match[0].length - match[1].length + (value?.length ?? 0);
      return { start: match.index, end, value };
    });
  }

  /** The expression at the start of `text`, up to a comment; null if it is empty, goes on in the next line or is
   *  followed by another statement. */
  function plainValue(text) {
    let depth = 0;
    let end = text.length;
    for (let index = 0; index < text.length; index += 1) {
      const character = text[index];
      if (character === '"' || character === "'") {
        if (text.startsWith(character.repeat(3), index)) return null;
        index = closingQuote(text, index);
        if (index < 0) return null;
      } else if ("([{".includes(character)) depth += 1;
      else if (")]}".includes(character)) depth -= 1;
      else if (character === ";" || character === "\\") return null;
      else if (character === "#") {
        end = index;
        break;
      }
    }
    return depth === 0 ? text.slice(0, end).trimEnd() || null : null;
  }

  /** Where the text literal that opens at `start` closes, or -1. */
  function closingQuote(text, start) {
    for (let index = start + 1; index < text.length; index += 1) {
      if (text[index] === "\\") index += 1;
      else if (text[index] === text[start]) return index;
    }
    return -1;
  }

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
  function write(app, target, { name, literal }) {
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
  function report(cell, host) {
    const name = host.dataset.companionAnswer;
    const found = assignments(cell.model.sharedModel.getSource(), name);
    if (found.length !== 1 || found[0].value === null) return;
    host.dispatchEvent(new CustomEvent(SOURCE_EVENT, { detail: { name, literal: found[0].value } }));
  }

  /** Save the notebook that shows `target`; resolves to the outcome that the widget reports to the learner. */
  async function save(app, target) {
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
  function follow(cell) {
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

  const EDITING_KEYS = new Set(["a", "c", "v", "x", "y", "z", "arrowleft", "arrowright", "backspace", "delete", "home", "end"]);

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
  function onKeydown(app, event) {
    if (!event.target.closest?.(".cc") || !isShortcut(event)) return;
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

  // ------------------------------------------------------------------------------------- what was run is in view

  const RUN_AND_GO_ON = "notebook:run-cell-and-select-next";
  const OWN_MOVES = ["wheel", "pointerdown", "keydown", "touchstart"];
  const TIME_TO_SHOW = 3000; // milliseconds in which a widget appears after its cell has run
  const FRAMES_TO_SETTLE = 30;
  const GAP = 12; // pixels around a widget

  /** Once a cell has run, bring the widget that it shows into view, from its top: JupyterLab has gone on to the next cell. Not if the
   *  learner has begun to do something else. */
  async function showWhatWasRun(app, result) {
    const { content } = app.shell.currentWidget ?? {};
    const cell = content?.widgets?.[content.activeCellIndex - 1];
    if (!cell) return;
    const moved = new AbortController();
    for (const type of OWN_MOVES) window.addEventListener(type, () => moved.abort(), { capture: true, signal: moved.signal });
    await result;
    const widget = await appeared(cell, moved.signal);
    const view = content.outerNode ?? content.node;
    for (let frames = 0; widget && frames < FRAMES_TO_SETTLE && !moved.signal.aborted; frames += 1) {
      bringIntoView(widget, view);
      await new Promise(requestAnimationFrame); // in which JupyterLab may scroll, too
    }
    moved.abort();
  }

  /** Scroll so that all of a widget is seen, or as much as there is room for, from its top. */
  function bringIntoView(widget, view) {
    const [box, seen] = [widget, view].map((node) => node.getBoundingClientRect());
    const below = box.bottom + GAP - seen.bottom;
    const above = box.top - GAP - seen.top;
    if (above < 0 || below > 0) view.scrollTop += above < 0 ? above : Math.min(below, above);
  }

  /** The course's widget in a cell's output, as soon as it keeps its height for some frames; null if none comes. */
  async function appeared(cell, stopped) {
    const end = performance.now() + TIME_TO_SHOW;
    let [height, frames] = [0, 0];
    while (performance.now() < end && !stopped.aborted) {
      const widget = cell.node.querySelector(".jp-Cell-outputWrapper .cc");
      const now = widget?.offsetHeight ?? 0;
      frames = now > 0 && now === height ? frames + 1 : 0;
      if (frames === 3) return widget;
      height = now;
      await new Promise(requestAnimationFrame);
    }
    return null;
  }

  // ------------------------------------------------------------------------------------- widgets without a kernel

  const WIDGET = "application/vnd.jupyter.widget-view+json";
  const NOT_FOUND = "Error displaying widget";

  /** Have a notebook show the text of each of the course's widgets whose kernel is gone, in the place of an error. */
  function showTexts(panel) {
    const { rendermime } = panel.content;
    const create = rendermime.createRenderer.bind(rendermime);
    rendermime.createRenderer = (type) => {
      const renderer = create(type);
      if (type !== WIDGET) return renderer;
      const render = renderer.renderModel.bind(renderer);
      renderer.renderModel = async (model) => {
        await render(model);
        const isAsleep = model.metadata["cnn-companion"] && renderer.node.textContent.startsWith(NOT_FOUND);
        if (isAsleep) renderer.node.replaceChildren(asleep(model.data["text/plain"]));
      };
      return renderer;
    };
  }

  /** The text of a widget, and how to wake it. */
  function asleep(text) {
    const node = document.createElement("section");
    node.className = "cc-asleep";
    Object.assign(node.style, {
      border: "1px solid var(--jp-border-color2)", borderRadius: "6px", padding: "12px 16px", margin: "4px 0",
      fontFamily: "var(--jp-content-font-family)", fontSize: "var(--jp-content-font-size1)", color: "var(--jp-content-font-color1)",
    });
    const shown = document.createElement("div");
    Object.assign(shown.style, { whiteSpace: "pre-wrap" });
    shown.textContent = [text].flat().join("");
    const how = document.createElement("p");
    Object.assign(how.style, { margin: "10px 0 0", color: "var(--jp-content-font-color2)" });
    how.textContent = "Asleep: the kernel behind it has ended. Run All Cells, in the menu Run, wakes the page and brings back what you did.";
    node.append(shown, how);
    return node;
  }

  /** Call `answer(host, detail)` whenever the widget at `host` asks for something. */
  function onAsked(type, answer) {
    document.addEventListener(type, (event) => { if (event instanceof CustomEvent) answer(event.target, event.detail); });
  }

  const plugin = {
    id: "cnn-companion:answers",
    description: "Writes the answers of CNN Companion's questions into their cells.",
    autoStart: true,
    activate(app) {
      app.docRegistry.addWidgetExtension("Notebook", { createNew: showTexts });
      onAsked(ANSWER_EVENT, (host, detail) => { detail.outcome = write(app, host, detail); });
      onAsked(SAVE_EVENT, (host, detail) => { detail.outcome = save(app, host); });
      onAsked(MOUNT_EVENT, (host) => {
        const place = findCell(app, host);
        if (!place) return;
        follow(place.cell);
        report(place.cell, host);
      });
      app.commands.commandExecuted.connect((_, { id, result }) => { if (id === RUN_AND_GO_ON) showWhatWasRun(app, result); });
      window.addEventListener("keydown", (event) => onKeydown(app, event), true);
    },
  };

  // The shape that a module container has after webpack; JupyterLab asks it for "./extension".
  const page = /** @type {Window & {_JUPYTERLAB?: Record<string, object>}} */ (window);
  page._JUPYTERLAB = page._JUPYTERLAB ?? {};
  page._JUPYTERLAB["cnn-companion"] = {
    init: () => {},
    get: async () => () => ({ __esModule: true, default: plugin }),
  };
}
