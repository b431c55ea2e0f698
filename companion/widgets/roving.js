// One tab stop for many controls that belong together: the Tab key passes them in one step, arrow keys go from one to the next.

/** Let `items`, that stand row by row in `columns`, share one tab stop: the one that had the focus last, at first the first. Arrow
 *  keys go to the neighbour, Home and End to the ends of its row, with Ctrl to the first and the last of all. In a row without
 *  `columns` all four arrows go back and forth, for a narrow page breaks it.
 *
 *  Items that are typed into keep the keys that their text needs: left, right, Home and End leave it only while all of it is
 *  selected, as it is when it gets the focus, left and right also from its ends; F2 puts the caret behind it.
 *  As https://www.w3.org/WAI/ARIA/apg/practices/keyboard-interface/ and its grid and toolbar have it.
 *  @param {HTMLElement[]} items
 *  @param {{columns?: number}} [options]
 *  @returns {{stopAt(item: HTMLElement): void}} `stopAt` makes another one the stop, unless the focus is on one of them */
export function roving(items, { columns } = {}) {
  let stop = items[0];
  const moveStop = (item) => {
    stop.tabIndex = -1;
    stop = item;
    stop.tabIndex = 0;
  };
  for (const item of items) {
    item.tabIndex = item === stop ? 0 : -1;
    item.addEventListener("focus", () => moveStop(item));
    item.addEventListener("keydown", (event) => {
      if (event.shiftKey || event.altKey || event.metaKey) return;
      if (item instanceof HTMLInputElement) {
        if (event.key === "F2") item.setSelectionRange(item.value.length, item.value.length);
        if (needsKey(item, event)) return;
      }
      const place = placeAfter(event, items.indexOf(item), items.length, columns);
      if (place === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      items[place].focus();
    });
  }
  return { stopAt(item) { if (!items.includes(/** @type {HTMLElement} */ (document.activeElement))) moveStop(item); } };
}

/** Where a key leads from place `index` of `count`, the same place at an end; undefined for a key that leads nowhere.
 *  @param {Pick<KeyboardEvent, "key" | "ctrlKey">} event
 *  @param {number} [columns]
 *  @returns {number | undefined} */
export function placeAfter({ key, ctrlKey }, index, count, columns) {
  const across = columns ?? count;
  const [first, last] = ctrlKey ? [0, count - 1] : [index - (index % across), index - (index % across) + across - 1];
  if (key === "Home") return first;
  if (key === "End") return last;
  if (ctrlKey) return undefined;
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: columns ? -columns : -1, ArrowDown: columns ?? 1 };
  if (!(key in steps)) return undefined;
  const next = index + steps[key];
  const leavesRow = key === "ArrowLeft" ? index === first : key === "ArrowRight" && index === last;
  return leavesRow || next < 0 || next >= count ? index : next;
}

/** Whether a key is for the caret of a text, which it does not leave.
 *  @param {HTMLInputElement} input
 *  @param {KeyboardEvent} event */
function needsKey(input, { key, ctrlKey }) {
  const { value: { length }, selectionStart: start, selectionEnd: end } = input;
  if (key === "ArrowUp" || key === "ArrowDown" || (start === 0 && end === length)) return false;
  if (start !== end || ctrlKey) return true;
  return !((key === "ArrowLeft" && start === 0) || (key === "ArrowRight" && end === length));
}
