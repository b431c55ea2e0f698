// Numbers on coloured cells: the same colours as the pictures', as CSS, with ink that can be read on them.
import { clamp } from "../../widgets/numbers.js";

/** The two colour tables of `colourTables` as CSS: {grey, diverging}, each 256 {paper, ink}. */
export function tintTables({ grey, diverging }) {
  return { grey: Array.from(grey, tint), diverging: Array.from(diverging, tint) };
}

/** One canvas pixel as CSS, {paper, ink}. */
export function tint(pixel) {
  const [r, g, b] = [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255];
  // Relative luminance by WCAG 2; black and white contrast equally with 0.179.
  const [x, y, z] = [r, g, b].map((value) => ((value / 255 + 0.055) / 1.055) ** 2.4);
  const light = 0.2126 * x + 0.7152 * y + 0.0722 * z > 0.179;
  return { paper: `rgb(${r}, ${g}, ${b})`, ink: light ? "#000" : "#fff" };
}

/** Colour `node` by `value` on a scale from `low` to `high`. */
export function colourCell(node, table, value, low, high) {
  const level = Math.round((255 * (value - low)) / (high - low));
  const { paper, ink } = table[clamp(level, 0, 255)];
  if (node.style.backgroundColor !== paper) node.style.backgroundColor = paper;
  if (node.style.color !== ink) node.style.color = ink;
}
