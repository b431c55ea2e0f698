// What the explorer of small shifts says of a scene (scene.js). No DOM in here.
import { counted, percent, rounded } from "../../widgets/numbers.js";

/** The titles of WAYS. */
export const TITLES = { none: "No pooling", max: "Max pooling", average: "Average pooling", strided: "Strided convolution" };

/** What stands below the picture. */
export function caption({ side, shift }) {
  return `${side} × ${side} pixels, ${shiftWords(shift)}`;
}

/** What stands below the maps of one way. */
export function remark({ map, places }, moved) {
  const along = moved ? `, first map moved by ${rounded(places)} ${Math.abs(places) === 1 ? "place" : "places"}` : "";
  return `${map.height} × ${map.width} numbers${along}`;
}

/** How much changes in each way. */
export function verdict({ shift, moved, ways }) {
  if (shift === 0) return "The picture stands where it was, so nothing has changed. Move it by one pixel.";
  const [none, max, average, strided] = ways.map(({ left }) => percent(left));
  const how = moved ? "Each map compared with the first one moved along" : "Place by place";
  return `${how}, ${shiftWords(shift)}: ${none} of the map changes without pooling, ${max} with max pooling, `
    + `${average} with average pooling, ${strided} with a strided convolution.`;
}

/** How the picture is moved. */
export function shiftWords(shift) {
  return shift === 0 ? "not moved" : `moved ${counted(Math.abs(shift), "pixel")} to the ${shift > 0 ? "right" : "left"}`;
}
