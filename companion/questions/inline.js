// The two marks that a question's text may carry. They become elements, so no text is ever read as HTML.

import { element } from "../widgets/instrument.js";

const MARK = /`([^`]+)`|(?<![\w*])\*(?!\s)([^*]+?)(?<!\s)\*(?![\w*])/g;

/** `text` as nodes: `code` and *emphasis* as such (2 * 3 * 4 and 2*3*4 stay as they are). */
export function inline(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(MARK)) {
    nodes.push(text.slice(end, match.index));
    nodes.push(match[1] ? element("code", {}, match[1]) : element("em", {}, match[2]));
    end = match.index + match[0].length;
  }
  nodes.push(text.slice(end));
  return nodes;
}
