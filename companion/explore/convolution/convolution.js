// One kernel sliding over one picture: the window, its sum, and the feature map that the sums make.
import { element, frame, instrument } from "../../widgets/instrument.js";
import { bytes, sharedState } from "../../widgets/model.js";
import { clamp } from "../../widgets/numbers.js";
import { colourTables, watchTheme } from "../../widgets/pictures.js";
import { shrunk } from "../maths/conv2d.js";
import { picturePicker } from "../parts/pictures.js";
import { tintTables } from "../parts/tints.js";
import { kernelPanel, player, sizeView, slidingPanel } from "./controls.js";
import { correct, sceneOf, STAGE, windowOf } from "./scene.js";
import { pictureStages } from "./stages.js";
import { sumView } from "./sum.js";

const SENT = 128; // the size at which pictures are sent, uploaded and drawn
const TRAITS = /** @type {const} */ (["picture", "kernel", "mode", "size", "padding", "stride", "dilation", "row", "column"]);

function render({ model, el }) {
  const root = instrument(el, "Convolution",
    "Drag the window over the picture. Each position gives one sum, and each sum is one pixel of the feature map.");
  root.classList.add("cc-convolution");
  const pictures = gallery(model);
  const { state, edit, close } = sharedState(model, TRAITS, { onReload: reload, correct });
  let source = (pictures.find(({ name }) => name === state.picture) ?? pictures[0]).pixels;
  let mapColours = "auto";
  let colours = null;
  let tints = null;
  let scene = null;
  let side = STAGE; // of either picture, in CSS pixels
  let isStale = true; // the scene, not only the place of the window
  let isTouring = false; // the window, over the whole picture: what lies ahead is veiled

  const onPick = (pixels, name) => { source = pixels; change({ picture: name }); };
  const picker = picturePicker({ pictures, size: SENT, selected: state.picture, onPick });
  const stages = pictureStages({
    onPoint: goTo, onStep: (rows, columns) => goTo(state.row + rows, state.column + columns),
    onSide(pixels) { side = pixels; isStale = true; update(); },
  });
  const tour = player({ onStart: start, onNext: next, onRestart() { isTouring = true; place(0, 0); } });
  const kernel = kernelPanel({ presets: model.get("presets"), state, onChange: change });
  const onColours = (name) => { mapColours = name; change({}); };
  const limits = { ranges: model.get("ranges"), choices: model.get("choices") };
  const sliding = slidingPanel({ state, ...limits, mapColours, onChange: change, onColours });
  const [sums, sizes] = [sumView(), sizeView()];
  root.append(picker.root,
    element("div", { class: "cc-bench" }, stages.root, tour.root, kernel.root, sliding.root, sums.root, sizes.root));

  // ------------------------------------------------------------------------------------- scene

  const update = frame(() => {
    if (isStale) show();
    if (scene.isEmpty) return;
    const at = { ...windowOf(scene, state.row, state.column), isTouring };
    stages.move(scene, at);
    sums.show(at, scene, tints);
  });

  function show() {
    isStale = false;
    const pixels = state.size === SENT ? source : Uint8Array.from(shrunk(source, SENT, SENT / state.size));
    scene = sceneOf(state, pixels, mapColours, scene, side);
    root.dataset.empty = String(scene.isEmpty);
    stages.show(scene, colours);
    sums.kernel(scene, tints);
    kernel.tint(scene, tints);
    sizes.show(state);
  }

  function change(changes) {
    edit(changes);
    sliding.set(state);
    isStale = true;
    isTouring = false;
    update();
  }

  // ------------------------------------------------------------------------------------- the window

  function place(row, column) {
    edit({ row, column });
    update();
  }

  /** The learner moves the window: that ends a tour. */
  function goTo(row, column) {
    tour.pause();
    isTouring = false;
    const { height, width } = scene.map;
    if (!scene.isEmpty) place(clamp(row, 0, height - 1), clamp(column, 0, width - 1));
  }

  function start() {
    const { height, width } = scene.map;
    isTouring = true;
    if (state.row === height - 1 && state.column === width - 1) place(0, 0);
    update();
  }

  function next() {
    const { width, values } = scene.map;
    const index = state.row * width + state.column + 1;
    isTouring = !scene.isEmpty && index < values.length;
    if (isTouring) place(Math.floor(index / width), index % width);
    else update();
    return isTouring;
  }

  // ------------------------------------------------------------------------------------- Python and the theme

  /** Python set something. */
  function reload() {
    const chosen = pictures.find(({ name }) => name === state.picture);
    if (chosen) {
      source = chosen.pixels;
      picker.select(chosen.name);
    }
    kernel.set(state);
    sliding.set(state);
    isStale = true;
    update();
  }

  function readTheme() {
    colours = colourTables(root);
    tints = tintTables(colours);
    isStale = true;
    update();
  }

  readTheme();
  const endings = [watchTheme(root, readTheme), stages.close, tour.pause, close];
  return () => {
    for (const end of endings) end();
  };
}

function gallery(model) {
  const pixels = bytes(model.get("pixels"));
  const area = SENT * SENT;
  return model.get("pictures").map((caption, index) => ({ ...caption, pixels: pixels.subarray(index * area, (index + 1) * area) }));
}

export default { render };
