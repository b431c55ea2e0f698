// Choosing a picture: one of the course's, a file of one's own, or a drawing. All end as grey square pictures.
import { element, statusLine } from "../../widgets/instrument.js";
import { button } from "../../widgets/controls.js";
import { roving } from "../../widgets/roving.js";
import { drawingPad, scratchCanvas } from "./pad.js";

const BRUSH = 9; // pixels wide

/** The size * size grey levels (0 black to 255 white) of what stands on a canvas. */
function greyPixels(context, size) {
  const { data } = context.getImageData(0, 0, size, size);
  // Luma of ITU-R BT.601, as Pillow's convert("L").
  return Uint8Array.from({ length: size * size }, (_, index) => (
    Math.round(0.299 * data[4 * index] + 0.587 * data[4 * index + 1] + 0.114 * data[4 * index + 2])));
}

/** The largest central square of an image file as size * size grey levels; transparent parts become white.
 *  Throws where the browser cannot decode the file. */
async function readPicture(file, size) {
  const bitmap = await createImageBitmap(file);
  const side = Math.min(bitmap.width, bitmap.height);
  const { context } = scratchCanvas(size, size);
  context.fillStyle = "#fff";
  context.fillRect(0, 0, size, size);
  context.drawImage(bitmap, (bitmap.width - side) / 2, (bitmap.height - side) / 2, side, side, 0, 0, size, size);
  bitmap.close();
  return greyPixels(context, size);
}

/** Thumbnails to choose from, a button to upload and one to draw. `pictures` are {name, description, pixels} with size * size grey
 *  levels each. onPick(pixels, name) gets what was chosen. Returns {root, select(name)}. */
export function picturePicker({ pictures, size, selected, onPick }) {
  const status = statusLine();
  const upload = uploadButton(status, async (file) => pick(await readPicture(file, size), file.name));
  const pad = drawingPad({ width: size, height: size, brush: BRUSH, onChange: (context) => pick(greyPixels(context, size), "drawing") });
  const draw = button("Draw", () => {
    pad.root.hidden = !pad.root.hidden;
    draw.setAttribute("aria-expanded", String(!pad.root.hidden));
    if (!pad.root.hidden) { pad.send(); pad.focus(); }
  });
  draw.setAttribute("aria-expanded", "false");
  const thumbnails = pictures.map((picture) => {
    const node = thumbnail(picture, size);
    node.addEventListener("click", () => pick(picture.pixels, picture.name));
    return node;
  });
  const strip = pictureStrip(thumbnails, upload, draw);
  const root = element("div", { class: "cc-picker" }, strip.root, pad.root, status.root);

  function pick(pixels, name) {
    status.say("");
    strip.press(name);
    onPick(pixels, name);
  }
  strip.press(selected);
  return { root, select: strip.press };
}

/** A row of `thumbnails`, buttons with their picture's name as data, and of what else there is to click: one tab stop. No radio
 *  buttons, for there the arrow keys choose at once, which takes a drawing away and asks a network at each step.
 *  Returns {root, press(name)}: `press` shows which one is chosen.
 *  @param {HTMLElement[]} thumbnails
 *  @param {...HTMLElement} others */
export function pictureStrip(thumbnails, ...others) {
  const root = element("div", { class: "cc-thumbs", role: "toolbar", "aria-label": "Picture" }, ...thumbnails, ...others);
  const { stopAt } = roving([...root.querySelectorAll("button")]);
  return {
    root,
    press(name) {
      for (const node of thumbnails) node.setAttribute("aria-pressed", String(node.dataset.name === name));
      const pressed = thumbnails.find((node) => node.dataset.name === name);
      if (pressed) stopAt(pressed);
    },
  };
}

function thumbnail({ name, description, pixels }, size) {
  const { canvas, context } = scratchCanvas(size, size);
  const image = context.createImageData(size, size);
  pixels.forEach((level, index) => image.data.set([level, level, level, 255], 4 * index));
  context.putImageData(image, 0, 0);
  return element("button", {
    type: "button", class: "cc-thumb", title: `${name}: ${description}`, "aria-label": `${name}: ${description}`,
    "data-name": name, "data-lm-suppress-shortcuts": "true",
  }, canvas);
}

/** A button to choose a file of one's own; onFile(file) throws where it is no picture, and `status` says so.
 *  @param {{say(text: string, tone?: string): void}} status
 *  @param {(file: File) => Promise<void>} onFile */
export function uploadButton(status, onFile) {
  const input = element("input", { type: "file", accept: "image/*", hidden: true });
  input.addEventListener("change", async () => {
    const [file] = input.files;
    input.value = ""; // so that choosing the same file again counts as a change
    if (!file) return;
    try {
      await onFile(file);
    } catch {
      status.say(`“${file.name}” is no picture that this browser can read. `
        + "Choose a PNG, JPEG, GIF or WebP file. Nothing was changed.", "bad");
    }
  });
  return element("span", {}, button("Upload", () => input.click()), input);
}
