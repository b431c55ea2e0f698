// What is said of what is lost: of a scene and of one window in it (scene.js). No DOM in here.
import { cellText, formatCount } from "../../widgets/numbers.js";
import { SIDE } from "./scene.js";

/** The ways to rebuild, by Python's names. */
export const REBUILDS = {
  average: "Average, spread over its window", spread: "Max, spread over its window", winners: "Max, put back at its place",
};

/** The side of a window. */
export function windowWords(window) {
  return `${window} × ${window}`;
}

/** What stands below the four pictures. */
export function captions({ map, rebuild, reach }) {
  return {
    before: `${SIDE} × ${SIDE} numbers`,
    map: `${map.height} × ${map.width} ${map.values.length === 1 ? "number" : "numbers"}`,
    rebuilt: REBUILDS[rebuild].toLowerCase(),
    error: `−${cellText(reach)} (orange) to ${cellText(reach)} (blue)`,
  };
}

/** How much is kept, and how far off the picture is that is rebuilt from it. */
export function factsWords({ map, window, rebuild, errors, at, flat }) {
  const [kept, all] = [map.values.length, SIDE * SIDE];
  const places = rebuild === "winners" && window > 1 ? `, and each one’s place among ${formatCount(window ** 2)}` : "";
  return `Kept: ${formatCount(kept)} of ${formatCount(all)} numbers (${cellText((100 * kept) / all)} %)${places}. `
    + `Error (root mean square): ${errors[rebuild][at].toFixed(1)} grey levels; one and the same grey everywhere would be off by `
    + `${flat.toFixed(1)}.`;
}

/** What becomes of one window. */
export function lensWords({ row, column, before, unchanged }) {
  const become = before.length === 1 ? "number becomes" : "numbers become";
  const [are, were] = unchanged === 1 ? ["is", "it was"] : ["are", "they were"];
  return `Row ${row}, column ${column}: ${formatCount(before.length)} ${become} one; `
    + `${formatCount(unchanged)} of them ${are} rebuilt as ${were}.`;
}
