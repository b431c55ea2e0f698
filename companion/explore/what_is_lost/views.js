// The pictures of the explorer of what is lost: the four stations of the whole picture, one window of it, and the errors as curves.
import { element } from "../../widgets/instrument.js";
import { cellText } from "../../widgets/numbers.js";
import { markedPicture, paint } from "../../widgets/pictures.js";
import { drawLines, lineSample } from "../parts/line_chart.js";
import { drawPixels } from "../parts/pixels.js";
import { SIDE } from "./scene.js";
import { captions, lensWords, REBUILDS } from "./words.js";

const LEAST_SHARE = 8; // % of the stage: a map of few numbers is drawn larger, to be seen
const CHART_STEP = 20; // grey levels
const LOOKS = {
  average: { ink: "accent", marker: "circle" },
  spread: { ink: "positive", dash: [7, 4], marker: "triangle" },
  winners: { ink: "negative", dash: [2, 3], marker: "diamond" },
};

/** The picture before, its map, the picture rebuilt and the difference. onMove(row, column) gets the window that is chosen. Returns
 *  {root, show(scene, theme), move(lens)}; `theme` holds `colours`. */
export function stationViews({ onMove }) {
  const views = {
    before: markedPicture({ title: "Before", label: "What is pooled. Arrow keys move by one.", main: true, onMove }),
    map: markedPicture({ title: "Kept", label: "The pooled map" }),
    rebuilt: markedPicture({ title: "Rebuilt", label: "The picture rebuilt from the pooled map" }),
    error: markedPicture({ title: "Rebuilt − before", label: "The difference: blue is too bright, orange too dark" }),
  };
  const marked = [views.before, views.rebuilt, views.error];
  return {
    root: element("div", { class: "cc-lost-views" }, ...Object.values(views).map(({ root }) => root)),
    show(scene, { colours }) {
      const { source, map, rebuilt, off, reach, window } = scene;
      paint(views.before.canvas, source, SIDE, SIDE, colours.grey, 0, 255);
      paint(views.map.canvas, map.values, map.height, map.width, colours.grey, 0, 255);
      paint(views.rebuilt.canvas, rebuilt, SIDE, SIDE, colours.grey, 0, 255);
      paint(views.error.canvas, off, SIDE, SIDE, colours.diverging, -reach, reach);
      views.map.canvas.style.width = `${Math.max(100 / window, LEAST_SHARE)}%`;
      for (const [key, text] of Object.entries(captions(scene))) views[key].caption.textContent = text;
      for (const view of marked) view.resize(map.height, map.width);
    },
    move({ row, column }) {
      for (const view of marked) view.show(row, column);
    },
  };
}

/** One window: its pixels, the number kept of them, and what they are rebuilt as. Returns {root, show(lens, theme)}; `theme` holds
 *  `colours` and `tints`. */
export function lensView() {
  const before = markedPicture({ title: "In the window", label: "The window’s pixels" });
  const after = markedPicture({ title: "Rebuilt from it", label: "The window as it is rebuilt" });
  const kept = element("strong", { class: "cc-lost-kept" });
  const line = element("p", { class: "cc-lost-line", "aria-live": "polite" });
  return {
    root: element("section", { "aria-label": "One window" },
      element("div", { class: "cc-lost-lens" }, before.root, element("div", { class: "cc-lost-one" }, "→", kept, "→"), after.root),
      line),
    show(lens, { colours, tints }) {
      for (const [{ canvas }, pixels] of [[before, lens.before], [after, lens.after]]) {
        drawPixels(canvas, pixels, lens.window, lens.window, tints.grey, colours.grey, 0, 255);
      }
      kept.textContent = cellText(lens.kept);
      const text = lensWords(lens);
      if (line.textContent !== text) line.textContent = text;
    },
  };
}

/** The errors of `rebuilds` by the size of the window. Returns {root, show(scene, theme)}; `theme` holds `ink`. */
export function errorChart(rebuilds) {
  const canvas = element("canvas", {
    class: "cc-sheet", role: "img", "aria-label": "Error of the three ways to rebuild, by the size of the window",
  });
  const samples = rebuilds.map((rebuild) => lineSample(LOOKS[rebuild]));
  const legend = rebuilds.map((rebuild, index) => element("li", {}, samples[index].root, REBUILDS[rebuild]));
  const plot = element("div", { class: "cc-lost-chart" }, canvas);
  return {
    root: element("section", { "aria-label": "Error by the size of the window" },
      element("ul", { class: "cc-lost-legend" }, ...legend), plot),
    show({ errors, flat, windows, at }, { ink }) {
      for (const sample of samples) sample.draw(ink);
      const largest = Math.max(flat, ...Object.values(errors).flat());
      const places = [...windows.keys()]; // evenly spaced: each window is twice as wide as the one before
      drawLines(canvas, plot.clientWidth, plot.clientHeight, {
        lines: rebuilds.map((rebuild) => ({ ...LOOKS[rebuild], points: places.map((place) => [place, errors[rebuild][place]]) })), at,
        x: {
          label: "side of the window in pixels", low: 0, high: places.length - 1, ticks: places, text: (place) => String(windows[place]),
        },
        y: { label: "", low: 0, high: Math.max(Math.ceil(largest / CHART_STEP), 1) * CHART_STEP, text: cellText },
      });
    },
  };
}
