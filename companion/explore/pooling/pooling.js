// Pooling on a few numbers: what each window keeps, who won, and whom a gradient comes back to.
import { answerLine } from "../../widgets/answer.js";
import { frame, instrument } from "../../widgets/instrument.js";
import { later, sharedState } from "../../widgets/model.js";
import { clamp } from "../../widgets/numbers.js";
import { colourTables, watchTheme } from "../../widgets/pictures.js";
import { matrixLiteral, parseMatrix, toRows } from "../maths/matrix.js";
import { watchWidth } from "../parts/drawing.js";
import { tintTables } from "../parts/tints.js";
import { kindControls, layerControls } from "./controls.js";
import { example, resized } from "./examples.js";
import { poolSentences } from "./said.js";
import { lookedAt, poolingScene, settled } from "./scene.js";
import { poolSquares } from "./squares.js";

const TRAITS = /** @type {const} */ (["numbers", "kind", "window", "stride", "padding", "row", "column"]);
const WAIT = 300; // milliseconds after the last key
const INVITATION = "Touch a number of the pooled map: you see its window, and who won. Touch or change a number of the input: you see "
  + "where it goes.";
const INVITATION_TO_ANSWER = "Change the input. Touch a number of the pooled map to see its window, and who won.";

function render({ model, el }) {
  const [targets, withGradient, name] = ["targets", "backward", "answer"].map((trait) => model.get(trait));
  const goals = Object.keys(targets);
  const isFixed = name !== "" || goals.length > 0; // the layer, while the learner answers
  const { state, edit, save, close } = sharedState(model, TRAITS, { onReload: reload, correct: settled });
  const writing = later(commit, WAIT);
  let upstream = new Float64Array(0); // the gradient that arrives at the map
  let pixel = null; // the input that is looked at, [row, column], or null while it is an output
  let tints;
  let scene;

  const root = instrument(el, "Pooling", withGradient ? INVITATION : INVITATION_TO_ANSWER);
  root.classList.add("cc-pooling");
  const [ranges, choices] = [model.get("ranges"), model.get("choices")];
  const layer = isFixed ? null : layerControls({
    ranges, choices, onChange: change, onSide: (side) => change({ numbers: resized(state.numbers, side) }), onExample: useExample,
  });
  const kinds = choices.kind.filter((kind) => goals.length === 0 || goals.includes(kind));
  const controls = layer ?? kindControls({ kinds, onChange: change });
  const squares = poolSquares({
    withGradient, goals, onOutput: lookAtOutput, onInput: lookAtInput,
    stepOutput: (rows, columns) => lookAtOutput(state.row + rows, state.column + columns),
    stepInput: (rows, columns) => lookAtInput((pixel?.[0] ?? 0) + rows, (pixel?.[1] ?? 0) + columns),
    onNumbers: (values) => { setNumbers(toRows(values, state.numbers.length)); writing.soon(); },
    onUpstream: (values) => { upstream = Float64Array.from(values); update(); },
  });
  const said = poolSentences({ withGradient, goals, isFixed });
  const answer = matrixAnswer(root, () => state.numbers, {
    name, problem: model.get("problem"), isWaiting: writing.isWaiting, onRows: setNumbers,
  });
  root.append(controls.root, squares.root, ...said.parts, answer.root);

  // ------------------------------------------------------------------------------------- from state to scene

  function rebuild() {
    pixel = pixel?.map((place) => Math.min(place, state.numbers.length - 1)) ?? null;
    scene = poolingScene(state, upstream, targets);
    ({ upstream } = scene);
    squares.show(scene, tints);
    said.show(scene);
    move();
  }

  function move() {
    const look = lookedAt(scene, state, pixel);
    squares.move(scene, look);
    said.move(scene, look);
  }

  const update = frame(rebuild);
  const redraw = frame(move);

  // ------------------------------------------------------------------------------------- what the learner does

  function change(changes) {
    const isFollowed = "window" in changes && state.stride === state.window;
    edit(changes);
    if (isFollowed) edit({ stride: state.window });
    pixel = null;
    answer.clear();
    controls.show(state);
    update();
  }

  function setNumbers(rows) {
    edit({ numbers: rows });
    answer.clear();
    update();
  }

  function useExample(key) {
    layer?.showExample(key);
    setNumbers(example(key, state.numbers.length));
  }

  function lookAtOutput(row, column) {
    const last = scene.map.height - 1;
    const next = { row: clamp(row, 0, last), column: clamp(column, 0, last) };
    if (pixel === null && next.row === state.row && next.column === state.column) return;
    pixel = null;
    edit(next);
    redraw();
  }

  function lookAtInput(row, column) {
    pixel = [row, column].map((place) => clamp(place, 0, state.numbers.length - 1));
    redraw();
  }

  /** A change of the input is complete: it goes on to Python and to the cell. */
  function commit() {
    writing.cancel();
    save();
    layer?.showExample("");
    answer.write();
  }
  squares.input.addEventListener("change", commit);
  squares.input.addEventListener("keydown", (event) => { if (event.key === "Enter") commit(); });

  /** Python set something. */
  function reload() {
    answer.clear();
    update();
    controls.show(state);
  }

  // ------------------------------------------------------------------------------------- life

  function readTheme() {
    tints = tintTables(colourTables(root)).diverging;
    rebuild();
  }
  readTheme();
  controls.show(state);
  const endings = [writing.close, answer.close, close, watchTheme(root, readTheme), watchWidth(squares.root.parentElement, squares.resize)];
  return () => {
    for (const end of endings) end();
  };
}

/** The rows that `shown()` gives, as the answer in the cell: answerLine, whose write() writes them. onRows(rows) gets what else the cell
 *  says. */
function matrixAnswer(root, shown, { name, problem, isWaiting, onRows }) {
  const side = shown().length;
  const literal = () => matrixLiteral(shown().flat(), side);
  const line = answerLine(root, {
    name, problem, isWaiting,
    read: (text) => (text.trim() === "None" ? undefined : parseMatrix(text, side)),
    refusal: () => `is not ${side} rows of ${side} numbers; the input shown here is the last good one`,
    onRead: (values) => { if (matrixLiteral(values, side) !== literal()) onRows(toRows(values, side)); },
  });
  return { ...line, write: () => line.write(literal()) };
}

export default { render };
