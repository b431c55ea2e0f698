// Pooling on a few numbers: what each window keeps, who won, and whom a gradient comes back to.
import {
  button, colourTables, dropdown, element, formatNumber, frame, inStep, instrument, later, magnitude, radios, slider, statusLine,
  watchTheme,
} from "../widgets/instrument.js";
import { describeOutcome, followSource, writeAnswer } from "../widgets/answer.js";
import { clamp, watchWidth } from "./drawing.js";
import { poolGrid } from "./pool_grid.js";
import { poolingSizes } from "./pooling_sizes.js";
import { covered, pool2d, poolGradient, uncovered, windowsAlong, windowsOver } from "./maths/pooling.js";
import { matrixLiteral, parseMatrix, toRows } from "./maths/matrix.js";
import { cellText, tintTables } from "./tints.js";

const TRAITS = ["numbers", "kind", "window", "stride", "padding", "row", "column"];
const KINDS = [["max", "max"], ["average", "average"], ["global max", "global max"], ["global average", "global average"]];
const LARGEST = 9; // of the random numbers
const SAME = 1e-9; // below this, two numbers are equal
const WAIT = 300; // milliseconds after the last key
const [SMALLEST, LEGIBLE, LARGEST_PITCH] = [20, 30, 46]; // CSS pixels from cell to cell
const ROOM = { row: 160, square: 80 }; // CSS pixels between the squares

function render({ model, el }) {
  const state = Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  const { edit, save, close } = inStep(model, TRAITS, state, reload);
  const writing = later(commit, WAIT);
  const targets = model.get("targets");
  const withGradient = model.get("backward");
  const name = model.get("answer");
  const isFixed = name !== "" || Object.keys(targets).length > 0; // the layer, while the learner answers
  let side = state.numbers.length;
  let numbers = Float64Array.from(state.numbers.flat());
  let map = null;
  let upstream = new Float64Array(0); // the gradient that arrives at the map
  let downstream = new Float64Array(0); // what reaches the input
  let pixel = null; // the input that is looked at, [row, column], or null while it is an output
  let typing = ""; // which grid is being typed into
  let tints;
  let inCell = null; // the literal that the cell holds, as far as known

  const root = instrument(el, "Pooling", withGradient
    ? "Touch a number of the pooled map: you see its window, and who won. Touch or change a number of the input: you see where it goes."
    : "Change the input. Touch a number of the pooled map to see its window, and who won.");
  root.classList.add("cc-pooling");
  const grids = {
    input: poolGrid({ title: "Input", label: "Input", editable: true, onTouch: lookAtInput, onInput: takeTyped }),
    map: poolGrid({
      title: "Pooled map", label: "Pooled map. Arrow keys look at one number after the other.", main: true,
      onTouch: lookAtOutput, onStep: (rows, columns) => lookAtOutput(state.row + rows, state.column + columns),
    }),
  };
  if (withGradient) {
    grids.back = poolGrid({
      title: "Gradient", place: "cc-pool-back", label: "Gradient that reaches the input. Arrow keys look at one input after the other.",
      onTouch: lookAtInput, onStep: (rows, columns) => lookAtInput((pixel ?? [0, 0])[0] + rows, (pixel ?? [0, 0])[1] + columns),
    });
    grids.upstream = poolGrid({
      title: "Gradient", place: "cc-pool-upstream", label: "Gradient at the pooled map", editable: true, onTouch: lookAtOutput,
      onInput: (values) => { upstream = Float64Array.from(values); typing = "upstream"; update(); },
    });
    grids.upstream.remark.textContent = "at the map";
    grids.back.remark.textContent = "at the input";
  }
  const goals = Object.entries(targets).map(([kind, rows]) => goal(kind, rows));
  const forward = element("p", { class: "cc-pool-line", "aria-live": "polite" });
  const backward = element("p", { class: "cc-pool-line", "aria-live": "polite" });
  const sizes = poolingSizes();
  const written = statusLine();
  const controls = isFixed ? fixedControls() : allControls();
  const flow = element("div", { class: "cc-pool-flow" }, grids.input.root, arrow(), grids.map.root);
  if (withGradient) flow.append(grids.upstream.root, arrow("cc-pool-return"), grids.back.root);
  flow.append(...goals.map(({ grid }) => grid.root));
  root.append(controls.root, flow, element("div", { class: "cc-pool-words" }, forward, withGradient ? backward : null),
    ...goals.map(({ status }) => status.root), isFixed ? "" : sizes.root, written.root);

  // ------------------------------------------------------------------------------------- state

  /** The layer as maths/pooling.js takes it: global pooling is one window over everything. */
  function layer() {
    const isGlobal = state.kind.startsWith("global");
    return {
      kind: state.kind.replace("global ", ""), padding: isGlobal ? "valid" : state.padding,
      window: isGlobal ? side : state.window, stride: isGlobal ? side : state.stride,
    };
  }

  function rebuild() {
    const options = layer();
    const { count, before, after } = windowsAlong(side, options);
    map = pool2d(numbers, side, side, options);
    if (upstream.length !== map.values.length) upstream = new Float64Array(map.values.length).fill(1);
    downstream = poolGradient(map, upstream, side, side, options);
    state.row = clamp(state.row, 0, count - 1);
    state.column = clamp(state.column, 0, count - 1);
    if (pixel) pixel = pixel.map((place) => Math.min(place, side - 1));
    for (const grid of [grids.input, grids.back]) grid?.resize(side, side, { before, after });
    for (const grid of [grids.map, grids.upstream]) grid?.resize(count, count);
    fit();
  }

  const update = frame(() => {
    rebuild();
    const reach = Math.max(magnitude(numbers, 1), ...goals.map(({ values }) => magnitude(values)));
    grids.input.write(numbers, tints.diverging, reach, { typing: typing === "input" });
    grids.map.write(map.values, tints.diverging, reach);
    if (withGradient) {
      grids.upstream.write(upstream, tints.diverging, magnitude(upstream), { typing: typing === "upstream" });
      grids.back.write(downstream, tints.diverging, magnitude(downstream));
    }
    typing = "";
    grids.input.remark.textContent = `${side} × ${side}`;
    grids.map.remark.textContent = `${map.height} × ${map.width}`;
    sizes.show({ side, count: map.height, ...layer(), unseen: uncovered(side, layer()), isGlobal: state.kind.startsWith("global") });
    for (const { grid, kind, values, status } of goals) compare(grid, kind, values, status, reach);
    drawMarks();
  });

  function change(changes) {
    edit(changes);
    pixel = null;
    written.say("");
    controls.show();
    update();
  }

  function setNumbers(values, { typed = false } = {}) {
    numbers = Float64Array.from(values);
    edit({ numbers: toRows(numbers, side) });
    if (typed) typing = "input";
    written.say("");
    update();
  }

  function takeTyped(values) {
    setNumbers(values, { typed: true });
    writing.soon();
  }

  // ------------------------------------------------------------------------------------- looking

  const redraw = frame(drawMarks);

  function lookAtOutput(row, column) {
    const next = { row: clamp(row, 0, map.height - 1), column: clamp(column, 0, map.width - 1) };
    if (pixel === null && next.row === state.row && next.column === state.column) return;
    pixel = null;
    edit(next);
    redraw();
  }

  function lookAtInput(row, column) {
    pixel = [clamp(row, 0, side - 1), clamp(column, 0, side - 1)];
    redraw();
  }

  function drawMarks() {
    const options = layer();
    const unseen = new Set(uncovered(side, options));
    const winners = new Set(map.winners ?? []);
    const isUnseen = (index) => unseen.has(Math.floor(index / side)) || unseen.has(index % side);
    const inputMark = (index) => (isUnseen(index) ? "unseen" : winners.has(index) ? "winner" : "");
    for (const grid of [grids.input, grids.back]) grid?.mark(inputMark);
    if (pixel) drawPixelMarks(options);
    else drawWindowMarks(options);
  }

  function drawWindowMarks(options) {
    const { row, column } = state;
    const index = row * map.width + column;
    const { before } = windowsAlong(side, options);
    const boxes = [{
      kind: "window", row: row * options.stride - before, column: column * options.stride - before,
      rows: options.window, columns: options.window,
    }];
    const winner = map.winners?.[index];
    if (winner !== undefined) boxes.push({ kind: "won", sign: "★", row: Math.floor(winner / side), column: winner % side });
    for (const grid of [grids.input, grids.back]) grid?.outline(boxes);
    for (const grid of [grids.map, grids.upstream]) grid?.outline([{ kind: "window", row, column }]);
    say(outputWords(options, index), outputGradientWords(options, index));
  }

  function drawPixelMarks(options) {
    const [row, column] = pixel;
    const at = row * side + column;
    const over = windowsOver(row, column, map, side, side, options);
    const place = (index) => ({ row: Math.floor(index / map.width), column: index % map.width });
    const boxes = over.map((index) => (
      map.winners?.[index] === at ? { kind: "won", sign: "★", ...place(index) } : { kind: "touched", ...place(index) }));
    for (const grid of [grids.input, grids.back]) grid?.outline([{ kind: "window", row, column }]);
    for (const grid of [grids.map, grids.upstream]) grid?.outline(boxes);
    say(...inputWords(at, over));
  }

  function say(first, second) {
    if (forward.textContent !== first) forward.textContent = first;
    if (backward.textContent !== second) backward.textContent = second;
  }

  /** The pixels of the picture under the window of one output, as indices. */
  function under(options, index) {
    const down = covered(side, options, Math.floor(index / map.width));
    const across = covered(side, options, index % map.width);
    const inside = [];
    for (let y = down.first; y < down.end; y += 1) {
      for (let x = across.first; x < across.end; x += 1) inside.push(y * side + x);
    }
    return inside;
  }

  function outputWords(options, index) {
    const values = under(options, index).map((at) => numbers[at]);
    const where = `Row ${state.row}, column ${state.column} of the map`;
    const few = values.length <= 9;
    if (map.winners) {
      const list = few ? values.map(cellText).join(", ") : `${values.length} numbers`;
      return `${where}: the largest of ${list} is ${cellText(map.values[index])} (★).`;
    }
    const sum = values.reduce((total, value) => total + value, 0);
    const list = few ? `(${values.map((value, at) => signed(value, at)).join("")})` : cellText(sum);
    return `${where}: ${list} / ${values.length} = ${cellText(map.values[index])}, the average of its window.`;
  }

  function outputGradientWords(options, index) {
    const arrives = cellText(upstream[index]);
    if (map.winners) return `Backward: its gradient of ${arrives} goes to the winner alone; the others of the window get nothing from it.`;
    const count = under(options, index).length;
    return `Backward: its gradient of ${arrives} is shared out: each of the ${count} numbers gets ${cellText(upstream[index] / count)}.`;
  }

  function inputWords(at, over) {
    const where = `Row ${pixel[0]}, column ${pixel[1]} of the input`;
    const gets = cellText(downstream[at]);
    if (over.length === 0) return [`${where} lies in no window: the map does not depend on it.`, "Backward: so no gradient reaches it."];
    const windows = `lies in ${over.length} ${over.length === 1 ? "window" : "windows"}`;
    if (!map.winners) return [`${where} ${windows} and counts in each average.`, `Backward: it gets a share from each, together ${gets}.`];
    const wins = over.filter((index) => map.winners[index] === at).length;
    const result = wins === 0 ? "wins none" : over.length === 1 ? "wins it (★)" : `wins ${wins} of them (★)`;
    return [`${where} ${windows} and ${result}.`,
      wins === 0 ? "Backward: it gets no gradient. Changing it a little changes nothing."
        : `Backward: it gets the gradient of ${wins === 1 ? "that output" : "these outputs"}, together ${gets}.`];
  }

  // ------------------------------------------------------------------------------------- controls

  function kindRadios() {
    const options = goals.length > 0 ? KINDS.filter(([kind]) => kind in targets) : KINDS;
    return radios({ label: "What a window keeps", options, value: state.kind, onInput: (kind) => change({ kind }) });
  }

  function fixedControls() {
    const kind = kindRadios();
    return { root: element("div", { class: "cc-panel cc-pool-controls" }, kind.root), show: () => kind.set(state.kind) };
  }

  function allControls() {
    const kind = kindRadios();
    const padding = radios({
      label: "Padding", options: [["valid", "valid: none"], ["same", "same: ⌈n / s⌉ windows"]], value: state.padding,
      onInput: (value) => change({ padding: value }),
    });
    const size = slider({ label: "Input", min: 2, max: 8, value: side, onInput: setSide });
    const window = slider({ label: "Window", min: 1, max: 5, value: state.window, onInput: setWindow });
    const stride = slider({ label: "Stride", min: 1, max: 5, value: state.stride, onInput: (value) => change({ stride: value }) });
    const examples = dropdown({
      label: "Numbers", value: "", onInput: (key) => { if (key) useExample(key); },
      options: [["", "your own"], ["random", "random"], ["edge", "an edge"], ["spot", "one spot"], ["even", "all alike"]],
    });
    const again = button("New random numbers", () => useExample("random"));

    function setSide(next) {
      const old = side;
      const kept = numbers;
      side = next;
      numbers = Float64Array.from({ length: side * side }, (_, index) => {
        const [row, column] = [Math.floor(index / side), index % side];
        return row < old && column < old ? kept[row * old + column] : random();
      });
      change({ numbers: toRows(numbers, side), window: Math.min(state.window, side) });
    }
    function setWindow(next) {
      const value = Math.min(next, side);
      change({ window: value, stride: state.stride === state.window ? value : state.stride });
    }
    function useExample(key) {
      examples.set(key);
      setNumbers(example(key, side));
    }
    function show() {
      const isGlobal = state.kind.startsWith("global");
      kind.set(state.kind);
      padding.set(state.padding);
      size.set(side);
      window.set(state.window);
      stride.set(state.stride);
      for (const input of [window.input, stride.input, ...padding.root.querySelectorAll("input")]) input.disabled = isGlobal;
    }
    show();
    return {
      root: element("div", { class: "cc-panel cc-pool-controls" },
        element("div", { class: "cc-column" }, kind.root, padding.root),
        element("div", {}, window.root, stride.root, element("p", { class: "cc-quiet" }, "Keras’s default: stride = window.")),
        element("div", {}, size.root, examples.root, element("div", { class: "cc-buttons" }, again))),
      show,
      own: () => examples.set(""),
    };
  }

  function goal(kind, rows) {
    const grid = poolGrid({
      title: "Target", label: `Target for ${kind} pooling`,
      onTouch: lookAtOutput, onStep: (down, right) => lookAtOutput(state.row + down, state.column + right),
    });
    grid.resize(rows.length, rows[0].length);
    grid.remark.textContent = kind;
    return { kind, values: Float64Array.from(rows.flat()), grid, status: statusLine() };
  }

  function compare(grid, kind, values, status, reach) {
    const mine = pool2d(numbers, side, side, { ...layer(), kind }).values;
    const right = mine.reduce((count, value, index) => count + (Math.abs(value - values[index]) < SAME), 0);
    grid.write(values, tints.diverging, reach);
    grid.mark((index) => (Math.abs(mine[index] - values[index]) < SAME ? "reached" : ""));
    status.say(`Target, ${kind}: ${right} of ${values.length} numbers are reached${right === values.length ? ". ✓" : "."}`,
      right === values.length ? "good" : "info");
  }

  // ------------------------------------------------------------------------------------- Python and the cell

  /** Pass the input on to Python and to the cell, when a change is complete. */
  function commit() {
    writing.cancel();
    save();
    controls.own?.();
    if (!name || !numbers.every(Number.isFinite)) return;
    const literal = matrixLiteral(numbers, side);
    const outcome = literal === inCell ? { written: true } : writeAnswer(root, name, literal);
    if (outcome?.written) inCell = literal;
    written.say(describeOutcome(outcome, name, literal), outcome?.written ? "good" : "bad");
  }

  /** Python set something. */
  function reload() {
    side = state.numbers.length;
    numbers = Float64Array.from(state.numbers.flat());
    written.say("");
    update();
    controls.show();
  }

  function takeSource(literal) {
    if (writing.isWaiting() && literal === inCell) return; // another line changed, and what is typed here comes next
    inCell = literal;
    if (literal.trim() === "None") return;
    const values = parseMatrix(literal, side);
    if (values === null) {
      written.say(`The cell's ${name} is not ${side} rows of ${side} numbers; the input shown here is the last good one.`, "bad");
      return;
    }
    written.say("");
    if (!values.every((value, index) => value === Number(numbers[index].toFixed(6)))) setNumbers(values);
  }

  // ------------------------------------------------------------------------------------- life

  let width = 0;
  /** Choose the largest pitch: all squares in a row if that leaves them legible, else forward above backward, else one column. */
  function fit() {
    if (width === 0 || map === null) return;
    const { before, after } = windowsAlong(side, layer());
    const [input, output] = [side + before + after, map.width];
    const row = withGradient ? (width - ROOM.row) / (2 * (input + output)) : (width - ROOM.square) / (input + output * (1 + goals.length));
    const square = (width - ROOM.square) / (input + output);
    const stack = (width - 4) / input;
    const [shape, pitch] = row >= LEGIBLE ? ["row", row] : withGradient && square >= LEGIBLE ? ["square", square] : ["stack", stack];
    flow.dataset.shape = shape;
    root.style.setProperty("--pitch", `${clamp(Math.floor(pitch), SMALLEST, LARGEST_PITCH)}px`);
  }

  function readTheme() {
    tints = tintTables(colourTables(root));
    update();
  }
  grids.input.root.addEventListener("change", commit);
  grids.input.root.addEventListener("keydown", (event) => { if (event.key === "Enter") commit(); });
  rebuild();
  readTheme();
  written.say(model.get("problem"), "bad");
  const endings = [
    writing.close, close,
    watchTheme(root, readTheme),
    watchWidth(flow.parentElement, (next) => { width = next; fit(); }),
    name ? followSource(root, name, takeSource) : () => {},
  ];
  return () => {
    for (const end of endings) end();
  };
}

function arrow(place = "") {
  return element("div", { class: `cc-pool-arrow ${place}`, "aria-hidden": "true" }, "→");
}

function random() {
  return Math.floor(Math.random() * (LARGEST + 1));
}

function example(key, side) {
  const middle = Math.floor(side / 2);
  const at = {
    random,
    edge: (row, column) => (column < middle ? 1 : LARGEST),
    spot: (row, column) => (row === middle && column === middle ? LARGEST : 0),
    even: () => 5,
  }[key];
  return Array.from({ length: side * side }, (_, index) => at(Math.floor(index / side), index % side));
}

/** A number as the next term of a sum. */
function signed(value, place) {
  const text = formatNumber(Math.abs(value));
  if (place === 0) return value < 0 ? `−${text}` : text;
  return value < 0 ? ` − ${text}` : ` + ${text}`;
}

export default { render };
