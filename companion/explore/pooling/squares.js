// The squares of numbers of the Pooling explorer: input, map and their gradients, targets; large enough for the width there is.
import { element } from "../../widgets/instrument.js";
import { magnitude } from "../../widgets/pictures.js";
import { clamp } from "../../widgets/numbers.js";
import { poolGrid } from "./grid.js";
import { markOf } from "./scene.js";

const [SMALLEST, TIGHT, LEGIBLE, LARGEST] = [20, 24, 30, 46]; // CSS pixels from cell to cell
const ROOM = { row: 160, square: 60, stack: 16 }; // CSS pixels between the squares
const HIGHEST = 440; // CSS pixels for two squares one above the other, unless numbers get too small for that

/** The squares of one explorer: those of the gradient if it is shown, and one for each of the kinds in `goals`. onInput(row, column) and
 *  onOutput(row, column) say what is touched, stepInput(rows, columns) and stepOutput(rows, columns) by how many it is stepped on;
 *  onNumbers(values) and onUpstream(values) what is typed. Returns {root, input, show(scene, tints), move(scene, look), resize(width)};
 *  `input` is the element in which the input is typed. */
export function poolSquares({ withGradient, goals, onInput, onOutput, stepInput, stepOutput, onNumbers, onUpstream }) {
  let typing = null; // the square that is being typed into: its numbers are left as they are
  const typed = (key, onValues) => (values) => { typing = key; onValues(values); };
  const input = poolGrid({ title: "Input", label: "Input", editable: true, onTouch: onInput, onInput: typed("input", onNumbers) });
  const map = poolGrid({
    title: "Pooled map", label: "Pooled map. Arrow keys look at one number after the other.", main: true,
    onTouch: onOutput, onStep: stepOutput,
  });
  const back = withGradient ? poolGrid({
    title: "Gradient", place: "cc-pool-back", label: "Gradient that reaches the input. Arrow keys look at one input after the other.",
    onTouch: onInput, onStep: stepInput,
  }) : null;
  const upstream = withGradient ? poolGrid({
    title: "Gradient", place: "cc-pool-upstream", label: "Gradient at the pooled map", editable: true, onTouch: onOutput,
    onInput: typed("upstream", onUpstream),
  }) : null;
  const targets = goals.map((kind) => poolGrid({
    title: "Target", label: `Target for ${kind} pooling`, onTouch: onOutput, onStep: stepOutput,
  }));
  const [ofInput, ofMap] = [[input, back], [map, upstream]].map((both) => both.filter((grid) => grid !== null));

  const root = element("div", { class: "cc-pool-flow" }, input.root, arrow(), map.root);
  if (upstream && back) {
    upstream.remark.textContent = "at the map";
    back.remark.textContent = "at the input";
    root.append(upstream.root, arrow("cc-pool-return"), back.root);
  }
  targets.forEach((grid, index) => { grid.remark.textContent = goals[index]; });
  root.append(...targets.map((grid) => grid.root));
  let width = 0;
  let sides = { input: 0, map: 0 }; // numbers across, with padding

  /** Choose the largest pitch: all squares in a row if that leaves them legible, else forward above backward, else below each other. */
  function fit() {
    if (width === 0 || sides.input === 0) return;
    const all = sides.input + sides.map;
    const row = withGradient ? (width - ROOM.row) / (2 * all) : (width - ROOM.square) / (all + sides.map * targets.length);
    const square = (width - ROOM.square) / all;
    const squareInHeight = Math.min(square, Math.max(HIGHEST / (2 * sides.input), TIGHT));
    const stack = (width - ROOM.stack) / sides.input;
    const [shape, pitch] = row >= LEGIBLE ? ["row", row]
      : withGradient && square >= TIGHT ? ["square", squareInHeight] : ["stack", stack];
    root.dataset.shape = shape;
    root.style.setProperty("--pitch", `${clamp(Math.floor(pitch), SMALLEST, LARGEST)}px`);
  }

  return {
    root,
    input: input.root,
    /** Another input or another layer. */
    show(scene, tints) {
      const { side, before, after, reach } = scene;
      const { height } = scene.map;
      for (const grid of ofInput) grid.resize(side, side, { before, after });
      for (const grid of [...ofMap, ...targets]) grid.resize(height, height);
      sides = { input: side + before + after, map: height };
      fit();
      input.remark.textContent = `${side} × ${side}`;
      map.remark.textContent = `${height} × ${height}`;
      input.write(scene.numbers, tints, reach, { typing: typing === "input" });
      map.write(scene.map.values, tints, reach);
      upstream?.write(scene.upstream, tints, magnitude(scene.upstream), { typing: typing === "upstream" });
      back?.write(scene.downstream, tints, magnitude(scene.downstream));
      typing = null;
      targets.forEach((grid, index) => {
        const { values, isReached } = scene.goals[index];
        grid.write(values, tints, reach);
        grid.mark((at) => (isReached[at] ? "reached" : ""));
      });
      for (const grid of ofInput) grid.mark((index) => markOf(scene, index));
    },
    /** Another place is looked at. */
    move(scene, look) {
      for (const grid of ofInput) grid.outline(look.boxes.input);
      for (const grid of ofMap) grid.outline(look.boxes.map);
      const [input, output] = look.isInput ? [look, null] : [null, look];
      map.tell(output, scene.map.values);
      back?.tell(input, scene.downstream);
      targets.forEach((grid, index) => { grid.tell(output, scene.goals[index].values); });
    },
    resize(next) {
      width = next;
      fit();
    },
  };
}

function arrow(place = "") {
  return element("div", { class: `cc-pool-arrow ${place}`, "aria-hidden": "true" }, "→");
}
