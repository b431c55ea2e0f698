// Parameter calculator: a dense layer against a convolution, for a picture of any size.
import { bytes, sharedState } from "../../widgets/model.js";
import { dropdown, slider } from "../../widgets/controls.js";
import { element, frame, instrument } from "../../widgets/instrument.js";
import { clamp, formatCount, ratioInWords } from "../../widgets/numbers.js";
import { watchTheme } from "../../widgets/pictures.js";
import { comparison, costAxis } from "../parts/cost.js";
import { inks, watchWidth } from "../parts/drawing.js";
import { conv2dParameters, denseParameters } from "../maths/arithmetic.js";
import { megabytes, megabytesText } from "../maths/memory.js";
import { sizeView } from "./size.js";

const TRAITS = /** @type {const} */ (["height", "width", "channels", "units", "kernel"]);
const KNOWN = [
  { name: "28 × 28 × 1: MNIST", height: 28, width: 28, channels: 1 },
  { name: "200 × 200 × 3: a photo", height: 200, width: 200, channels: 3 },
  { name: "224 × 224 × 3: ImageNet", height: 224, width: 224, channels: 3 },
];

function render({ model, el }) {
  const root = instrument(el, "Parameter calculator", "The picture is drawn to scale: drag its corner, or choose a size. "
    + "A neuron of a dense layer has a weight for every pixel of every channel; a kernel has its few, however large the picture is.");
  const ranges = model.get("ranges");
  const { state, edit, save, close } = sharedState(model, TRAITS, { onReload: reload });
  let ink = inks(root);

  const inRange = (name, step) => clamp(state[name] + step, ranges[name].min, ranges[name].max);
  const set = (changes) => { edit(changes); redraw(); };
  const controls = {
    preset: dropdown({
      label: "Picture", options: [["", "your own size"], ...KNOWN.map(({ name }, index) => [String(index), name])], value: "",
      onInput: usePreset,
    }),
    height: slider({ label: "Height", ...ranges.height, value: state.height, unit: "px", onInput: (height) => set({ height }) }),
    width: slider({ label: "Width", ...ranges.width, value: state.width, unit: "px", onInput: (width) => set({ width }) }),
    channels: slider({ label: "Channels", ...ranges.channels, value: state.channels, onInput: (channels) => set({ channels }) }),
    units: dropdown({
      label: "Neurons, or kernels", options: unitOptions(state.units), value: state.units, onInput: (text) => set({ units: Number(text) }),
    }),
    kernel: slider({ label: "Kernel size", ...ranges.kernel, value: state.kernel, onInput: (kernel) => set({ kernel }) }),
  };
  const view = sizeView({
    most: ranges.height.max, pixels: bytes(model.get("pixels")), known: KNOWN,
    onSize: (height, width, phase) => {
      set({ height, width });
      if (phase === "end") save();
    },
    onStep: (rows, columns) => {
      set({ height: inRange("height", rows), width: inRange("width", columns) });
      save();
    },
  });
  const one = element("p", { class: "cc-pc-one", "aria-live": "polite" });
  const parameters = comparison("Parameters", "the numbers to learn, biases included");
  const memory = comparison("Memory", "4 bytes for each parameter, a million bytes to the megabyte");
  const verdict = element("p", { class: "cc-cost-verdict" });
  const panel = element("div", { class: "cc-panel cc-pc-controls", onchange: save },
    ...Object.values(controls).map((control) => control.root));
  root.classList.add("cc-parameters");
  root.append(
    element("div", { class: "cc-pc-top" }, view.root, element("div", { class: "cc-column" }, panel, one)),
    element("div", { class: "cc-cost cc-panel" }, parameters.root, memory.root, costAxis(), verdict),
  );

  function usePreset(index) {
    if (index === "") return;
    const { height, width, channels } = KNOWN[index];
    set({ height, width, channels });
  }

  const redraw = frame(show);

  function show() {
    const { height, width, channels, units, kernel } = state;
    const input = `${height} × ${width} × ${channels}`;
    const k = `${kernel} × ${kernel} × ${channels}`;
    const [inputs, weights] = [height * width * channels, kernel * kernel * channels];
    const dense = denseParameters(inputs, units);
    const convolution = conv2dParameters(kernel, channels, units);
    for (const name of ["height", "width", "channels", "kernel", "units"]) controls[name].set(state[name]);
    const preset = KNOWN.findIndex((known) => known.height === height && known.width === width && known.channels === channels);
    controls.preset.set(preset < 0 ? "" : String(preset));
    one.replaceChildren(
      element("span", {}, "One dense neuron: "), element("strong", {}, `${input} = ${formatCount(inputs)} weights`),
      element("br"),
      element("span", {}, "One kernel: "), element("strong", {}, `${k} = ${formatCount(weights)} weights`),
    );
    const count = formatCount(units);
    parameters.show([`(${k} + 1) × ${count}`, convolution], [`(${input} + 1) × ${count}`, dense]);
    memory.show(...[convolution, dense].map((value) => (
      [`${formatCount(value)} × 4 bytes`, 4 * value, megabytesText(megabytes(value))])));
    verdict.textContent = inVerdict(dense / convolution);
    view.show({ ...state, ink });
  }

  /** Python set something. */
  function reload() {
    controls.units.input.replaceChildren(...unitOptions(state.units).map(([value, text]) => element("option", { value }, text)));
    show();
  }

  show();
  const endings = [
    close, watchTheme(root, () => { ink = inks(root); show(); }), watchWidth(view.root, view.resize),
  ];
  return () => {
    for (const end of endings) end();
  };
}

function unitOptions(units) {
  const usual = [1, 10, 32, 64, 128, 256, 512, 1000, 4096];
  return [...new Set([...usual, units])].sort((a, b) => a - b).map((count) => [count, formatCount(count)]);
}

function inVerdict(ratio) {
  const compared = ratio >= 1 ? `${ratioInWords(ratio)} times as many parameters as` : "fewer parameters than";
  return `The dense layer has ${compared} the convolution. It makes one number of the whole picture with each neuron; `
    + "the convolution makes a whole map with each kernel.";
}

export default { render };
