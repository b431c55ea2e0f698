// Match a hidden kernel's feature map: by hand, or by watching gradient descent.
import { answerLine } from "../../widgets/answer.js";
import { numberGrid } from "../../widgets/controls.js";
import { element, frame, instrument, statusLine } from "../../widgets/instrument.js";
import { later, numbersIn, sharedState } from "../../widgets/model.js";
import { colourTables, magnitude, watchTheme } from "../../widgets/pictures.js";
import { matrixLiteral, parseMatrix, toRows } from "../maths/matrix.js";
import { watchWidth } from "../parts/drawing.js";
import { tileGrid } from "../parts/tiles.js";
import { colourCell, tintTables } from "../parts/tints.js";
import { descentControls } from "./descent.js";
import { experimentOf, foundWords, probeWords, problemOf } from "./scene.js";
import { lossView, mapViews } from "./views.js";

const WRITE_AFTER = 300; // milliseconds after the last key

function render({ model, el }) {
  const root = instrument(el, "Find the kernel",
    "A hidden kernel turned the picture into the target map. Change your kernel until your map is the same.");
  root.classList.add("cc-find-kernel");
  const { state, edit, save, close } = sharedState(model, ["kernel"], { onReload: reload });
  const problem = readProblem(model);
  const { size } = problem;
  const experiment = experimentOf(problem, model.get("target_name"), state.kernel.flat());
  const writing = later(commit, WRITE_AFTER);
  let probe = null; // the map pixel that is looked at, [row, column]
  let colours = null;
  let tints = null;

  const maps = mapViews({ onLook(row, column) { probe = [row, column]; look(); } });
  const loss = lossView();
  const pixelLine = element("p", { class: "cc-quiet cc-pixel-line", "aria-live": "polite" });
  const matched = statusLine();
  const answer = answerLine(root, {
    name: model.get("answer"), problem: model.get("problem"), isWaiting: writing.isWaiting, onRead: takeWritten,
    read: (literal) => (literal.trim() === "None" ? new Float64Array(size * size) : parseMatrix(literal, size)),
    refusal: () => `is not ${size} rows of ${size} numbers; the kernel shown here is the last good one`,
  });
  const grid = numberGrid({ label: "Your kernel", columns: size, values: state.kernel.flat(), onInput: takeTyped });
  const slope = tileGrid("Gradient: the loss's slope along each weight");
  slope.root.classList.add("cc-slope");
  const descent = model.get("descent")
    ? descentControls({ experiment, presets: model.get("presets"), onChange: show, onStop: commit }) : null;
  slope.resize(size);
  root.append(
    maps.root, pixelLine,
    element("div", { class: "cc-trial" }, element("div", {}, element("h4", {}, "Your kernel"), grid.root), descent && slope.root, loss.root),
    matched.root, answer.root, descent?.root ?? "");
  grid.root.addEventListener("change", commit);
  grid.root.addEventListener("keydown", (event) => { if (event.key === "Enter") commit(); });

  // ------------------------------------------------------------------------------------- the kernel that is tried

  function take(values) {
    descent?.forget();
    experiment.take(values);
    show();
  }

  function takeTyped(values) {
    descent?.forget();
    experiment.take(values);
    answer.clear();
    edit({ kernel: toRows(experiment.trial.kernel, size) });
    writing.soon();
    update(); // the grid stays, whose cell is typed into
  }

  function takeWritten(values) {
    if (!values.every((value, tap) => value === Number(experiment.trial.kernel[tap].toFixed(6)))) take(values);
  }

  /** Pass the kernel on to Python and to the cell, when a change is complete. */
  function commit() {
    const { kernel } = experiment.trial;
    writing.cancel();
    edit({ kernel: toRows(kernel, size) });
    save();
    if (kernel.every(Number.isFinite)) answer.write(matrixLiteral(kernel, size));
  }

  /** Python set the kernel. */
  function reload() {
    if (descent?.isRunning() || state.kernel.length !== size) return; // what descent comes to is sent when it stops
    take(state.kernel.flat());
  }

  // ------------------------------------------------------------------------------------- drawing and life

  /** The kernel is another, and not the one in the cell. */
  function show() {
    answer.clear();
    grid.set(experiment.trial.kernel);
    update();
  }

  const update = frame(() => {
    const { trial, hidden } = experiment;
    maps.show(experiment, colours, tints);
    loss.show(experiment);
    const [reach, steep] = [magnitude(trial.kernel), magnitude(trial.gradient, 1e-12)];
    grid.cells.forEach((cell, tap) => colourCell(cell, tints.diverging, trial.kernel[tap], -reach, reach));
    if (descent) trial.gradient.forEach((value, tap) => slope.write(tap, value, tints.diverging, -steep, steep));
    matched.say(foundWords(trial, hidden), "good");
    showProbe();
  });

  const look = frame(showProbe);
  function showProbe() {
    maps.look(experiment.problem, probe);
    pixelLine.textContent = probeWords(experiment.problem, experiment.trial, probe);
  }

  function readTheme() {
    colours = colourTables(root);
    tints = tintTables(colours);
    update();
  }
  readTheme();
  const endings = [writing.close, close, answer.close, watchTheme(root, readTheme), watchWidth(root, update)];
  return () => {
    if (descent?.isRunning()) commit();
    descent?.forget();
    for (const end of endings) end();
  };
}

function readProblem(model) {
  const [height, width, size, padding] = ["height", "width", "size", "padding"].map((trait) => model.get(trait));
  const [picture, target] = ["pixels", "target"].map((trait) => numbersIn(model.get(trait), Float64Array));
  return problemOf({ picture, height, width, size, padding, target });
}

export default { render };
