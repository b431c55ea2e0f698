// What may be chosen: the ranges of depth, width and activation in DesignSpace.
import { checkbox, dropdown, radios, slider } from "../../widgets/controls.js";
import { element } from "../../widgets/instrument.js";

/** `ranges` and `choices` are what the traits may be. onChange(changes) gets traits with their new values, while one is set; onRelease()
 *  follows. Returns {root, set(state)}. */
export function rangePanel({ ranges, choices, onChange, onRelease }) {
  let chosen = [];
  let [least, most] = [0, 0];
  const widths = choices.widest.map((width) => [width, String(width)]);
  const depth = slider({ label: "Hidden layers, up to", ...ranges.deepest, value: 1, onInput: (deepest) => onChange({ deepest }) });
  const narrowest = dropdown({
    label: "Widths from", options: widths, value: widths[0][0],
    onInput: (text) => takeWidths(Number(text), Math.max(Number(text), most)),
  });
  const widest = dropdown({
    label: "up to", options: widths, value: widths[0][0],
    onInput: (text) => takeWidths(Math.min(least, Number(text)), Number(text)),
  });
  const every = checkbox({
    label: "every width between", value: false, onInput: (value) => onChange({ every: value }),
  });
  const boxes = choices.activation.map((activation) => checkbox({ label: activation, value: false, onInput: () => takeActivations() }));
  const alike = radios({
    label: "The layers of one network", options: [["alike", "all alike"], ["own", "each its own"]], value: "alike",
    onInput: (value) => onChange({ alike: value === "alike" }),
  });

  function takeWidths(from, to) {
    showWidths(from, to);
    onChange({ narrowest: from, widest: to });
  }

  function showWidths(from, to) {
    [least, most] = [from, to];
    narrowest.set(from);
    widest.set(to);
  }

  function takeActivations() {
    const activations = choices.activation.filter((_, index) => boxes[index].input.checked);
    showActivations(activations);
    onChange({ activations });
  }

  /** The last activation that is left can't be taken away. */
  function showActivations(activations) {
    chosen = activations;
    choices.activation.forEach((activation, index) => {
      boxes[index].set(chosen.includes(activation));
      boxes[index].input.disabled = chosen.length === 1 && chosen[0] === activation;
    });
  }

  every.root.title = "Not only doublings";
  const root = element("div", { class: "cc-bar cc-ds-ranges", onchange: onRelease },
    depth.root, element("div", { class: "cc-ds-widths" }, narrowest.root, widest.root), every.root, alike.root,
    element("fieldset", { class: "cc-radios" }, element("legend", {}, "Activations"), ...boxes.map((box) => box.root)));
  return {
    root,
    set(state) {
      depth.set(state.deepest);
      showWidths(state.narrowest, state.widest);
      every.set(state.every);
      showActivations(state.activations);
      alike.set(state.alike ? "alike" : "own");
    },
  };
}
