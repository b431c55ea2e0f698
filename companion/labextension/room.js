// A side bar that makes room where there is little of it.

const NARROW = "(max-width: 899px)";

/** On JupyterLab's first start, show the outline `id`, if there is one, in the place of the files. Fold the left side bar where the window is
 *  narrow then, and whenever it becomes so; what the learner opens then stays open. */
export async function makeRoom(labShell, id) {
  const narrow = window.matchMedia(NARROW);
  const fold = () => { if (narrow.matches) labShell.collapseLeft(); };
  narrow.addEventListener("change", fold);
  const { fresh } = await labShell.restored;
  await hasShownFiles(labShell);
  await hasDocument(labShell);
  if (fresh && id) labShell.activateById(id);
  fold();
}

/** On its first start, JupyterLab shows the file browser as soon as that knows its folder. */
async function hasShownFiles(labShell) {
  const files = [...labShell.widgets("left")].find(({ id }) => id === "filebrowser");
  await files?.model?.restored;
  await new Promise((done) => setTimeout(done));
}

/** JupyterLab puts its launcher into a main area that is still empty when anything else in its frame changes. */
function hasDocument(labShell) {
  return new Promise((done) => {
    const look = () => {
      if (labShell.isEmpty("main")) return;
      labShell.layoutModified.disconnect(look);
      done(true);
    };
    labShell.layoutModified.connect(look);
    look();
  });
}
