// Shift test: drag a digit off its place; what an MLP and a CNN say of it, both computed here.
import { bytes, numbersIn, sharedState } from "../../widgets/model.js";
import { button, dropdown } from "../../widgets/controls.js";
import { colourTables, watchTheme } from "../../widgets/pictures.js";
import { element, frame, instrument } from "../../widgets/instrument.js";
import { clamp } from "../../widgets/numbers.js";
import { readNetwork } from "../maths/network.js";
import { drawnPixels } from "../maths/digits.js";
import { ownDigit } from "../digits/own.js";
import { trainer } from "../digits/trainer.js";
import { answersOf, CLASSES, digitScene, guessesOf, MODELS, nextIndex } from "./scene.js";
import { challengeLine } from "./challenge.js";
import { digitView, meansView, probabilityTable } from "./views.js";
import { answerWords, UNTRAINED } from "./words.js";

const TRAITS = /** @type {const} */ (["index", "row", "column", "drawing"]);

function render({ model, el }) {
  const [digits, labels] = ["digits", "labels"].map((name) => bytes(model.get(name)));
  const ranges = model.get("ranges");
  const { state, edit, save, close } = sharedState(model, TRAITS, { onReload: () => redraw() });
  let networks = null;
  let colours;

  const root = instrument(el, "Shift test",
    "Drag the digit, or step it with the arrow keys. Both models learned from digits in the middle of the picture.");
  root.classList.add("cc-st");
  const digit = digitView({ begin: () => state, onMove: drag, onStep: (rows, columns) => move(state.row + rows, state.column + columns) });
  const classes = dropdown({
    label: "Digit", options: [["", "any"], ...CLASSES.map((each) => [String(each), String(each)])], value: "", onInput: next,
  });
  const own = ownDigit({ onDraw: (drawing) => { edit({ drawing, index: labels.length }); redraw(); } });
  const challenge = challengeLine();
  const answers = element("p", { class: "cc-st-where", "aria-live": "polite" });
  const probabilities = probabilityTable();
  const means = meansView();
  const training = trainer(root, { model, label: "Train both models", done: () => "", onRunning: arrange });
  root.append(
    element("div", { class: "cc-st-parts" },
      element("div", { class: "cc-column" }, digit.root,
        element("div", { class: "cc-buttons" }, classes.root, button("Next digit", next), button("Back to the middle", () => move(0, 0)),
          button("Draw your own", draw))),
      element("div", { class: "cc-column cc-st-right" }, training.root, answers, training.batch, probabilities.root, challenge.root, own.root)),
    means.root,
  );

  const redraw = frame(() => {
    const drawing = drawnPixels(state.drawing);
    const scene = digitScene({ digits, labels }, { ...state, drawing });
    digit.show(scene, colours);
    probabilities.mark(scene.label);
    const found = networks ? answersOf(networks, scene) : guessesOf(model.get("guesses"));
    probabilities.show(found);
    own.show(state.index === labels.length);
    if (networks) challenge.show(scene, found, networks, () => digitScene({ digits, labels }, { ...state, drawing, row: 0, column: 0 }));
    answers.textContent = answerWords(found, scene.label) || (model.get("running") ? "" : UNTRAINED);
  });

  const showMeans = frame(() => { if (model.get("shift").mlp) means.show(model.get("shift")); });

  // ------------------------------------------------------------------------------------- what the learner does

  function place(row, column) {
    const held = (name, value) => clamp(value, ranges[name].min, ranges[name].max);
    edit({ row: held("row", row), column: held("column", column) });
    redraw();
  }

  function move(row, column) {
    place(row, column);
    save();
  }

  function drag(row, column, phase) {
    place(row, column);
    if (phase === "end") save();
  }

  function draw() {
    edit({ index: labels.length });
    move(0, 0);
    own.show(true);
    own.root.scrollIntoView({ block: "nearest" });
    own.focus();
  }

  function next() {
    const wanted = classes.input.value;
    edit({ index: nextIndex(labels, state.index, wanted === "" ? null : Number(wanted)) });
    move(0, 0);
  }

  // ------------------------------------------------------------------------------------- models

  function takeModels() {
    const layers = model.get("layers");
    if (!layers.mlp) return;
    networks = MODELS.map(({ key }) => readNetwork(layers[key], numbersIn(model.get(`${key}_weights`), Float32Array)));
    arrange(false);
    redraw();
    showMeans();
  }

  /** Show what there is: the button before the models are trained, their answers after. */
  function arrange(running, waiting = false) {
    const finished = networks !== null && !running;
    if (finished && training.root.contains(document.activeElement)) digit.focus(); // the button goes
    training.root.hidden = finished;
    means.root.hidden = networks === null;
    probabilities.root.hidden = waiting;
    answers.setAttribute("aria-live", running ? "off" : "polite"); // while they train, they say something else all the time
    redraw();
  }

  // ------------------------------------------------------------------------------------- life

  function readTheme() {
    colours = colourTables(root);
    redraw();
    showMeans();
  }
  const changes = [["change:layers", takeModels], ["change:mlp_weights", takeModels], ["change:cnn_weights", takeModels],
    ["change:shift", showMeans], ["change:guesses", redraw]];
  for (const [event, listener] of changes) model.on(event, listener);
  readTheme();
  training.show();
  takeModels();
  const endings = [close, training.close, watchTheme(root, readTheme), means.close];
  return () => {
    for (const end of endings) end();
    for (const [event, listener] of changes) model.off(event, listener);
  };
}

export default { render };
