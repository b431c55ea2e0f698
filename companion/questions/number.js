// A number as learners type it, and as Python reads it.

const GROUPED = /^-?\d{1,3}(?:([, _'’\u00a0\u202f])\d{3})(?:\1\d{3})*(?:\.\d+)?$/;
const PLAIN = /^-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const INTEGER = /^-?\d+$/;

/** Read a typed number. Returns {literal, note} with Python's way to write it and what was changed on the way,
 *  or {problem} with a sentence. An empty text reads as None, no answer; the unit that stands beside the box may be
 *  typed, too. */
export function readNumber(text, unit = "") {
  const typed = withoutUnit(text.trim(), unit);
  if (typed === "") return { literal: "None", note: "" };
  const signed = typed.replace(/^[−–]/, "-").replace(/^\+/, "");
  if (GROUPED.test(signed)) {
    const literal = pythonNumber(signed.replace(/[^\d.-]/g, ""));
    return { literal, note: `“${typed}” is read as ${literal}: Python writes numbers without separators.` };
  }
  if (PLAIN.test(signed) && Number.isFinite(Number(signed))) return { literal: pythonNumber(signed), note: "" };
  if (/^-?\d+,\d+$/.test(signed)) {
    return { problem: `“${typed}” is not taken as an answer: write the decimal point as a point, ${signed.replace(",", ".")}.` };
  }
  return { problem: `“${typed}” is not taken as an answer, for it is not a number. Type it in digits, for example 26, 26.5 or 1e3.` };
}

function withoutUnit(typed, unit) {
  const ends = unit !== "" && typed.toLowerCase().endsWith(unit.toLowerCase());
  return ends ? typed.slice(0, -unit.length).trim() : typed;
}

function pythonNumber(text) {
  // Python refuses whole numbers with leading zeros.
  return INTEGER.test(text) ? String(BigInt(text)) : text;
}
