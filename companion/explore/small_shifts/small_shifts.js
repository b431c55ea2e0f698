// Small shifts: how much a feature map changes when the picture moves, without pooling, with it, and with a stride.
import { bytes, sharedState } from "../../widgets/model.js";
import { colourTables, watchTheme } from "../../widgets/pictures.js";
import { dropdown, radios, slider } from "../../widgets/controls.js";
import { element, frame, instrument } from "../../widgets/instrument.js";
import { clamp } from "../../widgets/numbers.js";
import { inks, watchWidth } from "../parts/drawing.js";
import { comparison, shiftScene, study } from "./scene.js";
import { changeChart, photoView, wayViews } from "./views.js";
import { verdict } from "./words.js";

const TRAITS = /** @type {const} */ (["picture", "feature", "window", "shift", "moved"]);

function render({ model, el }) {
  const root = instrument(el, "Small shifts", "Drag the picture to the left or right. "
    + "Below: what comes out of the layer now, and where that has changed.");
  root.classList.add("cc-shifts");
  const { state, edit, save, close } = sharedState(model, TRAITS, { onReload: reload });
  const photos = readPhotos(model);
  const kernels = model.get("kernels");
  const ranges = model.get("ranges");
  const { min, max } = ranges.shift;
  const shifts = Array.from({ length: max - min + 1 }, (_, index) => min + index);
  let studied = { of: "" }; // the feature maps, and the picture and kernel that they are of
  let compared = null;
  let scene;
  let theme;

  const controls = controlPanel(ranges, model.get("choices"), { onShift: moveTo, onChange: choose });
  const photo = photoView({ begin: () => state.shift, onMove: moveTo, onStep: (columns) => moveTo(state.shift + columns) });
  const chart = changeChart();
  const sentence = element("p", { class: "cc-shift-words", "aria-live": "polite" });
  const ways = wayViews();
  root.append(
    controls.root,
    element("div", { class: "cc-shift-bench" }, photo.root, ways.root, sentence, chart.root),
    element("p", { class: "cc-quiet" }, "Change: the sum of all |before − after|, as a share of the sum of all (before + after). "
      + "0 % is the same map; 100 % means that nothing is where it was. Blue: more than before. Orange: less."),
  );

  /** What is compared changed: the curves over all shifts anew, for another picture or kernel from its feature maps on. */
  const rebuild = frame(() => {
    const of = `${state.picture}, ${state.feature}`;
    if (of !== studied.of) studied = { of, ...study(photos[state.picture], kernels[state.feature], shifts) };
    compared = comparison(studied, state);
    show();
  });

  function show() {
    scene = shiftScene(compared, state.shift);
    photo.show(scene, theme);
    ways.show(scene, theme);
    chart.show(scene);
    const text = verdict(scene);
    if (sentence.textContent !== text) sentence.textContent = text;
  }

  const showSoon = frame(show);

  function moveTo(shift) {
    const next = clamp(shift, min, max);
    if (next === state.shift) return;
    edit({ shift: next });
    controls.show(state);
    showSoon();
  }

  function choose(changes) {
    edit(changes);
    rebuild();
    save();
  }

  /** Python set something. */
  function reload() {
    controls.show(state);
    rebuild();
  }

  function readTheme() {
    theme = { colours: colourTables(root), ink: inks(root) };
    if (compared) showSoon();
  }
  readTheme();
  reload();
  const endings = [close, watchTheme(root, readTheme), watchWidth(chart.root, () => { if (compared) chart.show(scene); })];
  return () => {
    for (const end of endings) end();
  };
}

/** onShift(pixels) gets the move, onChange(changes) all else that is set. Returns {root, show(state)}. */
function controlPanel(ranges, choices, { onShift, onChange }) {
  const picture = dropdown({ label: "Picture", options: choices.picture, value: "", onInput: (name) => onChange({ picture: name }) });
  const feature = dropdown({ label: "Kernel", options: choices.feature, value: "", onInput: (name) => onChange({ feature: name }) });
  const window = slider({ label: "Window, stride", ...ranges.window, value: 0, onInput: (value) => onChange({ window: value }) });
  const shift = slider({ label: "Move by", ...ranges.shift, value: 0, unit: "px", onInput: onShift });
  const moved = radios({
    label: "Compare", value: "", onInput: (value) => onChange({ moved: value === "true" }),
    options: [["false", "place by place"], ["true", "with the first map moved along"]],
  });
  return {
    root: element("div", { class: "cc-bar cc-shift-controls" }, picture.root, feature.root, window.root, shift.root, moved.root),
    show(state) {
      picture.set(state.picture);
      feature.set(state.feature);
      window.set(state.window);
      shift.set(state.shift);
      moved.set(String(state.moved));
    },
  };
}

/** The pictures by their names: {pixels, side, margin} each. */
function readPhotos(model) {
  const pixels = bytes(model.get("pixels"));
  const photos = {};
  let start = 0;
  for (const { name, side, margin } of model.get("scenes")) {
    photos[name] = { pixels: Float64Array.from(pixels.subarray(start, start + side * side)), side, margin };
    start += side * side;
  }
  return photos;
}

export default { render };
