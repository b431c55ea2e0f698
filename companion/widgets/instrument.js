// The frame that every widget of the course stands in, and what its elements are made with.
import { quietWhileDragging } from "./gestures.js";

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

/** The root of a widget: a titled group that keeps JupyterLab's shortcuts away from its inputs, and whose live texts are
 *  quiet while something in it is dragged. No landmark: a lesson has dozens, several of one name. */
export function instrument(el, title, subtitle = "") {
  const heading = element("h3", { class: "cc-title", id: uniqueId("title") }, title);
  const root = element("div", { class: "cc", role: "group", "aria-labelledby": heading.id, "data-lm-suppress-shortcuts": "true" });
  root.append(element("div", { class: "cc-header" }, heading, element("p", { class: "cc-subtitle" }, subtitle)));
  quietWhileDragging(root);
  el.append(root);
  return root;
}

/** A short message that screen readers speak; `tone` is "info", "good", "bad" or "todo". Empty text hides it.
 *  @returns {{root: HTMLElement, say(text: string, tone?: string): void}} */
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

/** A box that scrolls sideways where `children` are wider than it; only then it is a stop of the Tab key, which `label` names.
 *  Nothing has to end it: the browser forgets its observer with it. */
export function scrollBox(label, ...children) {
  const root = element("div", { class: "cc-scroll", role: "group", "aria-label": label }, ...children);
  const watcher = new ResizeObserver(() => {
    if (root.scrollWidth > root.clientWidth + 1) root.tabIndex = 0;
    else root.removeAttribute("tabindex");
  });
  for (const node of [root, ...children]) watcher.observe(node);
  return root;
}
