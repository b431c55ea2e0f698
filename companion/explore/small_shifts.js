// Small shifts: how much a feature map changes when the picture moves, without pooling, with it, and with a stride.
import {
  bytes, colourTables, dropdown, element, figure, frame, inStep, instrument, magnitude, onArrows, onDrag, paint, radios, slider, watchTheme,
} from "../widgets/instrument.js";
import { clamp, inks, watchWidth } from "./drawing.js";
import { curveSample, drawCurves } from "./curves.js";
import { bestMove, change, featureMap, shrinkMap, view, viewSide } from "./maths/shifts.js";

const TRAITS = ["picture", "feature", "window", "shift", "moved"];
const FARTHEST = 8;
const SHIFTS = Array.from({ length: 2 * FARTHEST + 1 }, (_, index) => index - FARTHEST);
const WAYS = [["none", "No pooling"], ["max", "Max pooling"], ["average", "Average pooling"], ["strided", "Strided convolution"]];

function render({ model, el }) {
  const root = instrument(el, "Small shifts", "Drag the picture to the left or right by a few pixels. "
    + "Below: what comes out of the layer now, and where that differs from before the move.");
  root.classList.add("cc-shifts");
  const state = Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  const { edit, save, close } = inStep(model, TRAITS, state, reload);
  const scenes = readScenes(model);
  const kernels = model.get("kernels");
  let colours;
  let ink;
  let features = []; // the feature map at every shift
  let drawn = ""; // the picture and kernel that they are of
  let before = null; // the four maps before the move
  let curves = []; // for each way its change at every shift

  const photo = figure("The picture. Arrow keys move it by one pixel.");
  photo.stage.setAttribute("role", "application");
  photo.stage.setAttribute("aria-label", "The picture. Left and right arrow keys move it by one pixel.");
  photo.stage.setAttribute("data-cc-drag", "");
  const chart = element("canvas", { class: "cc-sheet", role: "img", "aria-label": "Change of each map for moves of −8 to 8 pixels" });
  const panels = WAYS.map(([, title], index) => wayPanel(title, index));
  const verdict = element("p", { class: "cc-shift-words", "aria-live": "polite" });
  const controls = controlPanel();
  root.append(
    controls.root,
    element("div", { class: "cc-shift-top" }, photo.root, element("div", { class: "cc-shift-chart" }, chart)),
    verdict,
    element("div", { class: "cc-shift-ways" }, ...panels.map((panel) => panel.root)),
    element("p", { class: "cc-quiet" }, "Change: the sum of all |before − after|, as a share of the sum of all (before + after). "
      + "0 % is the same map; 100 % means that nothing is where it was. Blue: more than before. Orange: less."),
  );

  // ------------------------------------------------------------------------------------- from state to picture

  const scene = () => scenes[state.picture];
  const mapsAt = (shift) => shrinkMap(features[shift + FARTHEST], state.window);
  const stepOf = (way) => (way === "none" ? 1 : state.window);

  /** {left, places}: the share that differs at a shift, and by how many places the first map was moved along. */
  function compare(way, after, shift) {
    if (state.moved) return bestMove(before[way], after[way], shift, stepOf(way));
    return { left: change(before[way], after[way]), places: 0 };
  }

  /** What is compared changed: the curves over all shifts anew, for another picture or kernel from its feature maps on. */
  const rebuild = frame(() => {
    const source = `${state.picture}, ${state.feature}`;
    if (source !== drawn) features = SHIFTS.map((shift) => featureMap(scene(), shift, kernels[state.feature]));
    drawn = source;
    before = mapsAt(0);
    const all = SHIFTS.map((shift) => mapsAt(shift));
    curves = WAYS.map(([way]) => all.map((maps, index) => compare(way, maps, SHIFTS[index]).left));
    draw();
  });

  const redraw = frame(draw);

  function draw() {
    const after = mapsAt(state.shift);
    const side = viewSide(scene());
    paint(photo.canvas, view(scene(), state.shift), side, side, colours.grey, 0, 255);
    photo.caption.textContent = `${side} × ${side} pixels, ${inWords(state.shift)}`;
    const results = WAYS.map(([way]) => compare(way, after, state.shift));
    WAYS.forEach(([way], index) => panels[index].show(before[way], after[way], results[index]));
    drawChart();
    const text = sentence(results);
    if (verdict.textContent !== text) verdict.textContent = text;
  }

  function drawChart() {
    if (curves.length === 0) return;
    drawCurves(chart, ink, {
      curves, at: state.shift + FARTHEST, top: Math.max(Math.ceil(Math.max(...curves.flat()) * 5) / 5, 0.2),
      labels: SHIFTS.map((shift) => (shift % 2 === 0 ? String(shift).replace("-", "−") : "")),
      yLabel: (value) => `${Math.round(1000 * value) / 10} %`, title: "pixels that the picture moved to the right",
    });
  }

  function sentence(results) {
    const part = (index) => percent(results[index].left);
    if (state.shift === 0) return "The picture stands where it was, so nothing has changed. Move it by one pixel.";
    const how = state.moved ? "Each map compared with the first one moved along" : "Place by place";
    return `${how}, ${inWords(state.shift)}: ${part(0)} of the map changes without pooling, ${part(1)} with max pooling, `
      + `${part(2)} with average pooling, ${part(3)} with a strided convolution.`;
  }

  function moveTo(shift) {
    const next = clamp(shift, -FARTHEST, FARTHEST);
    if (next === state.shift) return;
    edit({ shift: next });
    controls.show();
    redraw();
  }

  function choose(changes) {
    Object.assign(state, changes);
    rebuild();
    save();
  }

  // ------------------------------------------------------------------------------------- parts

  function wayPanel(title, index) {
    const sample = curveSample(index);
    const now = figure(`${title}: the map now`, "now");
    const difference = figure(`${title}: the difference from before the move`, "change");
    const number = element("strong", { class: "cc-shift-number" });
    const bar = element("div", { class: "cc-shift-bar" }, element("div", {}));
    const remark = element("p", { class: "cc-quiet" });
    return {
      root: element("section", { class: "cc-shift-way", "aria-label": title },
        element("h4", {}, sample.root, title), element("div", { class: "cc-shift-maps" }, now.root, difference.root), number, bar, remark),
      sample,
      show(first, map, { left, places }) {
        const reach = magnitude(first.values);
        const { height, width } = map;
        paint(now.canvas, map.values, height, width, colours.diverging, -reach, reach);
        paint(difference.canvas, differences(first, map, places), height, width, colours.diverging, -reach, reach);
        number.textContent = percent(left);
        bar.firstChild.style.width = `${100 * left}%`;
        const moved = `first map moved by ${places} ${Math.abs(places) === 1 ? "place" : "places"}`.replace("-", "−");
        remark.textContent = `${height} × ${width} numbers${state.moved ? `, ${moved}` : ""}`;
      },
    };
  }

  function controlPanel() {
    const picture = dropdown({
      label: "Picture", options: Object.keys(scenes), value: state.picture, onInput: (name) => choose({ picture: name }),
    });
    const feature = dropdown({
      label: "Kernel", options: Object.keys(kernels), value: state.feature, onInput: (name) => choose({ feature: name }),
    });
    const window = slider({
      label: "Window, stride", min: 2, max: 4, value: state.window, onInput: (value) => choose({ window: value }),
    });
    const shift = slider({ label: "Move by", min: -FARTHEST, max: FARTHEST, value: state.shift, unit: "px", onInput: moveTo });
    const moved = radios({
      label: "Compare", value: String(state.moved), onInput: (value) => choose({ moved: value === "true" }),
      options: [["false", "place by place"], ["true", "with the first map moved along"]],
    });
    return {
      root: element("div", { class: "cc-panel cc-shift-controls" },
        element("div", {}, picture.root, feature.root), element("div", {}, window.root, shift.root), moved.root),
      show() {
        picture.set(state.picture);
        feature.set(state.feature);
        window.set(state.window);
        shift.set(state.shift);
        moved.set(String(state.moved));
      },
    };
  }

  // ------------------------------------------------------------------------------------- gestures and life

  let grip = null; // where the drag began: {x, shift}
  onDrag(photo.stage, (x, y, phase) => {
    if (phase === "start") grip = { x, shift: state.shift };
    else if (grip) moveTo(grip.shift + Math.round((x - grip.x) * viewSide(scene())));
    if (phase === "end") grip = null;
  });
  onArrows(photo.stage, (rows, columns) => moveTo(state.shift + columns));

  /** Python set something. */
  function reload() {
    controls.show();
    rebuild();
  }

  function readTheme() {
    colours = colourTables(root);
    ink = inks(root);
    for (const { sample } of panels) sample.draw(ink);
    if (before) redraw();
  }
  readTheme();
  rebuild();
  const endings = [close, watchTheme(root, readTheme), watchWidth(chart.parentElement, drawChart)];
  return () => {
    for (const end of endings) end();
  };
}

function readScenes(model) {
  const pixels = bytes(model.get("pixels"));
  const scenes = {};
  let start = 0;
  for (const { name, side, margin } of model.get("scenes")) {
    scenes[name] = { pixels: Float64Array.from(pixels.subarray(start, start + side * side)), side, margin };
    start += side * side;
  }
  return scenes;
}

/** The map minus the first one moved along by `places`; 0 where the first one has nothing to compare with. */
function differences(first, map, places) {
  return map.values.map((value, index) => {
    const column = (index % map.width) - places;
    return column < 0 || column >= map.width ? 0 : value - first.values[index - places];
  });
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}

function inWords(shift) {
  if (shift === 0) return "not moved";
  return `moved ${Math.abs(shift)} ${Math.abs(shift) === 1 ? "pixel" : "pixels"} to the ${shift > 0 ? "right" : "left"}`;
}

export default { render };
