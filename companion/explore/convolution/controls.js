// The controls of Convolution: the kernel, how the window moves, and the tour of the window over the picture.
import { button, dropdown, numberGrid, radios, slider } from "../../widgets/controls.js";
import { ticker } from "../../widgets/clock.js";
import { element, statusLine } from "../../widgets/instrument.js";
import { formatCount } from "../../widgets/numbers.js";
import { magnitude } from "../../widgets/pictures.js";
import { toRows } from "../maths/matrix.js";
import { colourCell } from "../parts/tints.js";
import { kernelAt, kernelWords, lostWords, presetOf, sizeFormula, sizeRemark } from "./scene.js";

const OWN = "own numbers";
const SPEEDS = [1, 2, 5, 10, 30, 100, 300, 1000]; // windows a second
const USUAL_SPEED = 2; // its index

/** onChange(changes) gets traits with their new values. Returns {root, set(state), tint(scene, tints)}. */
export function kernelPanel({ presets, state, onChange }) {
  const gridBox = element("div", { class: "cc-kernel" });
  const about = element("p", { class: "cc-quiet" });
  let kernel = state.kernel;
  let grid = null;
  const preset = dropdown({
    label: "Preset", options: [], value: "",
    onInput(name) {
      if (name === OWN) return;
      const size = kernel.length;
      use(presets.find((entry) => entry.name === name).kernels[size], size);
    },
  });
  const size = dropdown({
    label: "Kernel size", options: [["1", "1 × 1"], ["3", "3 × 3"], ["5", "5 × 5"]], value: String(kernel.length),
    onInput(text) {
      const next = Number(text);
      const { weights, lost } = kernelAt(presets, kernel, next);
      use(weights, next);
      if (lost) about.prepend(lostWords(next));
    },
  });
  const mode = radios({
    label: "Operation", value: state.mode, onInput: (value) => onChange({ mode: value }),
    options: [["cross-correlation", "cross-correlation, as in Keras"], ["convolution", "convolution: kernel turned by 180°"]],
  });

  function use(weights, columns) {
    kernel = toRows(weights, columns);
    onChange({ kernel });
    show();
  }

  function show() {
    const columns = kernel.length;
    if (grid?.cells.length === columns ** 2) grid.set(kernel.flat());
    else {
      grid = numberGrid({
        label: "Kernel", columns, values: kernel.flat(),
        onInput(values) { // the cell that is typed into stays as it is
          kernel = toRows(values, columns);
          onChange({ kernel });
          showName();
        },
      });
      gridBox.replaceChildren(grid.root);
      const known = presets.filter(({ kernels }) => kernels[columns]).map(({ name }) => name);
      preset.input.replaceChildren(...[...known, OWN].map((name) => element("option", { value: name }, name)));
    }
    showName();
  }

  function showName() {
    preset.set(presetOf(presets, kernel)?.name ?? OWN);
    about.textContent = kernelWords(presets, kernel);
  }

  show();
  return {
    root: element("section", { class: "cc-panel cc-column cc-kernel-panel", "aria-label": "Kernel" },
      preset.root, size.root, gridBox, about, mode.root),
    set(next) {
      kernel = next.kernel;
      size.set(String(kernel.length));
      mode.set(next.mode);
      show();
    },
    tint({ weights }, tints) {
      const reach = magnitude(weights);
      weights.forEach((weight, tap) => colourCell(grid.cells[tap], tints.diverging, weight, -reach, reach));
    },
  };
}

/** `ranges` and `choices` are what the traits may be. onChange(changes) gets traits with their new values, onColours(name) how the map is
 *  coloured. Returns {root, set(state)}. */
export function slidingPanel({ state, ranges, choices, mapColours, onChange, onColours }) {
  let kernel = state.kernel;
  const number = (label, name) => slider({
    label, ...ranges[name], value: state[name], unit: "px", onInput: (value) => onChange({ [name]: value }),
  });
  const sliders = {
    padding: number("Padding", "padding"), stride: number("Stride", "stride"), dilation: number("Dilation", "dilation"),
  };
  const same = button("Same", () => {
    const padding = (Number(sliders.dilation.input.value) * (kernel.length - 1)) / 2;
    sliders.padding.set(padding);
    onChange({ padding });
  });
  same.title = "The padding with which, at stride 1, the map is as large as the picture: d(k − 1) / 2";
  sliders.padding.root.append(same);
  const resolution = dropdown({
    label: "Picture", options: choices.size.map((n) => [String(n), `${n} × ${n} pixels`]), value: String(state.size),
    onInput: (text) => onChange({ size: Number(text) }),
  });
  const palette = dropdown({
    label: "Map colours", value: mapColours, onInput: onColours,
    options: [["auto", "by the kernel's sum"], ["signed", "signed: − to +"], ["grey", "grey: 0 to 255"]],
  });
  return {
    root: element("section", { class: "cc-bar cc-sliding", "aria-label": "How the window moves" },
      sliders.padding.root, sliders.stride.root, sliders.dilation.root, resolution.root, palette.root),
    set(next) {
      kernel = next.kernel;
      for (const [name, control] of Object.entries(sliders)) control.set(next[name]);
      resolution.set(String(next.size));
    },
  };
}

/** Buttons that take the window on, by hand or by the clock. onStart() and onRestart() begin a tour; onNext() takes the window one place on, and
 *  says whether it could. Returns {root, pause()}. */
export function player({ onStart, onNext, onRestart }) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const clock = ticker({
    pace: SPEEDS[USUAL_SPEED],
    onSteps(count) {
      for (let left = count; left > 0 && clock.isRunning(); left -= 1) next();
    },
  });
  const play = button("Play", () => (clock.isRunning() ? pause() : start()), "primary");
  const pace = slider({
    label: "Speed", min: 0, max: SPEEDS.length - 1, value: USUAL_SPEED, onInput: (index) => clock.setPace(SPEEDS[index]),
    format: (index) => `${formatCount(SPEEDS[index])} / s`,
  });

  function start() {
    onStart();
    play.textContent = "Pause";
    clock.start();
  }
  function next() {
    if (!onNext()) pause();
  }
  function pause() {
    clock.stop();
    play.textContent = "Play";
  }

  const step = button("Step", () => { pause(); next(); });
  const restart = button("From the start", onRestart);
  const moving = calm
    ? [element("p", { class: "cc-quiet" }, "Your system asks for less motion, so the window moves only when you step it.")]
    : [play, pace.root];
  return { root: element("div", { class: "cc-play" }, moving[0], step, restart, ...moving.slice(1)), pause };
}

/** The size of the map by its formula, with the numbers in use, and what the floor or a lack of room means. Returns {root, show(state)}. */
export function sizeView() {
  const formula = element("p", {});
  const remark = statusLine();
  const root = element("section", { class: "cc-formula", "aria-label": "Size of the map" },
    element("p", {}, "Size of the map ", element("span", {}, "= ⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1")), formula, remark.root);
  return {
    root,
    show(state) {
      formula.textContent = sizeFormula(state);
      const { text, tone } = sizeRemark(state);
      remark.say(text, tone);
    },
  };
}
