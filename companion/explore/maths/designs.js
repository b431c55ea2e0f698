// The space of plain networks: how many designs there are, and how many parameters each has. No DOM in here.
import { denseParameters } from "./arithmetic.js";
import { uniforms } from "./random.js";

/** The widths that a hidden layer may have: `narrowest`, doubled until `widest`; with `every` all whole numbers between. */
export function widthChoices(narrowest, widest, every) {
  const widths = [];
  for (let width = narrowest; width <= widest; width = every ? width + 1 : 2 * width) widths.push(width);
  return widths;
}

/** The parameters of each dense layer of a network, from the first hidden layer to the output. */
export function layerParameters(inputs, widths, outputs) {
  const sizes = [inputs, ...widths, outputs];
  return sizes.slice(1).map((units, index) => denseParameters(sizes[index], units));
}

/** All parameters of a network. */
export function networkParameters(inputs, widths, outputs) {
  return layerParameters(inputs, widths, outputs).reduce((sum, count) => sum + count, 0);
}

/** How many designs have 1, 2, ... `deepest` hidden layers, as BigInts. Each layer chooses one of `choices` (a width with
 *  an activation); with `alike`, one choice holds for all layers. */
export function designCounts(deepest, choices, alike) {
  return Array.from({ length: deepest }, (_, index) => BigInt(choices) ** BigInt(alike ? 1 : index + 1));
}

/** Widths of networks with `depth` hidden layers: all that there are, or if they are more than `most`, so many drawn at
 *  random, each as likely as any other, the same ones every time. */
export function someDesigns(depth, widths, alike, most) {
  if (alike) return spreadOut(widths, most).map((width) => new Array(depth).fill(width));
  if (widths.length ** depth <= most) return everyDesign(depth, widths);
  const next = uniforms(depth);
  const draw = () => widths[Math.floor(next() * widths.length)];
  return Array.from({ length: most }, () => Array.from({ length: depth }, draw));
}

/** At most `most` of the values, at equal distances, the first and the last among them. */
function spreadOut(values, most) {
  if (values.length <= most) return values;
  return Array.from({ length: most }, (_, index) => values[Math.round((index * (values.length - 1)) / (most - 1))]);
}

function everyDesign(depth, widths) {
  if (depth === 0) return [[]];
  return everyDesign(depth - 1, widths).flatMap((rest) => widths.map((width) => [...rest, width]));
}

/** The choice nearest to `width`, on a scale of doublings. */
export function nearestWidth(width, choices) {
  const distance = (choice) => Math.abs(Math.log2(choice / width));
  return choices.reduce((best, choice) => (distance(choice) < distance(best) ? choice : best));
}

/** The widths in a Python list of 1 to `deepest` whole numbers from 1 to `widest`, or null if `literal` is anything else. */
export function parseWidths(literal, deepest, widest) {
  const text = literal.trim();
  if (!/^\[\s*\d+(\s*,\s*\d+)*\s*,?\s*\]$/.test(text)) return null;
  const widths = text.match(/\d+/g).map(Number);
  return widths.length <= deepest && widths.every((width) => width >= 1 && width <= widest) ? widths : null;
}

/** A whole number (BigInt) as one reads it: 111,150, or from `limit` on 3.1 × 10²⁶. */
export function countText(count, limit = 10n ** 15n) {
  if (count < limit) return count.toLocaleString("en-US");
  const [digits, power] = Number(count).toExponential(1).split("e+");
  return `${digits} × 10${power.replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit])}`;
}

const YEAR = 365.25 * 24 * 60; // minutes
const UNIVERSE = 13.8e9 * YEAR; // its age; Planck Collaboration 2018

/** How long `count` trainings take at one minute each, e.g. "1.2 hours", "211 years". */
export function minutesText(count) {
  const minutes = Number(count);
  /** @type {[number, string][]} */
  const units = [[UNIVERSE, "times the age of the universe"], [1e9 * YEAR, "billion years"], [1e6 * YEAR, "million years"],
    [YEAR, "years"], [24 * 60, "days"], [60, "hours"]];
  const [size, name] = units.find(([unit]) => minutes >= 2 * unit) ?? [1, minutes === 1 ? "minute" : "minutes"];
  const amount = minutes / size;
  const rounded = Number(amount.toPrecision(amount >= 100 ? 3 : 2));
  return `${rounded.toLocaleString("en-US")} ${name}`;
}
