// Pixel shuffle: one permutation for all pictures, and what it does to an MLP and a CNN.
import { bytes, numbersIn, sharedState } from "../../widgets/model.js";
import { button, radios } from "../../widgets/controls.js";
import { colourTables, watchTheme } from "../../widgets/pictures.js";
import { element, frame, instrument } from "../../widgets/instrument.js";
import { drawnPixels } from "../maths/digits.js";
import { ownDigit } from "../digits/own.js";
import { trainer } from "../digits/trainer.js";
import { answersOf, OWN, pixelAt, readNetworks, shuffleScene, SIDE } from "./scene.js";
import { accuracyChart, accuracyTable, pairView } from "./views.js";
import { sentence, verdict } from "./words.js";

const TRAITS = /** @type {const} */ (["digit", "drawing"]);
const DIGITS = Array.from({ length: 10 }, (_, digit) => [String(digit), String(digit)]);
const CHOICES = [...DIGITS, [String(OWN), "draw your own"]];

function render({ model, el }) {
  const digits = bytes(model.get("digits"));
  const seeds = model.get("ranges").seed;
  const { state, edit, save, close } = sharedState(model, TRAITS, { onReload: reload });
  let pixel = pixelAt(SIDE / 2, SIDE / 2); // the chosen one
  let networks = null; // when they are trained
  let order;
  let colours;

  const root = instrument(el, "Pixel shuffle",
    "One permutation, the same for every picture, moves each pixel to another place. Nothing is lost, only who is next to whom.");
  root.classList.add("cc-ps");
  const pair = pairView({ onStraight: choose, onShuffled: (place) => choose(order[place]) });
  const choice = radios({
    label: "Digit", options: CHOICES, value: String(state.digit), onInput: (digit) => pick(Number(digit)),
  });
  const own = ownDigit({ onDraw: (drawing) => { edit({ drawing }); redraw(); } });
  const where = element("p", { class: "cc-quiet cc-ps-sentence", "aria-live": "polite" });
  const another = button("New permutation", () => {
    model.set("seed", model.get("seed") === seeds.max ? seeds.min : model.get("seed") + 1);
    model.save_changes();
  });
  const seed = element("span", { class: "cc-quiet" });
  const chart = accuracyChart();
  const table = accuracyTable();
  const training = trainer(root, {
    model, label: "Train all four", done: () => verdict(model.get("accuracy")), onRunning: arrange,
  });
  root.append(
    element("div", { class: "cc-ps-parts" },
      element("div", { class: "cc-column" },
        pair.root, choice.root, own.root, where, element("div", { class: "cc-buttons cc-ps-seed" }, another, seed)),
      element("div", { class: "cc-column" }, training.root, training.batch, chart.root, table.root)),
  );

  const redraw = frame(() => {
    const scene = shuffleScene(digits, order, { digit: state.digit, pixel, drawing: drawnPixels(state.drawing) });
    own.show(state.digit === OWN);
    pair.show(scene, colours);
    pair.guess(networks ? answersOf(networks, scene) : guessed(), scene.label);
    where.textContent = sentence(scene);
  });

  /** What Python says that the networks guess, while they train. */
  function guessed() {
    return Object.fromEntries(Object.entries(model.get("guesses")).map(([name, all]) => [name, all[state.digit]]));
  }

  const showResults = frame(() => {
    const [curves, accuracy, steps] = ["curves", "accuracy", "steps"].map((name) => model.get(name));
    chart.show(curves, accuracy, steps);
    table.show(curves, accuracy);
  });

  function pick(digit) {
    edit({ digit });
    redraw();
    save();
  }

  function choose(next) {
    pixel = next;
    redraw();
  }

  function arrange(running, waiting) {
    another.disabled = running;
    chart.root.hidden = waiting;
  }

  function takeNetworks() {
    const layers = model.get("layers");
    networks = Object.keys(layers).length > 0 ? readNetworks(layers, numbersIn(model.get("weights"), Float32Array)) : null;
    redraw();
  }

  /** Python set something. */
  function reload() {
    choice.set(String(state.digit));
    redraw();
  }

  function reseed() {
    order = numbersIn(model.get("order"), Uint16Array);
    seed.textContent = `seed ${model.get("seed")}`;
    redraw();
  }

  function readTheme() {
    colours = colourTables(root);
    redraw();
    showResults();
  }
  const changes = [
    ["change:order", reseed], ["change:curves", showResults], ["change:accuracy", showResults], ["change:accuracy", training.show],
    ["change:guesses", redraw], ["change:layers", takeNetworks],
  ];
  for (const [event, listener] of changes) model.on(event, listener);
  reseed();
  readTheme();
  training.show();
  takeNetworks();
  const endings = [close, training.close, watchTheme(root, readTheme), chart.close];
  return () => {
    for (const end of endings) end();
    for (const [event, listener] of changes) model.off(event, listener);
  };
}

export default { render };
