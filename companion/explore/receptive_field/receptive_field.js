// Receptive field: what one output position sees of the picture through a stack of layers.
import { checkbox, dropdown } from "../../widgets/controls.js";
import { element, frame, instrument, statusLine } from "../../widgets/instrument.js";
import { bytes, sharedState } from "../../widgets/model.js";
import { clamp } from "../../widgets/numbers.js";
import { colourTables, watchTheme } from "../../widgets/pictures.js";
import { shrink } from "../maths/channels.js";
import { inks, watchWidth } from "../parts/drawing.js";
import { layerTable } from "./layers.js";
import { pictureView } from "./picture.js";
import { correct, outputAround, positionOf, positionWords, PRESETS, presetOf, problemWords, stackOf } from "./scene.js";
import { sideView } from "./side.js";

const TRAITS = /** @type {const} */ (["layers", "size", "row", "column", "counts"]);
const MIDDLE = { row: -1, column: -1 };

function render({ model, el }) {
  const root = instrument(el, "Receptive field", "Click or drag to choose an output position: it sees only the bright part of the picture. "
    + "Layers that you add let it see more. Hatched: padding, outside of the picture.");
  const { state, edit, save, close } = sharedState(model, TRAITS, { onReload: reload, correct });
  const [pixels, ranges] = [bytes(model.get("pixels")), model.get("ranges")];
  const resolution = Math.sqrt(pixels.length / 3);
  let scene = null;

  const presets = dropdown({ label: "Layers", options: presetOptions(), value: "", onInput: usePreset });
  const sizes = dropdown({
    label: "Picture", options: model.get("choices").size.map((size) => [size, `${size} × ${size}`]), value: state.size,
    onInput: (size) => use({ size: Number(size), ...MIDDLE }),
  });
  const counts = checkbox({
    label: "How often each pixel is used", value: state.counts, onInput: (value) => use({ counts: value }),
  });
  const picture = pictureView({ onPoint: point, onStep: step });
  const side = sideView({ onPoint: (x, phase) => point(null, x, phase), onStep: (_, columns) => step(0, columns) });
  const views = element("div", { class: "cc-rf-views" }, picture.root, side.root);
  const sentence = element("p", { class: "cc-rf-sentence", "aria-live": "polite" });
  const problem = statusLine();
  const table = layerTable({ ranges, onChange: (layers) => use({ layers }) });
  const controls = element("div", { class: "cc-bar cc-rf-controls" }, presets.root, sizes.root, counts.root);
  root.classList.add("cc-rf");
  root.append(controls, views, sentence, problem.root, table.root);

  function use(changes) {
    edit(changes);
    rebuild();
    save();
  }

  function usePreset(index) {
    if (index === "") return; // "your own" starts from the layers that there are
    const { layers, size = state.size } = PRESETS[index];
    table.set(layers);
    use({ layers: layers.map((layer) => [...layer]), size, ...MIDDLE });
  }

  /** The structure changed: all levels anew. */
  function rebuild() {
    scene = Object.assign(stackOf(state), { colours: shrink(pixels, resolution, state.size, 3) });
    presets.set(presetOf(state.layers));
    sizes.set(state.size);
    problem.say(problemWords(scene, ranges.padding.max), "bad");
    table.show(scene.levels, scene.layers, scene.failed);
    recolour();
  }

  function recolour() {
    Object.assign(scene, { ink: inks(root), tables: colourTables(root) });
    usePosition();
    picture.show(scene);
    side.show(scene);
  }

  function usePosition() {
    Object.assign(scene, positionOf(scene, state.row, state.column));
    sentence.textContent = positionWords(scene);
  }

  const redraw = frame(() => { usePosition(); picture.move(scene); side.move(scene); });

  /** Choose the output whose receptive field lies nearest around input coordinates (null: leave as it is). */
  function point(y, x, phase) {
    moveTo(y === null ? state.row : outputAround(scene, y), x === null ? state.column : outputAround(scene, x));
    if (phase === "end") save();
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

export default { render };
