// Receptive field: what one output position sees of the picture through a stack of layers.
import { bytes, checkbox, colourTables, dropdown, element, frame, inStep, instrument, statusLine, watchTheme } from "../widgets/instrument.js";
import { clamp, inks, watchWidth } from "./drawing.js";
import { layerTable, MOST_PADDING } from "./layer_table.js";
import { pathCounts, seen, span, stackLevels } from "./maths/arithmetic.js";
import { shrink } from "./maths/channels.js";
import { pictureView } from "./seen_picture.js";
import { sideView } from "./side_view.js";

const TRAITS = ["layers", "size", "row", "column", "counts"];
const SAME3 = [3, 1, 1, 1];
const PRESETS = [
  { name: "three 3 × 3", layers: [SAME3, SAME3, SAME3] },
  { name: "one 7 × 7", layers: [[7, 1, 1, 3]] },
  { name: "stride 2, twice", layers: [[3, 2, 1, 1], [3, 2, 1, 1]] },
  { name: "dilation 1, 2, 4", layers: [[3, 1, 1, 1], [3, 1, 2, 2], [3, 1, 4, 4]] },
  { name: "LeNet-5: C1 S2 C3 S4", layers: [[5, 1, 1, 0], [2, 2, 1, 0], [5, 1, 1, 0], [2, 2, 1, 0]], size: 32 },
  { name: "VGG16, two blocks", layers: [SAME3, SAME3, [2, 2, 1, 0], SAME3, SAME3, [2, 2, 1, 0]] },
];

function render({ model, el }) {
  const root = instrument(el, "Receptive field", "Click or drag to choose an output position: it sees only the bright part of the picture. "
    + "Layers that you add let it see more. Hatched: padding, outside of the picture.");
  const state = Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  const { edit, save, close } = inStep(model, TRAITS, state, reload);
  const pixels = bytes(model.get("pixels"));
  const resolution = Math.sqrt(pixels.length / 3);
  let scene = null;

  const presets = dropdown({ label: "Layers", options: presetOptions(), value: "", onInput: usePreset });
  const sizes = dropdown({
    label: "Picture", options: [32, 64, 128].map((size) => [size, `${size} × ${size}`]), value: state.size,
    onInput: (size) => { state.size = Number(size); middle(); rebuild(); save(); },
  });
  const counts = checkbox({
    label: "How often each pixel is used", value: state.counts, onInput: (value) => { state.counts = value; rebuild(); save(); },
  });
  const picture = pictureView({ onPoint: point, onStep: step });
  const side = sideView({ onPoint: (x, phase) => point(null, x, phase), onStep: (_, columns) => step(0, columns) });
  const views = element("div", { class: "cc-rf-views" }, picture.root, side.root);
  const sentence = element("p", { class: "cc-rf-sentence", "aria-live": "polite" });
  const problem = statusLine();
  const table = layerTable({ onChange: (layers) => { state.layers = layers; rebuild(); save(); } });
  const controls = element("div", { class: "cc-rf-controls cc-panel" }, presets.root, sizes.root, counts.root);
  root.classList.add("cc-rf");
  root.append(controls, views, sentence, problem.root, table.root);

  function usePreset(index) {
    if (index === "") return; // "your own" starts from the layers that there are
    const preset = PRESETS[index];
    state.layers = preset.layers.map((layer) => [...layer]);
    state.size = preset.size ?? state.size;
    middle();
    table.set(state.layers);
    rebuild();
    save();
  }

  function middle() { state.row = -1; state.column = -1; }

  /** The structure changed: all levels anew. */
  function rebuild() {
    const layers = state.layers.map(([kernel, stride, dilation, padding]) => ({ kernel, stride, dilation, padding }));
    const { levels, failed } = stackLevels(state.size, layers);
    const top = levels[levels.length - 1];
    for (const name of ["row", "column"]) {
      state[name] = state[name] < 0 ? Math.floor((top.size - 1) / 2) : Math.min(state[name], top.size - 1);
    }
    const reach = extent(levels);
    const colours = shrink(pixels, resolution, state.size, 3);
    scene = { levels, layers, failed, top, size: state.size, counts: state.counts, ...reach, colours };
    presets.set(String(PRESETS.findIndex((preset) => JSON.stringify(preset.layers) === JSON.stringify(state.layers))));
    if (presets.input.selectedIndex < 0) presets.set("");
    sizes.set(state.size);
    problem.say(failed === null ? "" : whyNoOutput(failed, layers[failed], levels[failed].size), "bad");
    table.show(levels, layers, failed);
    recolour();
  }

  function recolour() {
    Object.assign(scene, { ink: inks(root), tables: colourTables(root) });
    usePosition();
    picture.show(scene);
    side.show(scene);
  }

  function usePosition() {
    const { levels, layers, top } = scene;
    Object.assign(scene, {
      row: state.row, column: state.column, rows: seen(top, state.row), columns: seen(top, state.column),
      rowPaths: pathCounts(levels, layers, state.row), columnPaths: pathCounts(levels, layers, state.column),
    });
    sentence.textContent = inSentence(scene);
  }

  const redraw = frame(() => { usePosition(); picture.move(scene); side.move(scene); });

  /** Choose the output whose receptive field lies nearest around input coordinates (null: leave as it is). */
  function point(y, x, phase) {
    if (phase === "start") sentence.setAttribute("aria-live", "off");
    moveTo(y === null ? state.row : nearest(y), x === null ? state.column : nearest(x));
    if (phase !== "end") return;
    sentence.setAttribute("aria-live", "polite");
    save();
  }

  function nearest(coordinate) {
    const { start, field, jump } = scene.top;
    return Math.round((coordinate - start - (field - 1) / 2) / jump);
  }

  function moveTo(row, column) {
    const last = scene.top.size - 1;
    const [nextRow, nextColumn] = [clamp(row, 0, last), clamp(column, 0, last)];
    if (nextRow === state.row && nextColumn === state.column) return;
    edit({ row: nextRow, column: nextColumn });
    redraw();
  }

  function step(rows, columns) {
    moveTo(state.row + rows, state.column + columns);
    save();
  }

  /** Python set something. */
  function reload(names) {
    counts.set(state.counts);
    if (names.includes("layers")) table.set(state.layers); // else its fields stay, one of which may be in use
    rebuild();
  }

  table.set(state.layers);
  rebuild();
  const resize = (width) => { picture.resize(width); side.resize(width); };
  const endings = [close, watchTheme(root, recolour), watchWidth(views, resize)];
  return () => {
    for (const end of endings) end();
  };
}

function presetOptions() {
  return [["", "your own"], ...PRESETS.map((preset, index) => [String(index), preset.name])];
}

/** First and last input coordinate that any output sees, the picture itself included. */
function extent(levels) {
  const size = levels[0].size;
  const ends = levels.map((level) => [seen(level, 0).first, seen(level, level.size - 1).last]);
  return { low: Math.min(0, ...ends.map(([first]) => first)), high: Math.max(size - 1, ...ends.map(([, last]) => last)) };
}

function whyNoOutput(index, { kernel, dilation, padding }, size) {
  const reach = span(kernel, dilation);
  const spread = dilation > 1 ? `its kernel of ${kernel} with dilation ${dilation} spans ${reach}` : `its kernel spans ${kernel}`;
  const arrive = padding > 0 ? `${size} + 2 × ${padding} = ${size + 2 * padding}` : `${size}`;
  const missing = Math.ceil((reach - size) / 2);
  const pad = missing <= MOST_PADDING ? ` or a padding of at least ${missing}` : "";
  return `Layer ${index + 1} gives no output: ${spread} positions, but only ${arrive} arrive. `
    + `Give it a smaller kernel${dilation > 1 ? " or dilation" : ""}${pad}, `
    + `or use ${index > 0 ? "smaller strides before it or " : ""}a larger picture.`
    + `${index > 0 ? ` What you see ends after layer ${index}.` : ""}`;
}

function inSentence({ levels, top, size, row, column, rows, columns }) {
  if (levels.length === 1) return "No layer gives an output yet: every position is one pixel of the picture.";
  const part = ({ first, last }) => `${first} to ${last}`;
  const outside = rows.first < 0 || columns.first < 0 || rows.last >= size || columns.last >= size;
  return `Output row ${row}, column ${column} (of ${top.size} × ${top.size}) sees ${top.field} × ${top.field} pixels: `
    + `rows ${part(rows)}, columns ${part(columns)} of ${size} × ${size}`
    + `${outside ? ". Part of it lies in the padding, outside of the picture" : ""}. One step of the output is ${top.jump} `
    + `${top.jump === 1 ? "pixel" : "pixels"} of the picture.`;
}

export default { render };
