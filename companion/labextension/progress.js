// What a learner did in the course's notebooks, as the browser keeps it: for each notebook, by its cells' ids. What can't be read is
// passed over, and where nothing can be kept, nothing is.

/** What is known of a cell: whether its question is done and what was answered, whether a prediction is closed, whether code has run
 *  to its end, and whether a folded text was opened.
 *  @typedef {{isDone?: boolean, said?: string, isClosed?: boolean, ran?: boolean, wasOpened?: boolean}} Known
 *  @typedef {Record<string, Known>} Progress by the ids of cells
 *  @typedef {{path: string, cell: string}} Place
 *  @typedef {Pick<Storage, "getItem" | "setItem" | "removeItem">} Store */

/** Keeps what was done in the notebooks of the folder `root` in `store()`, which may throw.
 *  @param {() => Store} store
 *  @param {string} root */
export function keeper(store, root) {
  const PLACE = `cnn-companion:place:${root}`;
  const progressKey = (path) => `cnn-companion:progress:${root}:${path}`;
  const listeners = new Set();

  /** @returns {Record<string, any>} */
  function read(key) {
    try {
      const found = JSON.parse(store().getItem(key) ?? "{}");
      return isRecord(found) ? found : {};
    } catch {
      return {};
    }
  }

  function write(key, value) {
    try {
      if (value === null) store().removeItem(key);
      else store().setItem(key, JSON.stringify(value));
    } catch { /* a browser that is full, or keeps nothing */ }
    for (const listener of listeners) listener();
  }

  /** What is known of the cells of a notebook.
   *  @returns {Progress} */
  const progress = (path) => Object.fromEntries(Object.entries(read(progressKey(path))).filter(([, known]) => isRecord(known)));

  return {
    progress,
    /** Keep what is new of a cell beside what is known of it.
     *  @param {Known} news */
    note(path, cell, news) {
      const known = progress(path);
      if (Object.entries(news).every(([name, value]) => (known[cell]?.[name] || null) === (value || null))) return;
      write(progressKey(path), { ...known, [cell]: { ...known[cell], ...news } });
    },
    /** Forget what is known of a notebook's cells. */
    forget(path) { write(progressKey(path), null); },
    /** Where in the course the learner was last; null if that is not known.
     *  @returns {Place | null} */
    place() {
      const { path, cell } = read(PLACE);
      return typeof path === "string" && typeof cell === "string" ? { path, cell } : null;
    },
    /** Keep where the learner is.
     *  @param {Place} place */
    notePlace(place) { write(PLACE, place); },
    /** Call `listener` whenever something new is kept. */
    onChange(listener) { listeners.add(listener); },
  };
}

function isRecord(found) {
  return found !== null && typeof found === "object" && !Array.isArray(found);
}
