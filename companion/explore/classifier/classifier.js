// Move a window over a picture; a network in Python names what is in it.
import { button, slider } from "../../widgets/controls.js";
import { element, instrument, statusLine } from "../../widgets/instrument.js";
import { later } from "../../widgets/model.js";
import { percent } from "../../widgets/numbers.js";
import { scratchCanvas } from "../parts/pad.js";
import { pictureStrip, uploadButton } from "../parts/pictures.js";
import { held, SMALLEST, windowView } from "./window.js";

const SIDE = 227; // pixels of what the network gets, in each direction
const SIZE = 400; // pixels of the picture shown, in each direction

function render({ model, el }) {
  const sample = scratchCanvas(SIDE, SIDE);
  const shown = scratchCanvas(SIZE, SIZE);
  const [left, top, side] = model.get("window");
  let window = held({ left, top, side });
  let number = 0; // of the last question
  let waiting = false; // for an answer
  let changed = false; // since the last question
  const sending = later(send);

  const root = instrument(el, "What does it see?",
    "SqueezeNet knows 1,000 names of things. Drag the window, or move it by the arrow keys; it names what the window holds.");
  root.classList.add("cc-classifier");
  const view = windowView(shown.canvas, { onMove: move });
  const status = statusLine();
  const guesses = guessList();
  const size = slider({
    label: "Window size", min: Math.round(100 * SMALLEST), max: 100, value: Math.round(100 * window.side), unit: "%",
    onInput: (share) => move({ ...window, side: share / 100 }),
  });
  const whole = button("Whole picture", () => move({ left: 0, top: 0, side: 1 }));
  const thumbs = model.get("pictures").map((picture) => thumbnail(picture, () => load(picture.address, picture.name)));
  const upload = uploadButton(status, async (file) => {
    const address = URL.createObjectURL(file);
    await load(address, file.name).finally(() => URL.revokeObjectURL(address));
  });
  const strip = pictureStrip(thumbs, upload);
  root.append(
    strip.root, status.root,
    element("div", { class: "cc-seeing" }, view.root,
      element("div", { class: "cc-column" }, size.root, whole,
        element("div", {}, element("h4", {}, "What SqueezeNet says"), guesses.root), guesses.spoken)));

  /** Show what lies at an address of a picture, cut to its central square, and ask about it. */
  async function load(address, name) {
    const image = new Image();
    image.src = address;
    await image.decode();
    status.say("");
    const edge = Math.min(image.naturalWidth, image.naturalHeight);
    shown.context.fillStyle = "#fff"; // where a picture is transparent
    shown.context.fillRect(0, 0, SIZE, SIZE);
    shown.context.drawImage(image, (image.naturalWidth - edge) / 2, (image.naturalHeight - edge) / 2, edge, edge, 0, 0, SIZE, SIZE);
    strip.press(name);
    model.set("picture", name);
    move(window);
  }

  function move(next) {
    window = held(next);
    size.set(Math.round(100 * window.side));
    view.show(window);
    sending.soon();
    ask();
  }

  function send() {
    model.set("window", [window.left, window.top, window.side]);
    model.save_changes();
  }

  /** Ask Python, one question at a time: what changes while it thinks is asked afterwards. */
  function ask() {
    changed = true;
    if (waiting) return;
    changed = false;
    waiting = true;
    number += 1;
    const [x, y, edge] = [window.left * SIZE, window.top * SIZE, window.side * SIZE];
    sample.context.drawImage(shown.canvas, x, y, edge, edge, 0, 0, SIDE, SIDE);
    model.send({ number }, undefined, [sample.context.getImageData(0, 0, SIDE, SIDE).data.buffer]);
  }

  function answer(reply) {
    if (reply.number !== number) return;
    waiting = false;
    if (reply.problem) status.say(reply.problem, "bad");
    else guesses.show(reply.guesses);
    if (changed) ask();
  }

  guesses.show(model.get("guesses"));
  const first = model.get("pictures").find(({ name }) => name === model.get("picture")) ?? model.get("pictures")[0];
  model.on("msg:custom", answer);
  load(first.address, first.name);
  return () => {
    model.off("msg:custom", answer);
    sending.close();
  };
}

function thumbnail({ name, description, address }, onClick) {
  return element("button", {
    type: "button", class: "cc-thumb", title: `${name}: ${description}`, "aria-label": `${name}: ${description}`,
    "data-name": name, "data-lm-suppress-shortcuts": "true", onclick: onClick,
  }, element("img", { src: address, alt: "" }));
}

/** What the network says, as bars, and the first of it for screen readers. Returns {root, spoken, show(guesses)}. */
function guessList() {
  const root = element("ol", { class: "cc-guesses" });
  const spoken = element("p", { class: "cc-unseen", "aria-live": "polite" });
  return {
    root, spoken,
    show(guesses) {
      if (guesses.length === 0) {
        root.replaceChildren(element("li", { class: "cc-quiet" }, "The network is being loaded …"));
        return;
      }
      root.replaceChildren(...guesses.map(([name, probability]) => element("li", {},
        element("span", {}, name),
        element("span", { class: "cc-share" }, percent(probability, probability < 0.01 ? 1 : 0)),
        element("span", { class: "cc-track" }, element("span", { style: `width: ${100 * probability}%` })))));
      const [name, probability] = guesses[0];
      spoken.textContent = `${name}, ${Math.round(100 * probability)} percent`;
    },
  };
}

export default { render };
