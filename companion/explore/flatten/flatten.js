// Flatten: a digit's pixels go into one line, row after row, and neighbours are torn apart.
import { ticker } from "../../widgets/clock.js";
import { button, radios, slider } from "../../widgets/controls.js";
import { element, frame, instrument } from "../../widgets/instrument.js";
import { bytes, sharedState } from "../../widgets/model.js";
import { colourTables, watchTheme } from "../../widgets/pictures.js";
import { flattenScene, PIXELS, SIDE } from "./scene.js";
import { flattenView } from "./views.js";
import { placedWords, placeWords } from "./words.js";

const TRAITS = /** @type {const} */ (["digit", "placed", "row", "column"]);
const DIGITS = Array.from({ length: 10 }, (_, digit) => [String(digit), String(digit)]);
const PACE = 4 * SIDE; // pixels a second
const UNROLL = "Unroll";

function render({ model, el }) {
  const root = instrument(el, "Flatten",
    "Unroll the picture into one line. Point at a pixel, in the picture or in the line, to see where its neighbours go.");
  root.classList.add("cc-flat");
  const { state, edit, save, close } = sharedState(model, TRAITS, { onReload: reload });
  const digits = bytes(model.get("digits"));
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let colours;

  const digit = radios({
    label: "Digit", options: DIGITS, value: String(state.digit), onInput: (chosen) => change({ digit: Number(chosen) }),
  });
  const placed = slider({
    label: "In the line", ...model.get("ranges").placed, value: state.placed, format: placedWords,
    onInput: (value) => { stop(); change({ placed: value }); },
  });
  const play = button(UNROLL, () => (clock.isRunning() ? stop() : start()), "primary");
  const words = element("p", { class: "cc-flat-words", "aria-live": "polite" });
  const side = element("div", { class: "cc-flat-side", onchange: save },
    digit.root, element("div", { class: "cc-flat-play" }, play, placed.root));
  const view = flattenView({ side, words, onPixel: (row, column) => change({ row, column }) });
  root.append(view.root);
  const clock = ticker({ pace: calm ? PACE / SIDE / 2 : PACE, onSteps: (count) => step(calm ? count * SIDE : count) });

  const show = frame(() => {
    const scene = flattenScene(digits, state);
    const said = placeWords(scene);
    if (words.textContent !== said) words.textContent = said;
    view.show(scene, colours.grey, !calm);
  });

  function change(changes) {
    edit(changes);
    show();
  }

  function step(count) {
    change({ placed: Math.min(state.placed + count, PIXELS) });
    placed.set(state.placed);
    if (state.placed === PIXELS) stop();
  }

  function start() {
    if (state.placed === PIXELS) change({ placed: 0 });
    play.textContent = "Pause";
    clock.start();
  }

  function stop() {
    clock.stop();
    play.textContent = UNROLL;
    save();
  }

  /** Python set something. */
  function reload() {
    digit.set(String(state.digit));
    placed.set(state.placed);
    show();
  }

  function readTheme() {
    colours = colourTables(root);
    show();
  }
  readTheme();
  const endings = [clock.stop, close, watchTheme(root, readTheme), view.close];
  return () => {
    for (const end of endings) end();
  };
}

export default { render };
