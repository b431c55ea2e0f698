// What ReceptiveField shows, worked out from its state. No DOM in here: tests/explore/test_receptive_field_js.py runs it in node.
import { clamp, counted } from "../../widgets/numbers.js";
import { pathCounts, seen, span, stackLevels } from "../maths/arithmetic.js";

const SAME3 = [3, 1, 1, 1];
export const PRESETS = [
  { name: "three 3 × 3", layers: [SAME3, SAME3, SAME3] },
  { name: "one 7 × 7", layers: [[7, 1, 1, 3]] },
  { name: "stride 2, twice", layers: [[3, 2, 1, 1], [3, 2, 1, 1]] },
  { name: "dilation 1, 2, 4", layers: [[3, 1, 1, 1], [3, 1, 2, 2], [3, 1, 4, 4]] },
  { name: "LeNet-5: C1 S2 C3 S4", layers: [[5, 1, 1, 0], [2, 2, 1, 0], [5, 1, 1, 0], [2, 2, 1, 0]], size: 32 },
  { name: "VGG16, two blocks", layers: [SAME3, SAME3, [2, 2, 1, 0], SAME3, SAME3, [2, 2, 1, 0]] },
];

/** A stack of [kernel, stride, dilation, padding] as maths/arithmetic.js takes it. */
function layersOf(stack) {
  return stack.map(([kernel, stride, dilation, padding]) => ({ kernel, stride, dilation, padding }));
}

/** A position beyond the output brought back into it; a negative one stands for the middle. */
export function correct({ layers, size, row, column }) {
  const { levels } = stackLevels(size, layersOf(layers));
  const last = levels[levels.length - 1].size - 1;
  const at = (place) => (place < 0 ? Math.floor(last / 2) : clamp(place, 0, last));
  return { row: at(row), column: at(column) };
}

/** The scene of a stack of layers, without what depends on the position: `levels`, `layers`, `failed` as stackLevels has them, the `top`
 *  level, and `low` and `high`, the first and last input coordinate that any output sees. */
export function stackOf({ layers: stack, size, counts }) {
  const layers = layersOf(stack);
  const { levels, failed } = stackLevels(size, layers);
  return { levels, layers, failed, top: levels[levels.length - 1], size, counts, ...extent(levels) };
}

/** What of a scene depends on the position. */
export function positionOf({ levels, layers, top }, row, column) {
  return {
    row, column, rows: seen(top, row), columns: seen(top, column),
    rowPaths: pathCounts(levels, layers, row), columnPaths: pathCounts(levels, layers, column),
  };
}

/** The output along one side whose receptive field lies nearest around an input coordinate; it may lie outside. */
export function outputAround({ top: { start, field, jump } }, coordinate) {
  return Math.round((coordinate - start - (field - 1) / 2) / jump);
}

/** The index of the preset that a stack is, as text; "" for one's own. */
export function presetOf(stack) {
  const index = PRESETS.findIndex(({ layers }) => JSON.stringify(layers) === JSON.stringify(stack));
  return index < 0 ? "" : String(index);
}

/** First and last input coordinate that any output sees, the picture itself included. */
function extent(levels) {
  const size = levels[0].size;
  const ends = levels.map((level) => [seen(level, 0).first, seen(level, level.size - 1).last]);
  return { low: Math.min(0, ...ends.map(([first]) => first)), high: Math.max(size - 1, ...ends.map(([, last]) => last)) };
}

/** Why a stack ends before its last layer; "" if it does not. `most` is the largest padding that may be set. */
export function problemWords({ failed: index, layers, levels }, most) {
  if (index === null) return "";
  const { kernel, dilation, padding } = layers[index];
  const { size } = levels[index];
  const reach = span(kernel, dilation);
  const spread = dilation > 1 ? `its kernel of ${kernel} with dilation ${dilation} spans ${reach}` : `its kernel spans ${kernel}`;
  const arrive = padding > 0 ? `${size} + 2 × ${padding} = ${size + 2 * padding}` : `${size}`;
  const missing = Math.ceil((reach - size) / 2);
  const pad = missing <= most ? ` or a padding of at least ${missing}` : "";
  return `Layer ${index + 1} gives no output: ${spread} positions, but only ${arrive} arrive. `
    + `Give it a smaller kernel${dilation > 1 ? " or dilation" : ""}${pad}, `
    + `or use ${index > 0 ? "smaller strides before it or " : ""}a larger picture.`
    + `${index > 0 ? ` What you see ends after layer ${index}.` : ""}`;
}

export function positionWords({ levels, top, size, row, column, rows, columns }) {
  if (levels.length === 1) return "No layer gives an output yet: every position is one pixel of the picture.";
  const part = ({ first, last }) => `${first} to ${last}`;
  const outside = rows.first < 0 || columns.first < 0 || rows.last >= size || columns.last >= size;
  return `Output row ${row}, column ${column} (of ${top.size} × ${top.size}) sees ${top.field} × ${top.field} pixels: `
    + `rows ${part(rows)}, columns ${part(columns)} of ${size} × ${size}`
    + `${outside ? ". Part of it lies in the padding, outside of the picture" : ""}. One step of the output is `
    + `${counted(top.jump, "pixel")} of the picture.`;
}
