// Draw a number, and watch a digit classifier slide over it.
import { element, instrument, statusLine } from "../../widgets/instrument.js";
import { button } from "../../widgets/controls.js";
import { colourTables, paint, watchTheme } from "../../widgets/pictures.js";
import { bytes, later, numbersIn } from "../../widgets/model.js";
import { drawingPad, scratchCanvas } from "../parts/pad.js";
import { readNetwork } from "../maths/network.js";
import { digitsOf, windowReader } from "../maths/reading.js";

const HEIGHT = 28;
const WIDTH = 140;
const FINE = 4; // pixels of the pad for one of the network's
const BRUSH = 10;
const CLASSES = 11; // ten digits, and no digit in the middle

function render({ model, el }) {
  const layers = model.get("layers");
  const reader = layers.length > 0 ? windowReader(readNetwork(layers, numbersIn(model.get("weights"), Float32Array)), WIDTH) : null;
  const examples = bytes(model.get("examples"));
  const small = scratchCanvas(WIDTH, HEIGHT);
  let shown = 0; // the next example
  let results = [];
  let colours;
  const reading = later(read, 0); // once the stroke is painted: a hand that draws must not wait for the network
  const sending = later(send);

  const root = instrument(el, "Read a number",
    "The network looks at one window of 28 × 28 pixels at a time and says which digit stands in its middle, or none.");
  root.classList.add("cc-read-number");
  const pad = drawingPad({ width: WIDTH * FINE, height: HEIGHT * FINE, brush: BRUSH, onChange: readSoon });
  pad.root.hidden = false;
  pad.board.dataset.ccDrag = "true";
  pad.board.setAttribute("aria-label", "Drawing pad for up to five digits in a row");
  pad.board.append(element("div", { class: "cc-lines" }));
  const map = element("canvas", { class: "cc-canvas", role: "img" });
  const marks = element("div", { class: "cc-marks" });
  const rows = element("ol", { class: "cc-classes", "aria-hidden": "true" },
    ...Array.from({ length: CLASSES }, (_, digit) => element("li", {}, digit === CLASSES - 1 ? "none" : String(digit))));
  const answer = statusLine();
  answer.root.classList.add("cc-answer");
  const example = button("A number from MNIST", () => {
    const size = WIDTH * HEIGHT;
    const count = examples.length / size;
    showExample(examples.subarray(shown * size, (shown + 1) * size));
    shown = (shown + 1) % count;
  });
  const clear = button("Clear", pad.clear);
  const tools = pad.root.querySelector(".cc-column");
  tools.querySelector("button").replaceWith(element("div", { class: "cc-buttons" }, example, clear));
  root.append(
    pad.root, answer.root,
    element("figure", { class: "cc-figure cc-reading" },
      element("div", { class: "cc-sheet" }, rows, element("div", { class: "cc-map" }, map, marks)),
      element("figcaption", {}, "One column for each window, at the place of its middle; one row for each answer. "
        + "The stronger the colour, the surer. A frame marks the windows that decided.")),
  );

  function showExample(pixels) {
    const image = small.context.createImageData(WIDTH, HEIGHT);
    pixels.forEach((level, index) => image.data.set([level, level, level, 255], 4 * index));
    small.context.putImageData(image, 0, 0);
    pad.context.drawImage(small.canvas, 0, 0, WIDTH * FINE, HEIGHT * FINE);
    pad.send();
  }

  function readSoon() {
    if (reader && !reading.isWaiting()) reading.soon();
  }

  function read() {
    small.context.drawImage(pad.context.canvas, 0, 0, WIDTH, HEIGHT);
    const { data } = small.context.getImageData(0, 0, WIDTH, HEIGHT);
    const values = Float32Array.from({ length: WIDTH * HEIGHT }, (_, index) => data[4 * index] / 255);
    results = reader && values.some((value) => value > 0) ? reader(values) : [];
    draw();
    sending.soon();
  }

  function send() {
    model.set("number", digitsOf(results).number);
    model.save_changes();
  }

  function draw() {
    const { number, windows } = digitsOf(results);
    const count = Math.max(results.length, 1);
    // One pixel of the canvas for each probability; the frames lie over it.
    const values = Float32Array.from({ length: CLASSES * count }, (_, index) => (
      results[index % count]?.[Math.floor(index / count)] ?? 0));
    paint(map, values, CLASSES, count, colours.diverging, -1, 1);
    map.setAttribute("aria-label", number ? `The probabilities of each window. They spell ${number}.` : "Nothing is read yet.");
    marks.replaceChildren(...windows.map((index, place) => element("span", {
      style: `left: ${(100 * index) / count}%; width: ${100 / count}%; `
        + `top: ${(100 * Number(number[place])) / CLASSES}%; height: ${100 / CLASSES}%`,
    })));
    if (!reader) answer.say("There is no network yet: give one, as in ReadNumber(toys.number_reader()).", "bad");
    else if (results.length === 0) answer.say("Draw a number between the two lines, digits side by side, or take one from MNIST.");
    else answer.say(number ? `Read: ${[...number].join(" ")}` : "No digit found.");
  }

  const recolour = () => {
    colours = colourTables(root);
    draw();
  };
  recolour();
  const stop = watchTheme(root, recolour);
  return () => {
    reading.close();
    sending.close();
    stop();
  };
}

export default { render };
