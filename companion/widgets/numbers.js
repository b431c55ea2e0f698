// Numbers in words and figures. One rule for all: they are rounded as toFixed and toPrecision do, trailing zeros are left out
// where the number of decimals isn't fixed, what rounds to zero has no sign, and the minus sign is a true one, "−". Only
// `formatNumber` writes a plain "-", as one types it. No DOM in here: tests/explore/test_numbers_js.py runs it in node.

/** `value` held between `low` and `high`. */
export function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

/** A number as it is typed into a box, with at most `digits` decimals. */
export function formatNumber(value, digits = 3) {
  return String(Number(value.toFixed(digits)));
}

/** A whole number with separators, e.g. 1,204,224. */
export function formatCount(value) {
  return printed(Math.round(value).toLocaleString("en-US"));
}

/** A count with its noun: "1 pixel", "1,000 pixels". */
export function counted(count, noun, plural = `${noun}s`) {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`;
}

/** A number with at most `digits` decimals. */
export function rounded(value, digits = 2) {
  return printed(String(Number(value.toFixed(digits))));
}

/** A number with exactly `digits` decimals. */
export function fixed(value, digits = 2) {
  return printed(value.toFixed(digits));
}

/** A number with at most `digits` figures; "not a number" for what is none. */
export function significant(value, digits = 4) {
  return Number.isFinite(value) ? printed(String(Number(value.toPrecision(digits)))) : "not a number";
}

/** A number short enough for a cell: the larger, the fewer decimals. */
export function cellText(value) {
  const size = Math.abs(value);
  if (size >= 1e5) return printed(value.toExponential(1).replace("e+", "e"));
  if (size < 0.0005 && size > 1e-9) return printed(value.toExponential(0)); // smaller is rounding error
  return rounded(value, size >= 1000 ? 0 : size >= 10 ? 1 : 3);
}

/** A share of 1 in per cent, e.g. 97.3 %. */
export function percent(share, digits = 1) {
  return `${fixed(100 * share, digits)} %`;
}

/** A difference with its sign: "+1.2", "−1.2", "±0". */
export function signed(value, digits = 1) {
  const text = fixed(value, digits);
  if (Number(value.toFixed(digits)) === 0) return "±0";
  return value > 0 ? `+${text}` : text;
}

/** A factor of a product: a negative one in brackets. */
export function bracketed(value) {
  const text = cellText(value);
  return text.startsWith("−") ? `(${text})` : text;
}

/** Texts that begin with a number as one sum: "1 − 2 + 3". */
export function sumOf(terms) {
  return terms.map((term, place) => {
    if (place === 0) return term;
    return term.startsWith("−") ? ` − ${term.slice(1)}` : ` + ${term}`;
  }).join("");
}

/** @type {[number, string][]} */
const UNITS = [[1e12, " trillion"], [1e9, " billion"], [1e6, " million"]];

/** A ratio as one says it: "1.7", "14,000", "1.69 million". */
export function ratioInWords(ratio) {
  const [unit, name] = UNITS.find(([size]) => ratio >= size) ?? [1, ""];
  const part = Number((ratio / unit).toPrecision(ratio / unit >= 1000 ? 2 : 3));
  return `${part.toLocaleString("en-US")}${name}`;
}

/** What a number's text looks like in print. */
function printed(text) {
  const bare = /^-[0.,]*$/.test(text) ? text.slice(1) : text; // what rounds to zero has no sign
  return bare.replaceAll("-", "−");
}
