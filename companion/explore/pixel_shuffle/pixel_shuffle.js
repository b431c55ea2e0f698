// Pixel shuffle: one permutation for all pictures, and what it does to an MLP and a CNN.
import { bytes, numbersIn } from "../../widgets/model.js";
import { button, radios } from "../../widgets/controls.js";
import { colourTables, watchTheme } from "../../widgets/pictures.js";
import { element, frame, instrument } from "../../widgets/instrument.js";
import { trainer } from "../digits/trainer.js";
import { pixelAt, shuffleScene, SIDE } from "./scene.js";
import { accuracyChart, accuracyTable, pairView } from "./views.js";
import { sentence, verdict } from "./words.js";

const DIGITS = Array.from({ length: 10 }, (_, digit) => [String(digit), String(digit)]);

function render({ model, el }) {
  const digits = bytes(model.get("digits"));
  const seeds = model.get("ranges").seed;
  const chosen = { digit: 3, pixel: pixelAt(SIDE / 2, SIDE / 2) };
  let order;
  let colours;

  const root = instrument(el, "Pixel shuffle",
    "One permutation, the same for every picture, moves each pixel to another place. Nothing is lost, only who is next to whom.");
  root.classList.add("cc-ps");
  const pair = pairView({ onStraight: (pixel) => choose({ pixel }), onShuffled: (pixel) => choose({ pixel: order[pixel] }) });
  const choice = radios({
    label: "Digit", options: DIGITS, value: String(chosen.digit), onInput: (digit) => choose({ digit: Number(digit) }),
  });
  const where = element("p", { class: "cc-quiet cc-ps-sentence", "aria-live": "polite" });
  const another = button("New permutation", () => {
    model.set("seed", model.get("seed") === seeds.max ? seeds.min : model.get("seed") + 1);
    model.save_changes();
  });
  const seed = element("span", { class: "cc-quiet" });
  const chart = accuracyChart();
  const table = accuracyTable();
  const training = trainer(root, {
    model, label: "Train all four", done: () => verdict(model.get("accuracy")), onRunning: (running) => { another.disabled = running; },
  });
  root.append(
    element("div", { class: "cc-ps-parts" },
      element("div", { class: "cc-column" },
        pair.root, choice.root, where, element("div", { class: "cc-buttons cc-ps-seed" }, another, seed), table.root),
      element("div", { class: "cc-column" }, training.root, chart.root)),
  );

  const redraw = frame(() => {
    const scene = shuffleScene(digits, order, chosen);
    pair.show(scene, colours);
    where.textContent = sentence(scene);
  });

  const showResults = frame(() => {
    const [curves, accuracy, steps] = ["curves", "accuracy", "steps"].map((name) => model.get(name));
    chart.show(curves, accuracy, steps);
    table.show(curves, accuracy);
  });

  function choose(changes) {
    Object.assign(chosen, changes);
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
  ];
  for (const [event, listener] of changes) model.on(event, listener);
  reseed();
  readTheme();
  training.show();
  const endings = [training.close, watchTheme(root, readTheme), chart.close];
  return () => {
    for (const end of endings) end();
    for (const [event, listener] of changes) model.off(event, listener);
  };
}

export default { render };
