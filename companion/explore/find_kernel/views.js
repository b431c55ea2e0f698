// What FindKernel shows: the four pictures with a mark on each, and the loss.
import { element } from "../../widgets/instrument.js";
import { magnitude, markedPicture } from "../../widgets/pictures.js";
import { drawLines } from "../parts/line_chart.js";
import { drawPixels } from "../parts/pixels.js";
import { lossChart, lossWords, shareWords } from "./scene.js";

const CURVE_HEIGHT = 132;

/** The picture, the target map, the learner's map and their difference. onLook(row, column) gets the pixel of a map that is looked at.
 *  Returns {root, show(experiment, colours, tints), look(problem, probe)}. */
export function mapViews({ onLook }) {
  const views = {
    picture: markedPicture({ title: "Picture", label: "The picture" }),
    target: markedPicture({ title: "Target map", label: "The target map. Arrow keys look at one pixel after the other.", onMove: onLook }),
    yours: markedPicture({
      title: "Your map", label: "Your map. Arrow keys look at one pixel after the other.", onMove: onLook, main: true,
    }),
    difference: markedPicture({
      title: "Your map − target", label: "Difference of your map and the target. Arrow keys look at one pixel after the other.", onMove: onLook,
    }),
  };
  const maps = [views.target, views.yours, views.difference];

  return {
    root: element("div", { class: "cc-maps" }, ...Object.values(views).map(({ root }) => root)),
    show({ problem, trial }, colours, tints) {
      const { picture, height, width, target, mapHeight, mapWidth } = problem;
      const reach = magnitude(target);
      const brightest = picture.reduce((most, value) => Math.max(most, value), 1e-9);
      const darkest = picture.reduce((least, value) => Math.min(least, value), 0);
      drawPixels(views.picture.canvas, picture, height, width, tints.grey, colours.grey, darkest, brightest);
      [target, trial.map, trial.error].forEach((values, index) => {
        drawPixels(maps[index].canvas, values, mapHeight, mapWidth, tints.diverging, colours.diverging, -reach, reach);
      });
    },
    look({ height, width, size, options: { padding }, mapHeight, mapWidth }, probe) {
      views.picture.resize(height, width);
      for (const view of maps) view.resize(mapHeight, mapWidth);
      if (probe === null) for (const view of Object.values(views)) view.hide();
      else {
        const [row, column] = probe;
        views.picture.show(row - padding, column - padding, size);
        for (const view of maps) view.show(row, column);
      }
    },
  };
}

/** The loss as a number, as a share of an all-zero kernel's, and after each change of the kernel. Returns {root, show(experiment)}. */
export function lossView() {
  const loss = element("p", { class: "cc-loss" });
  const filled = element("div", {});
  const share = element("p", { class: "cc-quiet" });
  const curve = element("canvas", { class: "cc-curve", role: "img", "aria-label": "The loss after each change of the kernel" });
  const plot = element("div", { class: "cc-plot" }, curve);
  return {
    root: element("div", { class: "cc-losses" },
      element("div", {}, element("h4", {}, "Loss: mean squared error"), loss, element("div", { class: "cc-loss-bar" }, filled), share), plot),
    show({ problem, trial, losses }) {
      loss.textContent = lossWords(trial.loss);
      filled.style.width = `${Math.min(100 * trial.share, 100)}%`;
      share.textContent = shareWords(trial.share);
      drawLines(curve, plot.clientWidth, CURVE_HEIGHT, lossChart(losses, problem));
    },
  };
}
