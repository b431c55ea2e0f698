// What the explorer of small shifts shows, computed from its state alone. No DOM in here: tests/explore/test_small_shifts_js.py runs it
// in node.
import { bestMove, change, featureMap, shrinkMap, view, viewSide } from "../maths/shifts.js";

/** The ways to make the feature map smaller, by the names of maths/shifts.js. */
export const WAYS = ["none", "max", "average", "strided"];

/** The feature map of a photo, {pixels, side, margin}, at each of `shifts`: {photo, shifts, features}. */
export function study(photo, kernel, shifts) {
  return { photo, shifts, features: shifts.map((shift) => featureMap(photo, shift, kernel)) };
}

/** A study with one size of the windows and one way to compare, `moved` or place by place: the change at every shift, as a curve for
 *  each of WAYS. */
export function comparison(studied, { window, moved }) {
  const { shifts, features } = studied;
  const maps = features.map((map) => shrinkMap(map, window));
  const before = maps[shifts.indexOf(0)];
  const results = shifts.map((shift, index) => WAYS.map((way) => compare(before[way], maps[index][way], {
    shift, moved, step: way === "none" ? 1 : window,
  })));
  const curves = WAYS.map((_, way) => results.map((each) => each[way].left));
  return { ...studied, moved, maps, before, results, curves };
}

/** {left, places}: the share that differs, and by how many places the first map was moved along. */
function compare(before, after, { shift, moved, step }) {
  return moved ? bestMove(before, after, shift, step) : { left: change(before, after), places: 0 };
}

/** A comparison at one shift: the picture as it is seen, and each way's map now and where it differs from before. */
export function shiftScene(compared, shift) {
  const { photo, shifts, maps, before, results, moved, curves } = compared;
  const at = shifts.indexOf(shift);
  return {
    shift, shifts, curves, moved, side: viewSide(photo), picture: view(photo, shift),
    ways: WAYS.map((way, index) => ({
      first: before[way], map: maps[at][way], ...results[at][index],
      differences: differences(before[way], maps[at][way], results[at][index].places),
    })),
  };
}

/** The map minus the first one moved along by `places`; 0 where the first one has nothing to compare with. */
function differences(first, map, places) {
  return map.values.map((value, index) => {
    const column = (index % map.width) - places;
    return column < 0 || column >= map.width ? 0 : value - first.values[index - places];
  });
}
