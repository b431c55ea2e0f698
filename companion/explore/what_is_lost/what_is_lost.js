// What is lost: a picture rebuilt from its pooled map, and how far off that is.
import { bytes, sharedState } from "../../widgets/model.js";
import { colourTables, watchTheme } from "../../widgets/pictures.js";
import { element, frame, instrument } from "../../widgets/instrument.js";
import { radios, slider } from "../../widgets/controls.js";
import { inks, watchWidth } from "../parts/drawing.js";
import { picturePicker } from "../parts/pictures.js";
import { tintTables } from "../parts/tints.js";
import { lens, lostScene, resized, settled, SIDE, study } from "./scene.js";
import { errorChart, lensView, stationViews } from "./views.js";
import { factsWords, REBUILDS, windowWords } from "./words.js";

const TRAITS = /** @type {const} */ (["picture", "source", "window", "rebuild", "row", "column"]);

function render({ model, el }) {
  const root = instrument(el, "What is lost", "Pool a picture, then rebuild it from the pooled map alone. "
    + "Drag over the picture to look into one window.");
  root.classList.add("cc-lost");
  const { state, edit, save, close } = sharedState(model, TRAITS, { onReload: reload, correct: settled });
  const choices = model.get("choices");
  const pictures = readPictures(model);
  let { pixels } = pictures.find(({ name }) => name === state.picture) ?? pictures[0];
  let studied = null;
  let scene = null;
  let theme;

  const picker = picturePicker({
    pictures, size: SIDE, selected: state.picture,
    onPick: (chosen, name) => { pixels = chosen; choose({ picture: name }); },
  });
  const controls = controlPanel(choices, {
    onWindow: (window) => { choose(resized(state, window)); controls.show(state); }, onChange: choose,
  });
  const stations = stationViews({ onMove: look });
  const facts = element("p", { class: "cc-lost-facts", "aria-live": "polite" });
  const oneWindow = lensView();
  const chart = errorChart(choices.rebuild);
  root.append(picker.root, controls.root, stations.root, facts, element("div", { class: "cc-lost-below" }, oneWindow.root, chart.root));

  /** Another picture, or the edges instead: every error anew. */
  const restudy = frame(() => {
    studied = study(pixels, state.source, choices.rebuild, choices.window);
    show();
  });

  function show() {
    scene = lostScene(studied, state);
    stations.show(scene, theme);
    facts.textContent = factsWords(scene);
    chart.show(scene, theme);
    move();
  }

  function move() {
    const looked = lens(scene, state);
    stations.move(looked);
    oneWindow.show(looked, theme);
  }

  const showSoon = frame(show);
  const moveSoon = frame(move);

  function choose(changes) {
    edit(changes);
    if ("picture" in changes || "source" in changes) restudy();
    else showSoon();
    save();
  }

  function look(row, column) {
    if (scene === null || (row === state.row && column === state.column)) return;
    edit({ row, column });
    moveSoon();
  }

  /** Python set something. */
  function reload() {
    const found = pictures.find(({ name }) => name === state.picture);
    if (found) {
      ({ pixels } = found);
      picker.select(found.name);
    }
    controls.show(state);
    restudy();
  }

  function readTheme() {
    const colours = colourTables(root);
    theme = { colours, tints: tintTables(colours), ink: inks(root) };
    if (studied) showSoon();
  }
  readTheme();
  controls.show(state);
  restudy();
  const resize = () => {
    if (scene === null) return;
    chart.show(scene, theme);
    move();
  };
  const endings = [close, watchTheme(root, readTheme), watchWidth(chart.root, resize)];
  return () => {
    for (const end of endings) end();
  };
}

/** What is pooled and how it is rebuilt. onChange(changes), onWindow(side). Returns {root, show(state)}. */
function controlPanel(choices, { onChange, onWindow }) {
  const rebuild = radios({
    label: "Rebuild from", options: choices.rebuild.map((key) => [key, REBUILDS[key]]), value: "",
    onInput: (value) => onChange({ rebuild: value }),
  });
  const what = radios({
    label: "What is pooled", value: "", onInput: (value) => onChange({ source: value }),
    options: [["picture", "the picture"], ["edges", "its vertical edges"]],
  });
  const windows = choices.window;
  const window = slider({
    label: "Window", min: 0, max: windows.length - 1, value: 0, format: (index) => windowWords(windows[index]),
    onInput: (index) => onWindow(windows[index]),
  });
  return {
    root: element("div", { class: "cc-bar cc-lost-controls" }, window.root, what.root, rebuild.root),
    show(state) {
      rebuild.set(state.rebuild);
      what.set(state.source);
      window.set(windows.indexOf(state.window));
    },
  };
}

function readPictures(model) {
  const pixels = bytes(model.get("pixels"));
  return model.get("pictures").map((caption, index) => (
    { ...caption, pixels: pixels.subarray(index * SIDE * SIDE, (index + 1) * SIDE * SIDE) }));
}

export default { render };
