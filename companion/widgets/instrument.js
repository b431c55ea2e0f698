// The course's instrument: the controls, pictures and gestures that every explorer is built from.

/** A DOM element. `attributes` may hold on* handlers, `class`, `style` and anything setAttribute takes. */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

let serial = 0;
/** An id that no other view on the page has (crypto.randomUUID needs https). */
export function uniqueId(prefix) {
  serial += 1;
  return `cc-${prefix}-${Date.now().toString(36)}-${Math.floor(Math.random() * 1e9).toString(36)}-${serial}`;
}

/** Run `callback` at most once a frame, however often the returned function is called. */
export function frame(callback) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      callback();
    });
  };
}

/** The root of an explorer: a titled group that keeps JupyterLab's shortcuts away from its inputs. */
export function instrument(el, title, subtitle = "") {
  const heading = element("h3", { class: "cc-title", id: uniqueId("title") }, title);
  const root = element("section", { class: "cc", "aria-labelledby": heading.id, "data-lm-suppress-shortcuts": "true" });
  root.append(element("header", { class: "cc-header" }, heading, element("p", { class: "cc-subtitle" }, subtitle)));
  el.append(root);
  return root;
}

/** A labelled slider with its value and unit shown. Returns {root, input, set(value)}. */
export function slider({ label, min, max, step = 1, value, unit = "", onInput }) {
  const input = element("input", { type: "range", min, max, step, value, id: uniqueId("slider"), "data-lm-suppress-shortcuts": "true" });
  const output = element("output", { class: "cc-value", for: input.id });
  const show = () => { output.textContent = unit ? `${input.value} ${unit}` : input.value; };
  input.addEventListener("input", () => { show(); onInput?.(Number(input.value)); });
  show();
  const root = element("div", { class: "cc-control" }, element("label", { for: input.id }, label), input, output);
  return { root, input, set(next) { input.value = next; show(); } };
}

/** A labelled drop-down. `options` are strings or [value, text] pairs. Returns {root, input, set(value)}. */
export function dropdown({ label, options, value, onInput }) {
  const input = element("select", { id: uniqueId("select"), "data-lm-suppress-shortcuts": "true" });
  for (const option of options) {
    const [key, text] = Array.isArray(option) ? option : [option, option];
    input.append(element("option", { value: key }, text));
  }
  input.value = value;
  input.addEventListener("change", () => onInput?.(input.value));
  const root = element("div", { class: "cc-control" }, element("label", { for: input.id }, label), input);
  return { root, input, set(next) { input.value = next; } };
}

/** A few options of which one holds, as labelled radio buttons in a row. `options` are [value, text] pairs.
 *  Returns {root, set(value)}. */
export function radios({ label, options, value, onInput }) {
  const name = uniqueId("radios");
  const inputs = options.map(([key]) => {
    const input = element("input", { type: "radio", name, value: key, id: uniqueId("radio"), "data-lm-suppress-shortcuts": "true" });
    input.addEventListener("change", () => onInput?.(key));
    return input;
  });
  const root = element("fieldset", { class: "cc-radios" }, element("legend", {}, label),
    ...inputs.map((input, index) => element("label", { for: input.id }, input, options[index][1])));
  const set = (next) => inputs.forEach((input) => { input.checked = input.value === String(next); });
  set(value);
  return { root, set };
}

/** A push button; `kind` is "" or "primary". */
export function button(text, onClick, kind = "") {
  return element("button", { type: "button", class: `cc-button ${kind}`.trim(), onclick: onClick, "data-lm-suppress-shortcuts": "true" }, text);
}

/** A check box with its label. Returns {root, input, set(value)}. */
export function checkbox({ label, value, onInput }) {
  const input = element("input", { type: "checkbox", id: uniqueId("check"), "data-lm-suppress-shortcuts": "true" });
  input.checked = value;
  input.addEventListener("change", () => onInput?.(input.checked));
  const root = element("div", { class: "cc-control cc-check" }, input, element("label", { for: input.id }, label));
  return { root, input, set(next) { input.checked = next; } };
}

/** A short message that screen readers speak; `tone` is "info", "good" or "bad". Empty text hides it. */
export function statusLine() {
  const root = element("p", { class: "cc-status", role: "status", "aria-live": "polite" });
  return {
    root,
    say(text, tone = "info") {
      if (root.textContent !== text) root.textContent = text;
      root.dataset.tone = tone;
    },
  };
}

/** What is wrong with a typed number, or "" if nothing is. */
function numberProblem(text) {
  const trimmed = text.trim();
  if (trimmed === "") return "This cell is empty: type a number.";
  if (/^[-+]?\d*,\d+$/.test(trimmed)) {
    return `“${trimmed}” has a comma: write the decimal point as a point, ${trimmed.replace(",", ".")}.`;
  }
  return Number.isFinite(Number(trimmed)) ? "" : `“${trimmed}” is not a number.`;
}

/** A grid of editable numbers. Arrow up / down in a cell moves between rows, Enter accepts, an entry that is
 *  no number is marked and named in the message below the grid; the value from before the editing then counts.
 *  onInput(values) gets a fresh array of rows * columns numbers. Returns {root, set(values)}. */
export function numberGrid({ label, rows, columns, values, onInput, readOnly = false }) {
  const current = Array.from(values);
  let before = 0; // the value of the cell in focus when its editing began
  const problem = statusLine();
  const grid = element("div", { class: "cc-grid", role: "group", "aria-label": label });
  grid.style.setProperty("--columns", columns);
  const inputs = current.map((value, index) => {
    const row = Math.floor(index / columns) + 1;
    const column = (index % columns) + 1;
    const input = element("input", {
      type: "text", inputmode: "decimal", class: "cc-cell", autocomplete: "off", readonly: readOnly,
      "aria-label": `${label}, row ${row}, column ${column}`, "data-lm-suppress-shortcuts": "true",
    });
    input.value = formatNumber(value);
    input.addEventListener("input", () => accept(index));
    const begin = () => { before = current[index]; };
    input.addEventListener("change", begin);
    input.addEventListener("focus", () => { begin(); input.select(); });
    input.addEventListener("keydown", (event) => {
      const step = { ArrowUp: -columns, ArrowDown: columns }[event.key];
      const next = inputs[index + (step ?? 0)];
      if (step && next) { event.preventDefault(); next.focus(); }
    });
    grid.append(input);
    return input;
  });
  function accept(index) {
    const trouble = numberProblem(inputs[index].value);
    inputs[index].setAttribute("aria-invalid", trouble !== "");
    if (trouble) {
      const place = `Row ${Math.floor(index / columns) + 1}, column ${(index % columns) + 1}`;
      problem.say(`${place}: ${trouble} The value from before, ${formatNumber(before)}, stays in use.`, "bad");
    } else if (inputs.every((input) => numberProblem(input.value) === "")) problem.say("");
    current[index] = trouble ? before : Number(inputs[index].value);
    onInput?.(current.slice());
  }
  const root = element("div", { class: "cc-grid-box" }, grid, problem.root);
  return {
    root,
    set(next) {
      Array.from(next).forEach((value, index) => {
        // A text that is being typed stays as long as its number does: "-" or "1." is not done yet.
        if (value === current[index] && inputs[index].matches(":focus")) return;
        current[index] = value;
        inputs[index].value = formatNumber(value);
        inputs[index].setAttribute("aria-invalid", false);
      });
      if (inputs.every((input) => numberProblem(input.value) === "")) problem.say("");
    },
  };
}

/** A number as the course writes it: true minus sign only in running text, at most `digits` decimals. */
export function formatNumber(value, digits = 3) {
  return String(Number(value.toFixed(digits)));
}

/** A whole number with thin separators, e.g. 1,204,224. */
export function formatCount(value) {
  return Math.round(value).toLocaleString("en-US");
}

// ---------------------------------------------------------------------------------------------- pictures

/** The colour tables of the current theme: two Uint32Array(256) of canvas pixels, `grey` for pictures (black
 *  to white) and `diverging` for weights and feature maps (index 0 most negative, 128 zero, 255 most positive). */
export function colourTables(root) {
  const style = getComputedStyle(root);
  const anchor = (name) => parseColour(style.getPropertyValue(name));
  return {
    grey: ramp([[0, 0, 0], [255, 255, 255]]),
    diverging: ramp([anchor("--cc-negative"), anchor("--cc-zero"), anchor("--cc-positive")]),
  };
}

function parseColour(text) {
  const hex = text.trim().replace("#", "");
  return [0, 2, 4].map((start) => parseInt(hex.slice(start, start + 2), 16));
}

function ramp(anchors) {
  const table = new Uint32Array(256);
  for (let index = 0; index < 256; index += 1) {
    const position = (index / 255) * (anchors.length - 1);
    const lower = Math.min(Math.floor(position), anchors.length - 2);
    const share = position - lower;
    const [r, g, b] = anchors[lower].map((value, channel) => Math.round(value + share * (anchors[lower + 1][channel] - value)));
    table[index] = (255 << 24) | (b << 16) | (g << 8) | r; // little-endian RGBA
  }
  return table;
}

/** Call `onChange` whenever the colours of `root` change: when the page turns light or dark, and when `root` is first
 *  shown. JupyterLab renders a restored widget outside of the document, where no style reaches it; a later theme may
 *  also arrive while its cell is scrolled away. Returns a function that ends it. */
export function watchTheme(root, onChange) {
  const unstyled = () => getComputedStyle(root).getPropertyValue("--cc-zero") === "";
  let stale = unstyled();
  const recolour = () => {
    stale = unstyled();
    if (!stale) onChange();
  };
  const theme = new MutationObserver(recolour);
  theme.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name", "class"] });
  const shown = new ResizeObserver(() => { if (stale) recolour(); });
  shown.observe(root);
  return () => {
    theme.disconnect();
    shown.disconnect();
  };
}

/** Paint `values` (height * width numbers) into the canvas, one canvas pixel each; CSS scales it up crisply.
 *  `low` and `high` map to the ends of the colour table. */
export function paint(canvas, values, height, width, table, low, high) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const scale = high > low ? 255 / (high - low) : 0;
  for (let index = 0; index < pixels.length; index += 1) {
    const level = (values[index] - low) * scale;
    pixels[index] = table[level <= 0 ? 0 : level >= 255 ? 255 : Math.round(level)];
  }
  context.putImageData(image, 0, 0);
}

/** Largest absolute value, at least `floor`: the symmetric range of a diverging picture. */
export function magnitude(values, floor = 1e-6) {
  let largest = floor;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest;
}

/** A canvas in a figure with a caption; `label` is its text alternative. Returns {root, canvas, caption}. */
export function figure(label, captionText = "") {
  const canvas = element("canvas", { class: "cc-canvas", role: "img", "aria-label": label });
  const caption = element("figcaption", {}, captionText);
  const box = element("div", { class: "cc-stage" }, canvas);
  return { root: element("figure", { class: "cc-figure" }, box, caption), stage: box, canvas, caption };
}

// ---------------------------------------------------------------------------------------------- gestures

/** Follow a pointer (mouse, pen or touch) pressed on `target`. onMove(x, y, phase) gets the position as a
 *  fraction 0..1 of the target's box and "start", "move" or "end". */
export function onDrag(target, onMove) {
  const at = (event, phase) => {
    const box = target.getBoundingClientRect();
    const clamp = (value) => Math.min(Math.max(value, 0), 1 - 1e-9);
    onMove(clamp((event.clientX - box.left) / box.width), clamp((event.clientY - box.top) / box.height), phase);
  };
  target.style.touchAction = "none";
  target.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    target.setPointerCapture(event.pointerId);
    target.focus?.({ preventScroll: true });
    at(event, "start");
  });
  target.addEventListener("pointermove", (event) => { if (target.hasPointerCapture(event.pointerId)) at(event, "move"); });
  target.addEventListener("pointerup", (event) => at(event, "end"));
  target.addEventListener("pointercancel", (event) => at(event, "end"));
}

/** Make `target` steppable with the arrow keys (Shift: ten steps; Home / End: row ends).
 *  onStep(rows, columns) gets the steps down and right. */
export function onArrows(target, onStep) {
  target.tabIndex = 0;
  target.dataset.lmSuppressShortcuts = "true";
  target.addEventListener("keydown", (event) => {
    const size = event.shiftKey ? 10 : 1;
    const step = {
      ArrowUp: [-size, 0], ArrowDown: [size, 0], ArrowLeft: [0, -size], ArrowRight: [0, size],
      Home: [0, -Infinity], End: [0, Infinity],
    }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    onStep(step[0], step[1]);
  });
}

/** A DataView or Uint8Array as sent by a Bytes trait, as a Uint8Array without copying. */
export function bytes(view) {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

// ---------------------------------------------------------------------------------------------- Python's side

const SEND_AFTER = 250; // milliseconds after the learner's last change

/** Do `action` `wait` milliseconds after the last `soon()`. If it is still to be done when the page is left, or when the
 *  view ends by `close()`, it is done then. Returns {soon, cancel, isWaiting, close}. */
export function later(action, wait = SEND_AFTER) {
  let timer = 0;
  const cancel = () => { clearTimeout(timer); timer = 0; };
  const now = () => {
    if (timer === 0) return;
    cancel();
    action();
  };
  addEventListener("pagehide", now);
  return {
    cancel,
    soon() { clearTimeout(timer); timer = setTimeout(now, wait); },
    isWaiting: () => timer !== 0,
    close() { removeEventListener("pagehide", now); now(); },
  };
}

/** Keep `state` and the model's `traits` in step. `edit(changes)` is for what the learner changes: it is sent soon. `save()`
 *  sends all that changed here at once. `onReload(names)` is called after Python has changed these traits, with `state`
 *  up to date. `close()` sends what is not sent yet. Returns {edit, save, close}.
 *
 *  Who was last wins, for each trait by itself. So what Python sets is taken, except for a trait with a change of the
 *  learner's that is still to be sent: that one is in the learner's hands now, and Python gets it next. */
export function inStep(model, traits, state, onReload) {
  const unsent = new Set();
  const sending = later(save);
  let saving = false;
  const reload = () => {
    if (saving) return;
    const news = traits.filter((name) => !unsent.has(name) && model.get(name) !== state[name]);
    if (news.length === 0) return;
    for (const name of news) state[name] = model.get(name);
    onReload(news);
  };
  function save() {
    sending.cancel();
    unsent.clear();
    saving = true; // each set calls reload at once, before the next is set
    for (const name of traits) if (model.get(name) !== state[name]) model.set(name, state[name]);
    saving = false;
    model.save_changes();
  }
  for (const name of traits) model.on(`change:${name}`, reload);
  return {
    save,
    edit(changes) {
      for (const name of Object.keys(changes)) if (changes[name] !== state[name]) unsent.add(name);
      Object.assign(state, changes);
      sending.soon();
    },
    close() {
      sending.close();
      for (const name of traits) model.off(`change:${name}`, reload);
    },
  };
}
