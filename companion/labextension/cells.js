// The cells of a notebook, and what their sources say.

/** The panel and cell that show `node`, or null if it is shown elsewhere (a log, a copy of the output). */
export function findCell(app, node) {
  for (const panel of app.shell.widgets("main")) {
    const cell = panel.content?.widgets?.find?.((widget) => widget.model?.sharedModel && widget.node.contains(node));
    if (cell) return { panel, cell };
  }
  return null;
}

/** Every top-level line `name = value` of `source`, as {start, end, value}: where the statement lies, without a
 *  comment behind it. `value` is null if the statement does not end on that line or another one follows. */
export function assignments(source, name) {
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

/** The settings that nbgrader keeps with a cell, or {}. */
export function nbgrader(cell) {
  return cell.getMetadata("nbgrader") ?? {};
}
