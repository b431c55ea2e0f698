// What the Pooling explorer shows, computed from its state alone. No DOM in here: tests/explore/test_pooling_scene_js.py runs it
// in node.
import { magnitude } from "../../widgets/pictures.js";
import { clamp } from "../../widgets/numbers.js";
import { covered, pool2d, poolGradient, uncovered, windowsAlong, windowsOver } from "../maths/pooling.js";

const SAME = 1e-9; // below this, two numbers are equal

/** What an explorer's state has to be so that all of it fits together: no window larger than the input, no place outside of the
 *  map. Returns {window, row, column}. */
export function settled(state) {
  const side = state.numbers.length;
  const window = Math.min(state.window, side);
  const last = windowsAlong(side, layerOf({ ...state, window }, side)).count - 1;
  return { window, row: clamp(state.row, 0, last), column: clamp(state.column, 0, last) };
}

/** The numbers, the maps and the gradients of a settled state. `upstream` is the gradient that arrives at the map: ones, if it has
 *  another size. `targets` holds by their kinds the maps to reach, as rows. */
export function poolingScene(state, upstream, targets) {
  const side = state.numbers.length;
  const numbers = Float64Array.from(state.numbers.flat());
  const layer = layerOf(state, side);
  const { before, after } = windowsAlong(side, layer);
  const map = pool2d(numbers, side, side, layer);
  const arriving = upstream.length === map.values.length ? upstream : new Float64Array(map.values.length).fill(1);
  const goals = Object.entries(targets).map(([kind, rows]) => goalOf(kind, rows, numbers, side, layer));
  return {
    side, numbers, layer, isGlobal: state.kind.startsWith("global"), before, after, map, upstream: arriving,
    downstream: poolGradient(map, arriving, side, side, layer),
    unseen: uncovered(side, layer), // the rows, and so the columns, that no window reaches
    goals,
    reach: Math.max(magnitude(numbers, 1), ...goals.map(({ values }) => magnitude(values))), // of the colours
  };
}

/** The layer as maths/pooling.js takes it: global pooling is one window over everything. */
function layerOf({ kind, padding, window, stride }, side) {
  if (kind.startsWith("global")) return { kind: kind.replace("global ", ""), padding: "valid", window: side, stride: side };
  return { kind, padding, window, stride };
}

/** A target, and which of its numbers the input reaches. */
function goalOf(kind, rows, numbers, side, layer) {
  const values = Float64Array.from(rows.flat());
  const mine = pool2d(numbers, side, side, { ...layer, kind }).values;
  return { kind, values, isReached: Array.from(values, (value, index) => Math.abs(value - mine[index]) < SAME) };
}

/** How the input's number `index` is marked: "unseen" by all windows, "winner" of one, or "". */
export function markOf({ side, unseen, map }, index) {
  if (unseen.includes(Math.floor(index / side)) || unseen.includes(index % side)) return "unseen";
  return map.winners?.includes(index) ? "winner" : "";
}

/** What is looked at: the output at the row and column of `state`, or the input at `pixel`, [row, column], if that isn't null. */
export function lookedAt(scene, state, pixel) {
  return pixel ? lookedAtInput(scene, pixel) : lookedAtOutput(scene, state.row, state.column);
}

/** {row, column, index, under, boxes}: `under` are the input's numbers in the window, as indices. */
function lookedAtOutput({ side, layer, before, map }, row, column) {
  const index = row * map.width + column;
  const winner = map.winners?.[index];
  const window = {
    kind: "window", row: row * layer.stride - before, column: column * layer.stride - before,
    rows: layer.window, columns: layer.window,
  };
  const won = winner === undefined ? [] : [{ kind: "won", sign: "★", row: Math.floor(winner / side), column: winner % side }];
  return {
    row, column, index, isInput: false, under: numbersUnder(side, layer, row, column),
    boxes: { input: [window, ...won], map: [{ kind: "window", row, column }] },
  };
}

/** {row, column, index, over, wins, boxes}: `over` are the outputs whose windows hold it, as indices, and it wins in `wins`. */
function lookedAtInput({ side, layer, map }, [row, column]) {
  const index = row * side + column;
  const over = windowsOver(row, column, map, side, side, layer);
  const wins = over.filter((output) => map.winners?.[output] === index);
  const box = (output) => ({
    ...(wins.includes(output) ? { kind: "won", sign: "★" } : { kind: "touched" }),
    row: Math.floor(output / map.width), column: output % map.width,
  });
  return {
    row, column, index, isInput: true, over, wins,
    boxes: { input: [{ kind: "window", row, column }], map: over.map(box) },
  };
}

function numbersUnder(side, layer, row, column) {
  const down = covered(side, layer, row);
  const across = covered(side, layer, column);
  const inside = [];
  for (let y = down.first; y < down.end; y += 1) {
    for (let x = across.first; x < across.end; x += 1) inside.push(y * side + x);
  }
  return inside;
}
