// Square matrices of numbers as they stand in a cell of Python.

/** Python's text for `values` as a list of `size` lists, on one line: [[1, 0, -1], [2, 0, -2], [1, 0, -1]]. */
export function matrixLiteral(values, size) {
  const rows = toRows(values, size).map((row) => `[${row.map((value) => String(Number(value.toFixed(6)))).join(", ")}]`);
  return `[${rows.join(", ")}]`;
}

/** The `size` * `size` numbers of a Python list of lists, or null if `literal` is anything else. */
export function parseMatrix(literal, size) {
  const text = literal.trim();
  if (!/^\[\s*\[[^[\]]*\](\s*,\s*\[[^[\]]*\])*\s*,?\s*\]$/.test(text)) return null;
  const rows = text.slice(1, -1).match(/\[[^[\]]*\]/g).map((row) => row.slice(1, -1).replace(/,\s*$/, "").split(","));
  const values = rows.flat().map((entry) => (entry.trim() === "" ? NaN : Number(entry)));
  const square = rows.length === size && rows.every((row) => row.length === size);
  return square && values.every(Number.isFinite) ? values : null;
}

/** A flat array as an array of `size` rows. */
export function toRows(values, size) {
  return Array.from({ length: size }, (_, row) => Array.from(values.slice(row * size, (row + 1) * size)));
}
