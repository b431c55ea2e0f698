// What is lost: a picture rebuilt from its pooled map, and how far off that is.
import {
  bytes, colourTables, element, figure, formatCount, frame, inStep, instrument, magnitude, onArrows, onDrag, paint, radios, slider,
  watchTheme,
} from "../widgets/instrument.js";
import { curveSample, drawCurves } from "./curves.js";
import { clamp, inks, watchWidth } from "./drawing.js";
import { picturePicker } from "./pictures.js";
import { drawPixels } from "./pixels.js";
import { cellText, tintTables } from "./tints.js";
import { conv2d } from "./maths/conv2d.js";
import { pool2d, rootMeanSquare, unpool } from "./maths/pooling.js";

const TRAITS = ["picture", "source", "window", "rebuild", "row", "column"];
const SIDE = 128;
const WINDOWS = [1, 2, 4, 8, 16, 32, 64, 128];
const REBUILDS = [
  ["average", "Average, spread over its window"], ["spread", "Max, spread over its window"], ["winners", "Max, put back at its place"],
];
const EDGES_KERNEL = Float64Array.from([-1, 0, 1, -2, 0, 2, -1, 0, 1], (weight) => weight / 4);
const LEAST_SHARE = 8; // % of the stage: a map of few numbers is drawn larger, to be seen

function render({ model, el }) {
  const root = instrument(el, "What is lost", "Pool a picture, then rebuild it from the pooled map alone. "
    + "Drag over the picture to look into one window.");
  root.classList.add("cc-lost");
  const state = Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  const { edit, save, close } = inStep(model, TRAITS, state, reload);
  const pictures = readPictures(model);
  let chosen = (pictures.find(({ name }) => name === state.picture) ?? pictures[0]).pixels;
  let source = null; // what is pooled
  let map = null;
  let rebuilt = null;
  let errors = {}; // for each way to rebuild, its error at every window
  let flat = 0; // the error of one grey for the whole picture
  let colours;
  let tints;
  let ink;

  const views = {
    before: view("Before", "What is pooled. Arrow keys move to the next window."),
    map: view("Kept", "The pooled map"),
    rebuilt: view("Rebuilt", "The picture rebuilt from the pooled map"),
    error: view("Rebuilt − before", "The difference: blue is too bright, orange too dark"),
  };
  views.before.stage.setAttribute("role", "application");
  views.before.stage.setAttribute("aria-label", "What is pooled. Arrow keys move to the next window.");
  views.before.stage.setAttribute("data-cc-drag", "");
  const lens = { before: view("In the window", "The window’s pixels"), rebuilt: view("Rebuilt from it", "The window as it is rebuilt") };
  const keptNumber = element("strong", { class: "cc-lost-kept" });
  const lensLine = element("p", { class: "cc-lost-line", "aria-live": "polite" });
  const chart = element("canvas", {
    class: "cc-sheet", role: "img", "aria-label": "Error of the three ways to rebuild, by the size of the window",
  });
  const samples = REBUILDS.map((_, index) => curveSample(index + 1));
  const facts = element("p", { class: "cc-lost-facts", "aria-live": "polite" });
  const picker = picturePicker({
    pictures, size: SIDE, selected: state.picture,
    onPick: (pixels, name) => { chosen = pixels; choose({ picture: name }, true); },
  });
  const controls = controlPanel();
  root.append(
    picker.root, controls.root,
    element("div", { class: "cc-lost-views" }, ...Object.values(views).map((one) => one.root)), facts,
    element("div", { class: "cc-lost-below" },
      element("section", { "aria-label": "One window" },
        element("div", { class: "cc-lost-lens" },
          lens.before.root, element("div", { class: "cc-lost-one" }, "→", keptNumber, "→"), lens.rebuilt.root),
        lensLine),
      element("section", { "aria-label": "Error by the size of the window" },
        element("ul", { class: "cc-lost-legend" }, ...REBUILDS.map(([, text], index) => element("li", {}, samples[index].root, text))),
        element("div", { class: "cc-lost-chart" }, chart))),
  );

  // ------------------------------------------------------------------------------------- state to picture

  const poolBy = (window, rebuild) => {
    const options = { kind: rebuild === "average" ? "average" : "max", window, stride: window, padding: "valid" };
    const pooled = pool2d(source, SIDE, SIDE, options);
    return { pooled, picture: unpool(pooled, SIDE, SIDE, options, rebuild === "winners") };
  };

  /** Another picture, or the edges instead: every error anew. */
  const rebuildAll = frame(() => {
    source = state.source === "picture" ? Float64Array.from(chosen) : edges(chosen);
    errors = Object.fromEntries(REBUILDS.map(([rebuild]) => (
      [rebuild, WINDOWS.map((window) => rootMeanSquare(source, poolBy(window, rebuild).picture))])));
    flat = rootMeanSquare(source, new Float64Array(source.length).fill(source.reduce((sum, value) => sum + value, 0) / source.length));
    draw();
  });

  const redraw = frame(draw);

  function draw() {
    const { pooled, picture } = poolBy(state.window, state.rebuild);
    map = pooled;
    rebuilt = picture;
    paint(views.before.canvas, source, SIDE, SIDE, colours.grey, 0, 255);
    paint(views.map.canvas, map.values, map.height, map.width, colours.grey, 0, 255);
    paint(views.rebuilt.canvas, rebuilt, SIDE, SIDE, colours.grey, 0, 255);
    const off = rebuilt.map((value, index) => value - source[index]);
    const reach = magnitude(off, 1);
    paint(views.error.canvas, off, SIDE, SIDE, colours.diverging, -reach, reach);
    views.map.canvas.style.width = `${Math.max(100 / state.window, LEAST_SHARE)}%`;
    views.before.caption.textContent = `${SIDE} × ${SIDE} numbers`;
    views.map.caption.textContent = `${map.height} × ${map.width} ${map.values.length === 1 ? "number" : "numbers"}`;
    views.rebuilt.caption.textContent = REBUILDS.find(([key]) => key === state.rebuild)[1].toLowerCase();
    views.error.caption.textContent = `−${cellText(reach)} (orange) to ${cellText(reach)} (blue)`;
    facts.textContent = factsText();
    drawChart();
    drawLens();
  }

  function factsText() {
    const error = errors[state.rebuild][WINDOWS.indexOf(state.window)];
    const kept = map.values.length;
    const places = state.rebuild === "winners" && state.window > 1
      ? `, and each one’s place among ${formatCount(state.window ** 2)}` : "";
    return `Kept: ${formatCount(kept)} of ${formatCount(SIDE * SIDE)} numbers (${cellText((100 * kept) / (SIDE * SIDE))} %)${places}. `
      + `Error (root mean square): ${error.toFixed(1)} grey levels; one and the same grey everywhere would be off by ${flat.toFixed(1)}.`;
  }

  function drawChart() {
    if (!errors.average) return;
    const top = Math.max(Math.ceil(Math.max(flat, ...Object.values(errors).flat()) / 20) * 20, 20);
    drawCurves(chart, ink, {
      curves: [null, ...REBUILDS.map(([rebuild]) => errors[rebuild])], at: WINDOWS.indexOf(state.window), top,
      labels: WINDOWS.map(String), yLabel: (value) => cellText(value), title: "side of the window in pixels",
    });
  }

  function drawLens() {
    const { window } = state;
    state.row = clamp(state.row, 0, map.height - 1);
    state.column = clamp(state.column, 0, map.width - 1);
    for (const key of ["before", "rebuilt", "error"]) frameAt(views[key].mark, state.row * window, state.column * window, window, SIDE);
    for (const [key, picture] of [["before", source], ["rebuilt", rebuilt]]) {
      drawPixels(lens[key].canvas, patch(picture), window, window, tints.grey, colours.grey, 0, 255);
    }
    keptNumber.textContent = cellText(map.values[state.row * map.width + state.column]);
    const text = lensText();
    if (lensLine.textContent !== text) lensLine.textContent = text;
  }

  function patch(picture) {
    const { row, column, window } = state;
    return Float64Array.from({ length: window * window }, (_, index) => (
      picture[(row * window + Math.floor(index / window)) * SIDE + column * window + (index % window)]));
  }

  function lensText() {
    const values = patch(source);
    const same = patch(rebuilt).filter((value, index) => Math.abs(value - values[index]) < 0.5).length;
    const become = values.length === 1 ? "number becomes" : "numbers become";
    return `Row ${state.row}, column ${state.column}: ${formatCount(values.length)} ${become} one; `
      + `${formatCount(same)} of them ${same === 1 ? "is" : "are"} rebuilt as ${same === 1 ? "it was" : "they were"}.`;
  }

  // ------------------------------------------------------------------------------------- what the learner does

  function choose(changes, anew = false) {
    Object.assign(state, changes);
    if (anew) rebuildAll();
    else redraw();
    save();
  }

  function controlPanel() {
    const rebuild = radios({
      label: "Rebuild from", options: REBUILDS, value: state.rebuild, onInput: (value) => choose({ rebuild: value }),
    });
    const what = radios({
      label: "What is pooled", value: state.source, onInput: (value) => choose({ source: value }, true),
      options: [["picture", "the picture"], ["edges", "its vertical edges"]],
    });
    const window = slider({ label: "Window", min: 0, max: WINDOWS.length - 1, value: WINDOWS.indexOf(state.window), onInput: setWindow });
    function setWindow(index) {
      const [old, next] = [state.window, WINDOWS[index]];
      const at = (place) => Math.floor(((place + 0.5) * old) / next); // stay where the old window's middle was
      choose({ window: next, row: at(state.row), column: at(state.column) });
      showWindow();
    }
    function showWindow() {
      const text = `${state.window} × ${state.window}`;
      window.root.querySelector("output").textContent = text;
      window.input.setAttribute("aria-valuetext", `${text} pixels`);
    }
    showWindow();
    return {
      root: element("div", { class: "cc-panel cc-lost-controls" }, element("div", {}, window.root, what.root), rebuild.root),
      show() {
        rebuild.set(state.rebuild);
        what.set(state.source);
        window.set(WINDOWS.indexOf(state.window));
        showWindow();
      },
    };
  }

  const relook = frame(drawLens);
  function look(row, column) {
    const next = { row: clamp(row, 0, map.height - 1), column: clamp(column, 0, map.width - 1) };
    if (next.row === state.row && next.column === state.column) return;
    edit(next);
    relook();
  }
  onDrag(views.before.stage, (x, y) => { if (map) look(Math.floor(y * map.height), Math.floor(x * map.width)); });
  onArrows(views.before.stage, (rows, columns) => { if (map) look(state.row + rows, state.column + columns); });

  /** Python set something. */
  function reload() {
    const found = pictures.find(({ name }) => name === state.picture);
    if (found) {
      chosen = found.pixels;
      picker.select(found.name);
    }
    controls.show();
    rebuildAll();
  }

  function readTheme() {
    colours = colourTables(root);
    tints = tintTables(colours);
    ink = inks(root);
    for (const sample of samples) sample.draw(ink);
    if (source) redraw();
  }
  readTheme();
  rebuildAll();
  const endings = [
    close, watchTheme(root, readTheme), watchWidth(chart.parentElement, () => { if (map) { drawChart(); drawLens(); } }),
  ];
  return () => {
    for (const end of endings) end();
  };
}

function readPictures(model) {
  const pixels = bytes(model.get("pixels"));
  return model.get("pictures").map((caption, index) => (
    { ...caption, pixels: pixels.subarray(index * SIDE * SIDE, (index + 1) * SIDE * SIDE) }));
}

/** A picture's vertical edges, dark on the left: max(0, convolution); 0 along the border, where no kernel fits. */
function edges(picture) {
  const onBorder = (place) => place === 0 || place === SIDE - 1;
  return conv2d(picture, SIDE, SIDE, EDGES_KERNEL, 3, { padding: 1, stride: 1, dilation: 1 }).values.map((value, index) => (
    onBorder(index % SIDE) || onBorder(Math.floor(index / SIDE)) ? 0 : Math.max(value, 0)));
}

/** A picture with its title above and a frame to lay over it. */
function view(title, label) {
  const { root, stage, canvas, caption } = figure(label);
  const mark = element("div", { class: "cc-lost-mark", "aria-hidden": "true" });
  root.prepend(element("h4", {}, title));
  stage.append(mark);
  return { root, stage, canvas, caption, mark };
}

/** Lay `mark` over `count` x `count` pixels of a picture of `side` x `side`. */
function frameAt(mark, row, column, count, side) {
  Object.assign(mark.style, {
    left: `${(100 * column) / side}%`, top: `${(100 * row) / side}%`, width: `${(100 * count) / side}%`, height: `${(100 * count) / side}%`,
  });
}

export default { render };
