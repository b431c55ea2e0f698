// A side bar that makes room where there is little of it.

const NARROW = "(max-width: 899px)";

/** Fold the left side bar where the window is narrow when JupyterLab has started, and whenever the window becomes so. What the learner
 *  opens then stays open. */
export async function makeRoom(app, labShell) {
  const narrow = window.matchMedia(NARROW);
  const fold = () => { if (narrow.matches) labShell.collapseLeft(); };
  narrow.addEventListener("change", fold);
  await app.restored;
  await hasShownFiles(labShell);
  fold();
}

/** On its first start, JupyterLab opens the file browser as soon as that knows its folder. */
export async function hasShownFiles(labShell) {
  const files = [...labShell.widgets("left")].find(({ id }) => id === "filebrowser");
  await files?.model?.restored;
  await new Promise((done) => setTimeout(done));
}
