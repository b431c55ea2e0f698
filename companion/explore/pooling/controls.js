// The choices of the Pooling explorer.
import { button, dropdown, radios, slider } from "../../widgets/controls.js";
import { element } from "../../widgets/instrument.js";
import { EXAMPLES } from "./examples.js";

const PADDINGS = { valid: "valid: none", same: "same: ⌈n / s⌉ windows" };

/** What a window keeps, of `kinds`, and nothing else: the layer is given. Returns {root, show(state)}. */
export function kindControls({ kinds, onChange }) {
  const kind = kindRadios(kinds, onChange);
  return { root: element("div", { class: "cc-bar cc-pool-controls" }, kind.root), show: (state) => kind.set(state.kind) };
}

/** All that can be set. `ranges` and `choices` are Python's. onChange(changes) gets what is set of the layer, onSide(side) how
 *  large the input shall be, onExample(key) which numbers shall stand in it. Returns {root, show(state), showExample(key)}. */
export function layerControls({ ranges, choices, onChange, onSide, onExample }) {
  const kind = kindRadios(choices.kind, onChange);
  const padding = radios({
    label: "Padding", options: choices.padding.map((key) => [key, PADDINGS[key]]), value: "",
    onInput: (value) => onChange({ padding: value }),
  });
  const side = slider({ label: "Input", ...ranges.side, value: 0, onInput: onSide });
  const window = slider({ label: "Window", ...ranges.window, value: 0, onInput: (value) => onChange({ window: value }) });
  const stride = slider({ label: "Stride", ...ranges.stride, value: 0, onInput: (value) => onChange({ stride: value }) });
  const examples = dropdown({
    label: "Numbers", options: [["", "your own"], ...EXAMPLES], value: "", onInput: (key) => { if (key) onExample(key); },
  });
  const again = button("New random numbers", () => onExample("random"));
  return {
    root: element("div", { class: "cc-bar cc-pool-controls" },
      kind.root, padding.root, window.root, stride.root, side.root, examples.root, again,
      element("p", { class: "cc-quiet" }, "Keras’s default: stride = window.")),
    show(state) {
      kind.set(state.kind);
      padding.set(state.padding);
      side.set(state.numbers.length);
      window.set(state.window);
      stride.set(state.stride);
      const isGlobal = state.kind.startsWith("global");
      for (const input of [window.input, stride.input, ...padding.root.querySelectorAll("input")]) input.disabled = isGlobal;
    },
    showExample: examples.set,
  };
}

function kindRadios(kinds, onChange) {
  return radios({
    label: "What a window keeps", options: kinds.map((kind) => [kind, kind]), value: "", onInput: (kind) => onChange({ kind }),
  });
}
