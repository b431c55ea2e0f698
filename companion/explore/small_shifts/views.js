// The pictures of the explorer of small shifts: the photo to drag, the curves over all shifts, and the maps of each way.
import { movable } from "../../widgets/gestures.js";
import { element } from "../../widgets/instrument.js";
import { percent, rounded } from "../../widgets/numbers.js";
import { figure, magnitude, paint } from "../../widgets/pictures.js";
import { drawLines, lineSample } from "../parts/line_chart.js";
import { WAYS } from "./scene.js";
import { caption, remark, shiftWords, TITLES } from "./words.js";

const LOOKS = {
  none: { ink: "text", marker: "square" },
  max: { ink: "accent", marker: "circle" },
  average: { ink: "positive", dash: [7, 4], marker: "triangle" },
  strided: { ink: "negative", dash: [2, 3], marker: "diamond" },
};

/** The photo. begin() says its shift when a drag begins, onMove(shift) gets where it has been dragged to, onStep(columns) the arrow
 *  keys. Returns {root, show(scene, theme)}; `theme` holds `colours`. */
export function photoView({ begin, onMove, onStep }) {
  const label = "The picture. Left and right arrow keys move it by one pixel.";
  const { root, stage, canvas, caption: below } = figure(label);
  const { tell } = movable(stage, { label, main: true, onMove: drag, onStep: (_rows, columns) => onStep(columns) });
  let side = 0;
  let grip = null; // where the drag began: {x, shift}

  function drag(x, _y, phase) {
    if (phase === "start") grip = { x, shift: begin() };
    else if (grip) onMove(grip.shift + Math.round((x - grip.x) * side));
    if (phase === "end") grip = null;
  }

  return {
    root,
    show(scene, { colours }) {
      ({ side } = scene);
      paint(canvas, scene.picture, side, side, colours.grey, 0, 255);
      below.textContent = caption(scene);
      tell(shiftWords(scene.shift), { now: scene.shift, low: scene.shifts[0], high: scene.shifts.at(-1) });
    },
  };
}

/** The change of each way over all shifts. Returns {root, show(scene)}. */
export function changeChart() {
  const canvas = element("canvas", { class: "cc-sheet", role: "img", "aria-label": "Change of each map for moves of −8 to 8 pixels" });
  const root = element("div", { class: "cc-shift-chart" }, canvas);
  return {
    root,
    show({ curves, shift, shifts }) {
      const [low, high] = [shifts[0], shifts.at(-1)];
      const largest = Math.max(...curves.flat());
      drawLines(canvas, root.clientWidth, root.clientHeight, {
        lines: WAYS.map((way, index) => ({ ...LOOKS[way], points: shifts.map((each, place) => [each, curves[index][place]]) })), at: shift,
        x: { label: "pixels that the picture moved to the right", low, high, text: rounded, ticks: shifts.filter((each) => each % 2 === 0) },
        y: { label: "", low: 0, high: Math.max(Math.ceil(largest * 5) / 5, 0.2), text: (value) => percent(value, 0) },
      });
    },
  };
}

/** The maps of all ways. Returns {root, show(scene, theme)}; `theme` holds `colours` and `ink`. */
export function wayViews() {
  const panels = WAYS.map((way) => wayPanel(TITLES[way], LOOKS[way]));
  return {
    root: element("div", { class: "cc-shift-ways" }, ...panels.map(({ root }) => root)),
    show({ ways, moved }, theme) {
      panels.forEach((panel, index) => panel.show(ways[index], moved, theme));
    },
  };
}

function wayPanel(title, look) {
  const sample = lineSample(look);
  const now = figure(`${title}: the map now`, "now");
  const difference = figure(`${title}: the difference from before the move`, "change");
  const number = element("strong", { class: "cc-shift-number" });
  const length = element("div", {});
  const below = element("p", { class: "cc-quiet" });
  return {
    root: element("section", { class: "cc-shift-way", "aria-label": title },
      element("h4", {}, sample.root, title),
      element("div", { class: "cc-shift-share" }, number, element("div", { class: "cc-shift-bar" }, length)), below,
      element("div", { class: "cc-shift-maps" }, now.root, difference.root)),
    show(way, moved, { colours, ink }) {
      const reach = magnitude(way.first.values);
      const { values, height, width } = way.map;
      sample.draw(ink);
      paint(now.canvas, values, height, width, colours.diverging, -reach, reach);
      paint(difference.canvas, way.differences, height, width, colours.diverging, -reach, reach);
      number.textContent = percent(way.left);
      length.style.width = `${100 * way.left}%`;
      below.textContent = remark(way, moved);
    },
  };
}
