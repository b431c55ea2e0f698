// Channels: what goes into a convolution, what comes out, and what it costs beside a dense layer.
import { bytes, colourTables, dropdown, element, frame, inStep, instrument, magnitude, paint, slider, watchTheme } from "../widgets/instrument.js";
import { channelsDiagram, visibleRows, windowSums, windowValues } from "./channels_diagram.js";
import { mapStrip } from "./channels_maps.js";
import { costPanel } from "./cost.js";
import { clamp, inks, tinted, watchWidth, written } from "./drawing.js";
import { outputSize } from "./maths/arithmetic.js";
import { brightness, featureMap, filterBank, padPlanes, shrink, spread } from "./maths/channels.js";
import { tint } from "./tints.js";

const TRAITS = ["channels_in", "channels_out", "kernel", "padding", "stride", "size", "channel", "row", "column"];
const NAMES = { 1: ["brightness"], 3: ["red", "green", "blue"] };
const SOURCES = { 1: "grey picture", 3: "colour picture" };
const TINTS = { 1: [[255, 255, 255]], 3: [[255, 96, 96], [88, 214, 120], [112, 150, 255]] };

function render({ model, el }) {
  const root = instrument(el, "Channels", "Every output channel has a kernel of its own, as deep as the input: one slice for each input "
    + "channel. The slices’ sums and one bias add up to one number of the output. Click or drag on the input or the output map.");
  const state = Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  const { edit, save, close } = inStep(model, TRAITS, state, reload);
  const pixels = bytes(model.get("pixels"));
  const resolution = Math.sqrt(pixels.length / 3);
  let scene = null;

  let input = null; // the last colours and planes, for they outlive most changes

  const rebuildSoon = frame(rebuild);
  const controls = controlPanel(state, { onInput: (name, value) => { edit({ [name]: value }); rebuildSoon(); }, onRelease: save });
  const diagram = channelsDiagram({ onPosition: moveTo, onStep: (rows, columns) => { step(rows, columns); save(); } });
  const strip = mapStrip({ onChoose: (channel) => { chooseChannel(channel); save(); } });
  const cost = costPanel();
  const sentence = element("p", { class: "cc-ch-sentence", "aria-live": "polite" });
  const chooser = element("h4", { class: "cc-ch-heading" });
  root.classList.add("cc-channels");
  root.append(controls.root, diagram.root, sentence, chooser, strip.root, cost.root);

  function rebuild() {
    const { channels_in: channelsIn, channels_out: channelsOut, kernel, padding, stride, size } = state;
    const outSize = outputSize(size, kernel, { padding, stride });
    if (input?.size !== size || input.planes.length !== channelsIn) {
      const colours = shrink(pixels, resolution, size, 3);
      input = { size, colours, planes: inputPlanes(colours, size, channelsIn) };
      controls.show(colours, size, channelsIn);
    }
    const { planes } = input;
    state.channel = clamp(state.channel, 1, channelsOut);
    state.row = clamp(state.row, 0, outSize - 1);
    state.column = clamp(state.column, 0, outSize - 1);
    scene = {
      kernel, padding, stride, size, outSize, channelsOut,
      side: size + 2 * padding,
      planes: padPlanes(planes, size, padding),
      names: NAMES[channelsIn] ?? planes.map((_, index) => `channel ${index + 1}`),
      bank: filterBank(channelsIn, channelsOut, kernel),
      low: NAMES[channelsIn] ? 0 : -1,
      high: 1,
    };
    cost.show({ size, outSize, kernel, padding, stride, channelsIn, channelsOut });
    chooser.textContent = channelsOut === 1 ? "The one output channel" : `All ${channelsOut} output channels: choose one`;
    recolour();
  }

  /** The theme's colours, then everything drawn anew. */
  function recolour() {
    const weightTable = colourTables(root).diverging;
    const tables = TINTS[state.channels_in]?.map(tinted) ?? [weightTable];
    Object.assign(scene, {
      ink: inks(root), weightTable, weightStyles: Array.from(weightTable, tint),
      tables, planeStyles: tables.map((table) => Array.from(table, tint)),
    });
    useChannel();
    diagram.show(scene);
    strip.show(scene);
  }

  function useChannel() {
    const channel = state.channel - 1;
    const filter = scene.bank[channel];
    const map = featureMap(scene.planes, scene.side, filter, scene.stride, spread(scene.outSize, scene.outSize));
    const heaviest = Math.max(...filter.slices.map((slice) => magnitude(slice)));
    Object.assign(scene, { channel, filter, map, heaviest, peak: magnitude(map) });
    usePosition();
  }

  function usePosition() {
    Object.assign(scene, { row: state.row, column: state.column, top: state.row * scene.stride, left: state.column * scene.stride });
    scene.windows = scene.planes.map((plane) => windowValues(plane, scene.side, scene.kernel, scene.top, scene.left));
    scene.sums = windowSums(scene);
    sentence.textContent = inSentence(scene);
  }

  const redraw = frame(() => { usePosition(); diagram.move(scene); });

  function moveTo(row, column, phase) {
    if (phase === "start") sentence.setAttribute("aria-live", "off");
    if (row !== state.row || column !== state.column) {
      edit({ row, column });
      redraw();
    }
    if (phase !== "end") return;
    sentence.setAttribute("aria-live", "polite");
    save();
  }

  function step(rows, columns) {
    const last = scene.outSize - 1;
    moveTo(clamp(state.row + rows, 0, last), clamp(state.column + columns, 0, last), "move");
  }

  function chooseChannel(channel) {
    if (channel === scene.channel) return;
    state.channel = channel + 1;
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

  const resize = (width) => { diagram.resize(width); strip.resize(width); };
  rebuild();
  const endings = [close, watchTheme(root, recolour), watchWidth(diagram.root.parentElement, resize), strip.close];
  return () => {
    for (const end of endings) end();
  };
}

/** The input's planes: brightness, red-green-blue, or the maps of an earlier layer, each centred (so that none is
 *  dead), rectified and scaled to at most 1. */
function inputPlanes(colours, size, channels) {
  if (channels === 1) return [brightness(colours)];
  if (channels === 3) return colours;
  const padded = padPlanes(colours, size, 1);
  const everywhere = spread(size, size);
  return filterBank(3, channels, 3).map((filter) => {
    const map = featureMap(padded, size + 2, filter, 1, everywhere);
    const average = map.reduce((sum, value) => sum + value, 0) / map.length;
    const rectified = map.map((value) => Math.max(value - average, 0));
    const peak = magnitude(rectified);
    return rectified.map((value) => value / peak);
  });
}

/** The choices of the layer. onInput(trait, value) while one is set, onRelease() after; show() draws the input
 *  picture, set() follows Python. */
function controlPanel(state, { onInput, onRelease }) {
  const counts = [...new Set([1, 3, 8, 16, 32, 64, state.channels_in])].sort((a, b) => a - b);
  const inputs = counts.map((count) => [count, `${count}: ${SOURCES[count] ?? "earlier layer"}`]);
  const number = (trait) => (value) => onInput(trait, Number(value));
  const controls = {
    channels_in: dropdown({ label: "Channels in", options: inputs, value: state.channels_in, onInput: number("channels_in") }),
    channels_out: slider({ label: "Channels out", min: 1, max: 64, value: state.channels_out, onInput: number("channels_out") }),
    kernel: slider({ label: "Kernel size", min: 1, max: 7, value: state.kernel, onInput: number("kernel") }),
    size: dropdown({
      label: "Picture size", options: [28, 32, 64, 128, 224].map((size) => [size, `${size} × ${size}`]), value: state.size,
      onInput: number("size"),
    }),
    padding: slider({ label: "Padding", min: 0, max: 3, value: state.padding, onInput: number("padding") }),
    stride: slider({ label: "Stride", min: 1, max: 4, value: state.stride, onInput: number("stride") }),
  };
  const picture = element("canvas", { class: "cc-canvas cc-ch-picture", role: "img" });
  const panel = element("div", { class: "cc-ch-controls" }, ...Object.values(controls).map((control) => control.root));
  return {
    root: element("div", { class: "cc-ch-top cc-panel", onchange: onRelease }, picture, panel),
    set(next) { for (const [name, control] of Object.entries(controls)) control.set(next[name]); },
    show(colours, size, channels) {
      picture.setAttribute("aria-label", channels === 1 ? "The input picture in grey" : "The input picture in colour");
      if (channels === 1) paint(picture, brightness(colours), size, size, tinted([255, 255, 255]), 0, 1);
      else paintColours(picture, colours, size);
    },
  };
}

function paintColours(canvas, [red, green, blue], size) {
  canvas.width = size;
  canvas.height = size;
  const context = canvas.getContext("2d");
  const image = context.createImageData(size, size);
  for (let index = 0; index < red.length; index += 1) {
    image.data.set([255 * red[index], 255 * green[index], 255 * blue[index], 255], 4 * index);
  }
  context.putImageData(image, 0, 0);
}

/** What the diagram shows at the position, in words and numbers. */
function inSentence({ channel, filter, names, sums, row, column }) {
  const terms = visibleRows(names.length).map((index) => (
    index === "rest" ? [sums.rest, `${names.length - 3} more`] : [sums.channels[index], names[index]]
  ));
  const added = [...terms, [filter.bias, "bias"]].map(([value, name], place) => {
    const text = written(value);
    if (place === 0) return `${text} (${name})`;
    return text.startsWith("−") ? `− ${text.slice(1)} (${name})` : `+ ${text} (${name})`;
  });
  return `Output channel ${channel + 1}, ${filter.name}, at row ${row}, column ${column}: ${added.join(" ")} = ${written(sums.total)}`;
}

export default { render };
