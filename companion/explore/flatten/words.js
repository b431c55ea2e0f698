// What the explorer of flattening says. No DOM in here.
import { cellInWords } from "../../widgets/pictures.js";
import { PIXELS, pixelAt, SIDE } from "./scene.js";

/** Where the chosen pixel goes, and where its neighbours do. */
export function placeWords({ row, column, place, right, below }) {
  const own = `Row ${row}, column ${column} goes to place ${SIDE} × ${row} + ${column} = ${place}.`;
  const beside = right === null ? atTheEdge(place) : `Its neighbour on the right goes to the next place, ${right}.`;
  const under = below === null ? "No row lies below it."
    : `Its neighbour below goes to place ${below}, ${SIDE} places on: ${SIDE - 1} other pixels stand between them.`;
  return `${own} ${beside} ${under}`;
}

/** How much of the picture is in the line. */
export function placedWords(placed) {
  return `${placed} of ${PIXELS}`;
}

/** A place of the line for a screen reader. */
export function lineWords(place) {
  const { row, column } = pixelAt(place);
  return `place ${place}: ${cellInWords(row, column)}`;
}

/** Nothing stands to the right of the last pixel of a row, but something follows it in the line. */
function atTheEdge(place) {
  if (place + 1 === PIXELS) return "It is the last of all.";
  return `It ends its row: the next place, ${place + 1}, holds the first pixel of the next row, at the other edge.`;
}
