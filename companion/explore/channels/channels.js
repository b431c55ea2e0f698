// Channels: what goes into a convolution, what comes out, and what it costs beside a dense layer.
import { dropdown, slider } from "../../widgets/controls.js";
import { element, frame, instrument } from "../../widgets/instrument.js";
import { bytes, sharedState } from "../../widgets/model.js";
import { clamp } from "../../widgets/numbers.js";
import { colourTables, paint, paintColours, watchTheme } from "../../widgets/pictures.js";
import { brightness } from "../maths/channels.js";
import { costPanel } from "../parts/cost.js";
import { inks, tinted, watchWidth } from "../parts/drawing.js";
import { tint } from "../parts/tints.js";
import { channelsDiagram } from "./diagram.js";
import { mapStrip } from "./maps.js";
import { channelOf, choiceWords, correct, inputOf, layerOf, positionOf, positionWords } from "./scene.js";

const TRAITS = /** @type {const} */ (["channels_in", "channels_out", "kernel", "padding", "stride", "size", "channel", "row", "column"]);
const SOURCES = { 1: "grey picture", 3: "colour picture" };
const TINTS = { 1: [[255, 255, 255]], 3: [[255, 96, 96], [88, 214, 120], [112, 150, 255]] };

function render({ model, el }) {
  const root = instrument(el, "Channels", "Every output channel has a kernel of its own, as deep as the input: one slice for each input "
    + "channel. The slices’ sums and one bias add up to one number of the output. Click or drag on the input or the output map.");
  const { state, edit, save, close } = sharedState(model, TRAITS, { onReload: reload, correct });
  const pixels = bytes(model.get("pixels"));
  let input = null; // the last colours and planes, for they outlive most changes
  let scene = null;

  const rebuildSoon = frame(rebuild);
  const controls = controlPanel(state, {
    ranges: model.get("ranges"), choices: model.get("choices"), onRelease: save,
    onInput: (name, value) => { edit({ [name]: value }); rebuildSoon(); },
  });
  const diagram = channelsDiagram({ onPosition: moveTo, onStep: (rows, columns) => { step(rows, columns); save(); } });
  const strip = mapStrip({ onChoose: (channel) => { chooseChannel(channel); save(); } });
  const cost = costPanel();
  const sentence = element("p", { class: "cc-ch-sentence", "aria-live": "polite" });
  const chooser = element("h4", { class: "cc-ch-heading" });
  const maps = element("div", { class: "cc-ch-maps" }, strip.root);
  const costs = element("details", { class: "cc-ch-costs" }, cost.summary, cost.root);
  root.classList.add("cc-channels");
  root.append(controls.root, diagram.root, sentence, element("div", { class: "cc-ch-choice" }, chooser, maps), costs);

  function rebuild() {
    const { channels_in: channelsIn, size } = state;
    if (input?.size !== size || input.planes.length !== channelsIn) {
      input = inputOf(pixels, size, channelsIn);
      controls.show(input.colours, size, channelsIn);
    }
    scene = layerOf(state, input.planes);
    cost.show(scene);
    chooser.textContent = choiceWords(scene);
    recolour();
  }

  /** The theme's colours, then everything drawn anew. */
  function recolour() {
    const weightTable = colourTables(root).diverging;
    const tables = TINTS[scene.channelsIn]?.map(tinted) ?? [weightTable];
    Object.assign(scene, {
      ink: inks(root), weightTable, weightStyles: Array.from(weightTable, tint),
      tables, planeStyles: tables.map((table) => Array.from(table, tint)),
    });
    useChannel();
    diagram.show(scene);
    strip.show(scene);
  }

  function useChannel() {
    Object.assign(scene, channelOf(scene, state.channel - 1));
    usePosition();
  }

  function usePosition() {
    Object.assign(scene, positionOf(scene, state.row, state.column));
    sentence.textContent = positionWords(scene);
  }

  const redraw = frame(() => { usePosition(); diagram.move(scene); });

  function moveTo(row, column, phase) {
    if (row !== state.row || column !== state.column) {
      edit({ row, column });
      redraw();
    }
    if (phase === "end") save();
  }

  function step(rows, columns) {
    const last = scene.outSize - 1;
    moveTo(clamp(state.row + rows, 0, last), clamp(state.column + columns, 0, last), "move");
  }

  function chooseChannel(channel) {
    if (channel === scene.channel) return;
    edit({ channel: channel + 1 });
    scene = { ...scene };
    useChannel();
    diagram.show(scene);
    strip.choose(scene);
  }

  /** Python set something. */
  function reload() {
    controls.set(state);
    rebuild();
  }

  rebuild();
  const endings = [close, watchTheme(root, recolour), watchWidth(diagram.root, diagram.resize), watchWidth(maps, strip.resize), strip.close];
  return () => {
    for (const end of endings) end();
  };
}

/** The choices of the layer; `ranges` and `choices` are what its traits may be. onInput(trait, value) while one is set,
 *  onRelease() after; show() draws the input picture, set() follows Python. */
function controlPanel(state, { ranges, choices, onInput, onRelease }) {
  const counts = [...new Set([1, 3, 8, 16, 32, 64, state.channels_in])].sort((a, b) => a - b);
  const inputs = counts.map((count) => [count, `${count}: ${SOURCES[count] ?? "earlier layer"}`]);
  const number = (trait) => (value) => onInput(trait, Number(value));
  const controls = {
    channels_in: dropdown({ label: "Channels in", options: inputs, value: state.channels_in, onInput: number("channels_in") }),
    channels_out: slider({ label: "Channels out", ...ranges.channels_out, value: state.channels_out, onInput: number("channels_out") }),
    kernel: slider({ label: "Kernel size", ...ranges.kernel, value: state.kernel, onInput: number("kernel") }),
    size: dropdown({
      label: "Picture size", options: choices.size.map((size) => [size, `${size} × ${size}`]), value: state.size,
      onInput: number("size"),
    }),
    padding: slider({ label: "Padding", ...ranges.padding, value: state.padding, onInput: number("padding") }),
    stride: slider({ label: "Stride", ...ranges.stride, value: state.stride, onInput: number("stride") }),
  };
  const picture = element("canvas", { class: "cc-canvas cc-ch-picture", role: "img" });
  const panel = element("div", { class: "cc-ch-controls" }, ...Object.values(controls).map((control) => control.root));
  return {
    root: element("div", { class: "cc-bar cc-ch-top", onchange: onRelease }, picture, panel),
    set(next) { for (const [name, control] of Object.entries(controls)) control.set(next[name]); },
    show(colours, size, channels) {
      picture.setAttribute("aria-label", channels === 1 ? "The input picture in grey" : "The input picture in colour");
      if (channels === 1) paint(picture, brightness(colours), size, size, tinted([255, 255, 255]), 0, 1);
      else paintColours(picture, colours, size);
    },
  };
}

export default { render };
