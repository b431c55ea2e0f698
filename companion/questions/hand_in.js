// Handing in: saves the notebook where the editor lets it, has Python pack it, and offers the packed file.

import { saveNotebook } from "../widgets/answer.js";
import { button } from "../widgets/controls.js";
import { element, instrument, statusLine, uniqueId } from "../widgets/instrument.js";

function render({ model, el }) {
  const root = instrument(el, "Hand in", "Packs your saved answers into one file and prints a receipt. You may do it as often as you like.");
  root.classList.add("cc-hand-in");
  const name = element("input", {
    type: "text", id: uniqueId("name"), value: model.get("name"), autocomplete: "off", spellcheck: "false",
    "data-lm-suppress-shortcuts": "true",
  });
  const status = statusLine();
  const receipt = element("pre", { class: "cc-receipt", tabindex: "0", "aria-label": "Receipt", hidden: true });
  const download = element("a", { class: "cc-button primary cc-download", hidden: true });
  const pack = button("Save and pack", request, "primary");
  root.append(
    element("div", { class: "cc-hand-in-row" }, element("label", { for: name.id }, "Your name in the class"), name, pack),
    status.root, download, receipt,
  );
  let address = "";
  let isAlone = false; // the kernel has ended since this was shown
  let asked = ""; // the name that the learner was asked about

  async function request() {
    if (isAlone) {
      status.say("Nothing was packed: the kernel has ended since this button was shown. Click into the cell above it, press "
        + "Shift+Enter, and then press the new button. Your answers and your last file are safe.", "bad");
      return;
    }
    status.say("Saving and packing …");
    const saved = await saveNotebook(root);
    if (saved && !saved.written) {
      status.say(`The notebook could not be saved: ${saved.reason} Nothing was packed.`, "bad");
      return;
    }
    model.send({ name: name.value, sure: asked === name.value });
    asked = "";
  }

  function answer(reply, buffers) {
    if (reply.others) {
      asked = name.value;
      status.say(`You packed this as ${reply.others.join(", ")} before, and nothing new was packed. Put the name right, `
        + `or press again to pack it as ${asked}, too.`, "todo");
      return;
    }
    if (reply.problem) {
      status.say(reply.problem, "bad");
      return;
    }
    offer(reply, buffers);
    const { unanswered: open, failed } = reply;
    const tests = failed.length ? ` A test failed when it last ran, of ${failed.join(", ")}.` : "";
    if (open.length === 0 && !tests) status.say("Packed, and every question has an answer. Give this file to your instructor:", "good");
    else if (open.length === 0) status.say(`Packed, and every question has an answer.${tests} You can pack again. The file as it is now:`);
    else status.say(`Packed. Still unanswered: ${open.join(", ")}.${tests} You can answer them and pack again. The file as it is now:`);
  }

  /** Show a packed file and its receipt. */
  function offer({ file, receipt: text }, buffers) {
    URL.revokeObjectURL(address);
    address = URL.createObjectURL(new Blob(buffers, { type: "application/zip" }));
    download.href = address;
    download.download = file;
    download.textContent = `Download ${file}`;
    receipt.textContent = text;
    receipt.hidden = download.hidden = false;
  }

  const last = model.get("last");
  if (last.file) {
    offer(last, [model.get("data")]);
    status.say(last.is_same ? "You packed this before, and nothing has changed since:"
      : "You packed this before, and the notebook has changed since. Pack it again, or take the file as it was:");
  }
  const onEnd = () => { isAlone = true; };
  model.on("comm_live_update", onEnd);
  model.on("msg:custom", answer);
  return () => {
    model.off("comm_live_update", onEnd);
    model.off("msg:custom", answer);
    URL.revokeObjectURL(address);
  };
}

export default { render };
