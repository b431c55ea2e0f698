// Match a hidden kernel's feature map: by hand, or by watching gradient descent.
import {
  element, instrument, slider, button, statusLine, numberGrid, formatNumber, formatCount, frame,
  colourTables, watchTheme, magnitude, figure, onDrag, onArrows, bytes,
  inStep, later,
} from "../widgets/instrument.js";
import { writeAnswer, followSource, describeOutcome } from "../widgets/answer.js";
import { tintTables, colourCell, cellText } from "./tints.js";
import { tileGrid } from "./tiles.js";
import { drawLossCurve } from "./chart.js";
import { drawPixels } from "./pixels.js";
import { conv2d, windowPixels } from "./maths/conv2d.js";
import { evaluate, step, curvature, meanSquaredError } from "./maths/descent.js";
import { matrixLiteral, parseMatrix, toRows } from "./maths/matrix.js";

const MATCHED = 1e-6; // share of an all-zero kernel's loss below which two maps look the same
const ROUNDING = 1e-12; // a smaller loss is rounding error
const DIVERGED = 1e6; // share above which a descent is given up
const LONGEST_RUN = 20000; // steps
const WRITE_AFTER = 300; // milliseconds after the last key
const CALM_RUN = 500; // steps of a run that is not animated
const RUN = "Run gradient descent";
const PACES = [1, 5, 20, 60, 300, 1200]; // steps a second

function render({ model, el }) {
  const problem = readProblem(model);
  const { size } = problem;
  const name = model.get("answer");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const state = { kernel: model.get("kernel") };
  const { edit, save, close } = inStep(model, ["kernel"], state, reload);
  const writing = later(commit, WRITE_AFTER);
  let kernel = Float64Array.from(state.kernel.flat());
  let hidden = model.get("target_name");
  let result = evaluate(problem, kernel);
  let reference = 1; // the loss of an all-zero kernel
  let steepest = 1; // largest curvature of the loss
  let losses = [];
  let playing = false;
  let probe = null; // the map pixel that is looked at, [row, column]
  let colours;
  let tints;
  let inCell = null; // the literal that the cell holds, as far as known

  const root = instrument(el, "Find the kernel",
    "A hidden kernel turned the picture into the target map. Change your kernel until your map is the same.");
  root.classList.add("cc-find-kernel");
  const views = {
    picture: view("Picture", "The picture"),
    target: view("Target map", "The target map"),
    yours: view("Your map", "Your map. Arrow keys look at one pixel after the other."),
    difference: view("Your map − target", "Difference of your map and the target"),
  };
  const { result: loss, share, bar, label: lossLabel } = lossView();
  const curve = element("canvas", { class: "cc-curve", role: "img", "aria-label": "The loss after each change of the kernel" });
  const pixelLine = element("p", { class: "cc-quiet cc-pixel-line", "aria-live": "polite" });
  const matched = statusLine();
  const written = statusLine();
  const grid = numberGrid({
    label: "Your kernel", rows: size, columns: size, values: kernel, onInput: takeTyped,
  });
  const cells = [...grid.root.querySelectorAll("input")];
  const slope = tileGrid("Gradient: the loss's slope along each weight");
  slope.resize(size);
  const descent = model.get("descent") ? descentControls() : null;

  root.append(
    element("div", { class: "cc-thirds" },
      views.picture.root,
      element("div", { class: "cc-column" }, element("div", {}, element("h4", {}, "Your kernel"), grid.root), descent && slope.root),
      element("div", { class: "cc-column" }, element("div", {}, lossLabel, loss, bar, share), curve),
      views.target.root, views.yours.root, views.difference.root),
    pixelLine, matched.root, written.root,
  );
  if (descent) root.append(descent.root);

  // ------------------------------------------------------------------------------------- state

  function startTarget() {
    reference = Math.max(meanSquaredError(new Float64Array(problem.target.length), problem.target), 1e-12);
    steepest = Math.max(curvature(problem), 1e-12);
    losses = [];
    setKernel(kernel);
  }

  /** Take a kernel; `typed` leaves the grid alone, whose cell is being edited. */
  function setKernel(values, { typed = false } = {}) {
    kernel = Float64Array.from(values);
    result = evaluate(problem, kernel);
    losses.push(result.loss);
    written.say("");
    if (!typed) grid.set(kernel);
    update();
  }

  function takeTyped(values) {
    descent?.forget();
    setKernel(values, { typed: true });
    edit({ kernel: toRows(kernel, size) });
    writing.soon();
  }

  const isMatched = () => result.loss < MATCHED * reference;

  /** Pass the kernel on to Python and to the cell, when a change is complete. */
  function commit() {
    writing.cancel();
    edit({ kernel: toRows(kernel, size) });
    save();
    if (!name || !kernel.every(Number.isFinite)) return;
    const literal = matrixLiteral(kernel, size);
    const outcome = literal === inCell ? { written: true } : writeAnswer(root, name, literal);
    if (outcome?.written) inCell = literal;
    written.say(describeOutcome(outcome, name, literal), outcome?.written ? "good" : "bad");
  }

  /** Python set the kernel. */
  function reload() {
    if (playing || state.kernel.length !== size) return; // what descent comes to is sent when it stops
    descent?.forget();
    setKernel(state.kernel.flat());
  }

  function takeSource(literal) {
    if (writing.isWaiting() && literal === inCell) return; // another line changed, and what is typed here comes next
    inCell = literal;
    const values = literal.trim() === "None" ? new Float64Array(size * size) : parseMatrix(literal, size);
    if (values === null) {
      written.say(`The cell's ${name} is not ${size} rows of ${size} numbers; the kernel shown here is the last good one.`, "bad");
      return;
    }
    written.say("");
    if (values.every((value, tap) => value === Number(kernel[tap].toFixed(6)))) return;
    descent?.forget();
    setKernel(values);
  }

  // ------------------------------------------------------------------------------------- drawing

  const update = frame(() => {
    drawMaps();
    loss.textContent = lossText(result.loss);
    const part = result.loss / reference;
    bar.firstChild.style.width = `${Math.min(100 * part, 100)}%`;
    const compared = part > 100 ? `${formatCount(part)} times` : `${formatNumber(100 * part, part < 0.01 ? 3 : 1)} % of`;
    share.textContent = `${compared} the loss of an all-zero kernel`;
    drawLossCurve(curve, losses, 1e-9 * reference);
    const reach = magnitude(kernel);
    cells.forEach((cell, tap) => colourCell(cell, tints.diverging, kernel[tap], -reach, reach));
    if (descent) {
      const steep = magnitude(result.gradient, 1e-12);
      result.gradient.forEach((value, tap) => slope.write(tap, value, tints.diverging, -steep, steep));
    }
    matched.say(isMatched() ? `Found. Your map is the target map${hidden ? `: the hidden kernel is “${hidden}”` : ""}.` : "", "good");
  });

  function drawMaps() {
    const { picture, height, width, target, mapHeight, mapWidth } = problem;
    const reach = magnitude(target);
    const brightest = picture.reduce((most, value) => Math.max(most, value), 1e-9);
    const darkest = picture.reduce((least, value) => Math.min(least, value), 0);
    drawPixels(views.picture.canvas, picture, height, width, tints.grey, colours.grey, darkest, brightest);
    for (const [key, values] of [["target", target], ["yours", result.map], ["difference", result.error]]) {
      drawPixels(views[key].canvas, values, mapHeight, mapWidth, tints.diverging, colours.diverging, -reach, reach);
    }
    drawProbe();
  }

  function drawProbe() {
    const { height, width, mapHeight, mapWidth, options } = problem;
    for (const { mark } of Object.values(views)) mark.hidden = probe === null;
    if (probe === null) {
      pixelLine.textContent = "Click a pixel of a map to see the sum that made it.";
      return;
    }
    const [row, column] = probe;
    frameAt(views.picture.mark, row - options.padding, column - options.padding, size, height, width);
    for (const key of ["target", "yours", "difference"]) frameAt(views[key].mark, row, column, 1, mapHeight, mapWidth);
    const at = row * mapWidth + column;
    windowPixels(problem.picture, height, width, size, options, row, column, patch);
    const terms = Array.from(patch, (pixel, tap) => `${cellText(pixel)}·${bracketed(kernel[tap])}`).join(" + ");
    pixelLine.textContent = `Row ${row}, column ${column}: ${terms} = ${cellText(result.map[at])}; `
      + `the target is ${cellText(problem.target[at])}.`;
  }
  const patch = new Float64Array(size * size);

  // ------------------------------------------------------------------------------------- gestures

  const redrawProbe = frame(drawProbe);
  function look(row, column) {
    const limit = (value, count) => Math.min(Math.max(value, 0), count - 1);
    probe = [limit(row, problem.mapHeight), limit(column, problem.mapWidth)];
    redrawProbe();
  }
  for (const key of ["target", "yours", "difference"]) {
    const { stage } = views[key];
    onDrag(stage, (x, y) => look(Math.floor(y * problem.mapHeight), Math.floor(x * problem.mapWidth)));
    onArrows(stage, (rows, columns) => (probe ? look(probe[0] + rows, probe[1] + columns) : look(0, 0)));
  }
  views.yours.stage.setAttribute("data-cc-drag", "");
  grid.root.addEventListener("change", commit);
  grid.root.addEventListener("keydown", (event) => { if (event.key === "Enter") commit(); });

  // ------------------------------------------------------------------------------------- descent

  function descentControls() {
    let relative = 1; // learning rate in units of 1 / curvature
    let pace = PACES[3];
    let owed = 0; // steps that the clock says are due
    let last = 0;
    let taken = 0;
    const rateLine = element("p", { class: "cc-quiet" });
    const status = statusLine();
    const rate = slider({
      label: "Learning rate", min: 0.1, max: 2.5, step: 0.1, value: relative, onInput: (value) => { relative = value; showRate(); },
    });
    const speed = slider({
      label: "Speed", min: 0, max: PACES.length - 1, value: 3, onInput: (index) => { pace = PACES[index]; showPace(); },
    });
    const showPace = () => { speed.root.querySelector("output").textContent = `${pace} ${pace === 1 ? "step" : "steps"} / s`; };
    const run = button(RUN, () => (playing ? stop() : start()), "primary cc-run");
    showPace();

    function showRate() {
      const shown = String(Number((relative / steepest).toPrecision(3)));
      rate.root.querySelector("output").textContent = shown;
      rate.input.setAttribute("aria-valuetext", shown);
      const limit = Number((2 / steepest).toPrecision(3));
      rateLine.textContent = `Above ${limit} a step jumps over the lowest point and the loss grows.`;
    }
    function takeStep() {
      kernel = step(kernel, result.gradient, relative / steepest);
      result = evaluate(problem, kernel);
      losses.push(result.loss);
      taken += 1;
    }
    function over() {
      if (isMatched()) return [`Found after ${formatCount(taken)} steps.`, "good"];
      if (!(result.loss < DIVERGED * reference)) return ["Diverged: the learning rate is too large. Lower it, then reset.", "bad"];
      if (taken >= LONGEST_RUN) return [`Stopped after ${formatCount(taken)} steps; run on if you like.`, "info"];
      return null;
    }
    function several(count) {
      for (let left = count; left > 0 && !over(); left -= 1) takeStep();
      grid.set(kernel);
      written.say("");
      update();
    }
    function start() {
      if (isMatched()) reset();
      if (taken >= LONGEST_RUN) taken = 0;
      status.say("");
      if (calm) {
        several(CALM_RUN);
        return stop();
      }
      playing = true;
      run.textContent = "Pause";
      owed = 0;
      last = performance.now();
      return requestAnimationFrame(tick);
    }
    function tick(now) {
      if (!playing) return;
      owed += Math.min((now - last) / 1000, 0.1) * pace; // a hidden tab owes nothing
      last = now;
      const due = Math.floor(owed);
      owed -= due;
      if (due > 0) several(due);
      if (over()) stop();
      else requestAnimationFrame(tick);
    }
    function stop() {
      playing = false;
      run.textContent = RUN;
      status.say(...(over() ?? [`${formatCount(taken)} steps so far.`, "info"]));
      commit();
    }
    /** The kernel is no longer the one that descent came to. */
    function forget() {
      playing = false;
      taken = 0;
      run.textContent = RUN;
      status.say("");
    }
    function reset() {
      forget();
      losses = [];
      setKernel(new Float64Array(size * size));
      commit();
    }
    const presets = model.get("presets");
    function newTarget() {
      const others = presets.filter((preset) => preset.name !== hidden);
      const chosen = others[Math.floor(Math.random() * others.length)];
      hidden = chosen.name;
      const { picture, height, width, options } = problem;
      problem.target = conv2d(picture, height, width, chosen.kernels[size], size, options).values;
      reset();
      startTarget();
      losses = losses.slice(-1);
      showRate();
    }
    const single = button("Step", () => {
      if (over()) return;
      several(1);
      stop();
    });
    const another = presets.length > 1 ? button("New hidden target", newTarget) : null;
    const root = element("section", { class: "cc-panel cc-descent", "aria-label": "Gradient descent" },
      element("div", { class: "cc-column" },
        element("div", { class: "cc-buttons" }, run, single, button("Reset", reset), another),
        element("p", { class: "cc-quiet" }, "Each step moves every weight against its slope: weight − learning rate × gradient."),
        status.root),
      element("div", { class: "cc-column" }, rate.root, calm ? null : speed.root, rateLine));
    return { root, showRate, forget };
  }

  // ------------------------------------------------------------------------------------- life

  function readTheme() {
    colours = colourTables(root);
    tints = tintTables(colours);
    update();
  }
  readTheme();
  startTarget();
  written.say(model.get("problem"), "bad");
  descent?.showRate();
  const endTheme = watchTheme(root, readTheme);
  const resizing = new ResizeObserver(update);
  resizing.observe(root);
  const endSource = name ? followSource(root, name, takeSource) : () => {};
  return () => {
    if (playing) commit();
    playing = false;
    writing.close();
    close();
    endTheme();
    endSource();
    resizing.disconnect();
  };
}

function readProblem(model) {
  const numbers = (trait) => {
    const { buffer, byteOffset, byteLength } = bytes(model.get(trait));
    return new Float64Array(buffer.slice(byteOffset, byteOffset + byteLength)); // a copy is aligned to 8 bytes
  };
  const [height, width, size, padding] = ["height", "width", "size", "padding"].map((trait) => model.get(trait));
  return {
    picture: numbers("pixels"), height, width, size, options: { padding, stride: 1, dilation: 1 },
    target: numbers("target"), mapHeight: height + 2 * padding - size + 1, mapWidth: width + 2 * padding - size + 1,
  };
}

/** A picture with its title above and a movable frame over it. */
function view(title, label) {
  const { root, stage, canvas, caption } = figure(label, title);
  const mark = element("div", { class: "cc-mark", hidden: true });
  root.prepend(caption);
  stage.append(mark);
  return { root, stage, canvas, mark };
}

function lossView() {
  return {
    label: element("h4", {}, "Loss: mean squared error"),
    result: element("p", { class: "cc-loss" }),
    bar: element("div", { class: "cc-loss-bar" }, element("div", {})),
    share: element("p", { class: "cc-quiet" }),
  };
}

function lossText(loss) {
  if (!Number.isFinite(loss)) return "too large to compute";
  if (loss < ROUNDING) return "0";
  return loss >= 1e-3 && loss < 1e6 ? String(Number(loss.toPrecision(4))) : loss.toExponential(2).replace("e+", "e").replace("-", "−");
}

function bracketed(weight) {
  return weight < 0 ? `(${cellText(weight)})` : cellText(weight);
}

/** Lay `mark` over `count` x `count` pixels of a picture of `height` x `width`. */
function frameAt(mark, row, column, count, height, width) {
  Object.assign(mark.style, {
    left: `${(100 * column) / width}%`, top: `${(100 * row) / height}%`,
    width: `${(100 * count) / width}%`, height: `${(100 * count) / height}%`,
  });
}

export default { render };
