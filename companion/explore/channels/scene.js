// What Channels shows, worked out from its state. No DOM in here: tests/explore/test_channels_js.py runs it in node.
import { clamp, fixed, sumOf } from "../../widgets/numbers.js";
import { magnitude } from "../../widgets/pictures.js";
import { outputSize } from "../maths/arithmetic.js";
import { brightness, featureMap, filterBank, padPlanes, shrink, spread, windowSum } from "../maths/channels.js";

const NAMES = { 1: ["brightness"], 3: ["red", "green", "blue"] };

/** The channel and the position brought back into an output that has become smaller. */
export function correct({ size, kernel, padding, stride, channels_out: channelsOut, channel, row, column }) {
  const last = outputSize(size, kernel, { padding, stride }) - 1;
  return { channel: clamp(channel, 1, channelsOut), row: clamp(row, 0, last), column: clamp(column, 0, last) };
}

/** The picture at the size that is chosen: {size, colours, planes}, of `channels` planes. `pixels` are those of a square colour
 *  picture, three bytes each. */
export function inputOf(pixels, size, channels) {
  const colours = shrink(pixels, Math.sqrt(pixels.length / 3), size, 3);
  return { size, colours, planes: inputPlanes(colours, size, channels) };
}

/** The scene of a layer on these planes, without what depends on a channel or a position. */
export function layerOf({ channels_in: channelsIn, channels_out: channelsOut, kernel, padding, stride, size }, planes) {
  return {
    kernel, padding, stride, size, channelsIn, channelsOut,
    outSize: outputSize(size, kernel, { padding, stride }),
    side: size + 2 * padding,
    planes: padPlanes(planes, size, padding),
    names: NAMES[channelsIn] ?? planes.map((_, index) => `channel ${index + 1}`),
    bank: filterBank(channelsIn, channelsOut, kernel),
    low: NAMES[channelsIn] ? 0 : -1,
    high: 1,
  };
}

/** What of a scene depends on the output channel, an index from 0. */
export function channelOf(scene, channel) {
  const filter = scene.bank[channel];
  const map = featureMap(scene.planes, scene.side, filter, scene.stride, spread(scene.outSize, scene.outSize));
  return { channel, filter, map, heaviest: Math.max(...filter.slices.map((slice) => magnitude(slice))), peak: magnitude(map) };
}

/** What of a scene with its channel depends on the position. */
export function positionOf(scene, row, column) {
  const at = { ...scene, row, column, top: row * scene.stride, left: column * scene.stride };
  const windows = scene.planes.map((plane) => windowValues(plane, scene.side, scene.kernel, at.top, at.left));
  return { row, column, top: at.top, left: at.left, windows, sums: windowSums(at) };
}

/** The input's planes: brightness, red-green-blue, or the maps of an earlier layer, each centred (so that none is
 *  dead), rectified and scaled to at most 1. */
function inputPlanes(colours, size, channels) {
  if (channels === 1) return [brightness(colours)];
  if (channels === 3) return colours;
  const padded = padPlanes(colours, size, 1);
  const everywhere = spread(size, size);
  return filterBank(3, channels, 3).map((filter) => {
    const map = featureMap(padded, size + 2, filter, 1, everywhere);
    const average = map.reduce((sum, value) => sum + value, 0) / map.length;
    const rectified = map.map((value) => Math.max(value - average, 0));
    const peak = magnitude(rectified);
    return rectified.map((value) => value / peak);
  });
}

/** Which input channels get a row of their own: all up to four, else the first two, "rest" and the last. */
export function visibleRows(channels) {
  return channels <= 4 ? Array.from({ length: channels }, (_, index) => index) : [0, 1, "rest", channels - 1];
}

/** The window of every input channel and its product sum with the kernel at the scene's position. */
function windowSums(scene) {
  const { planes, side, filter, kernel, top, left } = scene;
  const channels = planes.map((plane, index) => windowSum(plane, side, filter.slices[index], kernel, top, left));
  const total = channels.reduce((sum, value) => sum + value, filter.bias);
  const rest = channels.slice(2, -1).reduce((sum, value) => sum + value, 0);
  return { channels, rest, total };
}

/** The numbers of one window, row by row. */
function windowValues(plane, side, kernel, top, left) {
  return Array.from({ length: kernel * kernel }, (_, index) => plane[(top + Math.floor(index / kernel)) * side + left + (index % kernel)]);
}

/** How many output channels there are to choose from. */
export function choiceWords({ channelsOut }) {
  return channelsOut === 1 ? "The one output channel" : `All ${channelsOut} output channels: choose one`;
}

/** What the diagram shows at the position, in words and numbers. */
export function positionWords({ channel, filter, names, sums, row, column }) {
  const terms = visibleRows(names.length).map((index) => (
    index === "rest" ? [sums.rest, `${names.length - 3} more`] : [sums.channels[index], names[index]]
  ));
  const added = sumOf([...terms, [filter.bias, "bias"]].map(([value, name]) => `${fixed(value)} (${name})`));
  return `Output channel ${channel + 1}, ${filter.name}, at row ${row}, column ${column}: ${added} = ${fixed(sums.total)}`;
}
