// Move a window over a picture; a network in Python names what is in it.
import {
  element, instrument, slider, button, statusLine, onDrag, onArrows, later,
} from "../widgets/instrument.js";
import { scratchCanvas } from "./pad.js";

const SIDE = 227; // pixels of what the network gets, in each direction
const SIZE = 400; // pixels of the picture shown, in each direction
const SMALLEST = 0.15; // of the picture, for the window's side
const STEP = 0.02; // of the picture, for an arrow key
const PART = 0.6; // of the picture: the window's side once a window that held all of it is moved

function render({ model, el }) {
  const sample = scratchCanvas(SIDE, SIDE);
  const shown = scratchCanvas(SIZE, SIZE);
  let [left, top, side] = model.get("window");
  let number = 0; // of the last question
  let waiting = false; // for an answer
  let changed = false; // since the last question
  const sending = later(send);

  const root = instrument(el, "What does it see?",
    "SqueezeNet knows 1,000 names of things. Drag the window, or move it by the arrow keys; it names what the window holds.");
  root.classList.add("cc-classifier");
  const box = element("div", { class: "cc-window" });
  const stage = element("div", { class: "cc-scene", role: "application", "data-cc-drag": true }, shown.canvas, box);
  const status = statusLine();
  const bars = element("ol", { class: "cc-guesses" });
  const spoken = element("p", { class: "cc-unseen", "aria-live": "polite" });
  const size = slider({
    label: "Window size", min: Math.round(100 * SMALLEST), max: 100, value: Math.round(100 * side), unit: "%",
    onInput: (percent) => move(left, top, percent / 100),
  });
  const whole = button("Whole picture", () => move(0, 0, 1));
  const thumbs = model.get("pictures").map(({ name, description, address }) => {
    const node = element("button", {
      type: "button", class: "cc-thumb", title: `${name}: ${description}`, "aria-label": `${name}: ${description}`,
      "data-name": name, "data-lm-suppress-shortcuts": "true",
    }, element("img", { src: address, alt: "" }));
    node.addEventListener("click", () => load(address, name));
    return node;
  });
  root.append(
    element("div", { class: "cc-thumbs", role: "group", "aria-label": "Picture" }, ...thumbs, uploader()), status.root,
    element("div", { class: "cc-seeing" }, stage,
      element("div", { class: "cc-column" }, size.root, whole,
        element("div", {}, element("h4", {}, "What SqueezeNet says"), bars), spoken)),
  );

  /** Show what lies at an address of a picture, cut to its central square, and ask about it. */
  async function load(address, name) {
    const image = new Image();
    image.src = address;
    try {
      await image.decode();
    } catch {
      status.say(`“${name}” is no picture that this browser can read. `
        + "Choose a PNG, JPEG, GIF or WebP file. Nothing was changed.", "bad");
      return;
    }
    status.say("");
    const edge = Math.min(image.naturalWidth, image.naturalHeight);
    shown.context.fillStyle = "#fff"; // where a picture is transparent
    shown.context.fillRect(0, 0, SIZE, SIZE);
    shown.context.drawImage(image, (image.naturalWidth - edge) / 2, (image.naturalHeight - edge) / 2, edge, edge, 0, 0, SIZE, SIZE);
    for (const node of thumbs) node.setAttribute("aria-pressed", String(node.dataset.name === name));
    model.set("picture", name);
    move(left, top, side);
  }

  function uploader() {
    const input = element("input", { type: "file", accept: "image/*", hidden: true });
    input.addEventListener("change", async () => {
      const [file] = input.files;
      input.value = ""; // so that choosing the same file again counts as a change
      if (!file) return;
      const address = URL.createObjectURL(file);
      await load(address, file.name);
      URL.revokeObjectURL(address);
    });
    return element("span", {}, button("Upload", () => input.click()), input);
  }

  function move(newLeft, newTop, newSide) {
    side = Math.min(Math.max(newSide, SMALLEST), 1);
    left = Math.min(Math.max(newLeft, 0), 1 - side);
    top = Math.min(Math.max(newTop, 0), 1 - side);
    size.set(Math.round(100 * side));
    Object.assign(box.style, { left: `${100 * left}%`, top: `${100 * top}%`, width: `${100 * side}%`, height: `${100 * side}%` });
    stage.setAttribute("aria-label",
      `Window on the picture, ${Math.round(100 * left)} % from the left, ${Math.round(100 * top)} % from the top`);
    sending.soon();
    ask();
  }

  function send() {
    model.set("window", [left, top, side]);
    model.save_changes();
  }

  /** Ask Python, one question at a time: what changes while it thinks is asked afterwards. */
  function ask() {
    changed = true;
    if (waiting) return;
    changed = false;
    waiting = true;
    number += 1;
    sample.context.drawImage(shown.canvas, left * SIZE, top * SIZE, side * SIZE, side * SIZE, 0, 0, SIDE, SIDE);
    model.send({ number }, undefined, [sample.context.getImageData(0, 0, SIDE, SIDE).data.buffer]);
  }

  function answer(reply) {
    if (reply.number !== number) return;
    waiting = false;
    if (reply.problem) status.say(reply.problem, "bad");
    else list(reply.guesses);
    if (changed) ask();
  }

  function list(guesses) {
    bars.replaceChildren(...guesses.map(([name, probability]) => element("li", {},
      element("span", {}, name),
      element("span", { class: "cc-share" }, `${(100 * probability).toFixed(probability < 0.01 ? 1 : 0)} %`),
      element("span", { class: "cc-track" }, element("span", { style: `width: ${100 * probability}%` })))));
    const [name, probability] = guesses[0];
    spoken.textContent = `${name}, ${Math.round(100 * probability)} percent`;
  }

  const makeRoom = () => { if (side > 0.95) move((1 - PART) / 2, (1 - PART) / 2, PART); };
  let grip = [0, 0]; // from the window's corner to the pointer
  onDrag(stage, (x, y, phase) => {
    if (phase === "start") makeRoom();
    const inside = x >= left && x < left + side && y >= top && y < top + side;
    if (phase === "start") grip = inside ? [x - left, y - top] : [side / 2, side / 2];
    move(x - grip[0], y - grip[1], side);
  });
  onArrows(stage, (rows, columns) => {
    makeRoom();
    move(left + columns * STEP, top + rows * STEP, side);
  });

  const saved = model.get("guesses");
  if (saved.length > 0) list(saved);
  else bars.append(element("li", { class: "cc-quiet" }, "The network is being loaded …"));
  const first = model.get("pictures").find(({ name }) => name === model.get("picture")) ?? model.get("pictures")[0];
  model.on("msg:custom", answer);
  load(first.address, first.name);
  return () => {
    model.off("msg:custom", answer);
    sending.close();
  };
}

export default { render };
