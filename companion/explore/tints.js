// Numbers on coloured cells: the same colours as the pictures', as CSS, with ink that can be read on them.

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
  const { paper, ink } = table[Math.min(Math.max(level, 0), 255)];
  if (node.style.backgroundColor !== paper) node.style.backgroundColor = paper;
  if (node.style.color !== ink) node.style.color = ink;
}

/** A number short enough for a cell, with a true minus sign. */
export function cellText(value) {
  const size = Math.abs(value);
  const digits = size >= 1000 ? 0 : size >= 10 ? 1 : 3;
  const tiny = size < 0.0005 && size > 1e-9; // smaller is rounding error
  const text = size >= 1e5 ? value.toExponential(1).replace("e+", "e")
    : tiny ? value.toExponential(0) : String(Number(value.toFixed(digits)));
  return text === "-0" ? "0" : text.replaceAll("-", "−");
}
