// A lesson that is started anew.

const WORDS = "What you chose, typed, moved and trained in its questions and explorers is forgotten, and its outputs are cleared. "
  + "Code that you wrote in its cells stays.";
const FORGET = "import companion; companion.start_anew()";

/** Ask, and then let a lesson be as at first: without outputs, with a new kernel, and with nothing done. */
export async function startAnew(app, { Dialog, showDialog }, kept, { path, title }) {
  const { button } = await showDialog({
    title: `Start “${title}” anew?`, body: WORDS, defaultButton: 0,
    buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: "Start anew" })],
  });
  if (!button.accept) return;
  const { content, context, sessionContext } = await app.commands.execute("docmanager:open", { path });
  await Promise.all([context.ready, sessionContext.ready]);
  await app.commands.execute("notebook:clear-all-cell-outputs");
  kept.forget(path);
  content.activeCellIndex = 0;
  content.scrollToItem(0, "start", 0);
  kept.notePlace({ path, cell: content.activeCell.model.id });
  await sessionContext.session?.kernel?.restart(); // one that trains would not hear what comes now
  await sessionContext.session?.kernel?.requestExecute({ code: FORGET, store_history: false }).done;
  await context.save();
}
