// The picture, the line and the part of it that is shown large, drawn on one canvas, over which the pixels fly.
import { movable } from "../../widgets/gestures.js";
import { element } from "../../widgets/instrument.js";
import { clamp } from "../../widgets/numbers.js";
import { cellInWords, paint } from "../../widgets/pictures.js";
import { fitCanvas, inks } from "../parts/drawing.js";
import { firstShown, pixelAt, PIXELS, placeOf, progress, SIDE, underWay } from "./scene.js";
import { lineWords } from "./words.js";

const WIDE = 600; // pixels, from which on a larger part of the line is shown large
const [MANY, FEW] = [61, 35]; // places in it
const LABELLED = [0, 196, 392, 588, PIXELS - 1]; // places
const ARCS = 42; // pixels above the large places
const GHOST = 0.22; // opacity of a pixel that has left

/** The sheet with `side` and `words` on it. onPixel(row, column) comes when a pixel is pointed at or stepped to, in the picture or in the
 *  line. Returns {root, show(scene, grey, flying), close}; `flying` is false where pixels are to arrive without being seen on the way. */
export function flattenView({ side, words, onPixel }) {
  const canvas = element("canvas", { class: "cc-overlay", "aria-hidden": "true" });
  const small = element("canvas", {});
  const [picture, line, large] = ["picture", "line", "large"].map((name) => element("div", { class: `cc-flat-${name}` }));
  const root = element("div", { class: "cc-flat-sheet" }, side, picture, words, line, large, canvas);
  let shown = null;
  const toPixel = (row, column) => onPixel(clamp(row, 0, SIDE - 1), clamp(column, 0, SIDE - 1));
  const toPlace = (place) => {
    const { row, column } = pixelAt(clamp(place, 0, PIXELS - 1));
    onPixel(row, column);
  };
  const inPicture = movable(picture, {
    label: "The picture. Arrow keys choose a pixel.", main: true,
    onMove: (x, y, phase) => { if (phase !== "end") toPixel(Math.floor(y * SIDE), Math.floor(x * SIDE)); },
    onStep: (rows, columns) => toPixel(shown.scene.row + rows, shown.scene.column + columns),
  });
  const inLine = movable(line, {
    label: "The line. Left and right choose the next place, up and down the next row's.",
    onMove: (x, _, phase) => { if (phase !== "end") toPlace(Math.floor(x * PIXELS)); },
    onStep: (rows, columns) => toPlace(shown.scene.place + SIDE * rows + columns),
  });

  function draw() {
    if (shown === null || root.clientWidth === 0) return;
    const pen = fitCanvas(canvas, root.clientWidth, root.clientHeight);
    const paper = { pen, ink: inks(root), small, ...shown, picture: boxOf(picture), line: boxOf(line), large: boxOf(large) };
    drawPicture(paper);
    drawLine(paper);
    drawLarge(paper);
    if (shown.flying) drawFlight(paper);
  }
  const observer = new ResizeObserver(draw);
  observer.observe(root);
  return {
    root,
    show(scene, grey, flying) {
      shown = { scene, grey, flying };
      paint(small, scene.values, SIDE, SIDE, grey, 0, 255);
      inPicture.tell(cellInWords(scene.row, scene.column), { now: scene.place, low: 0, high: PIXELS - 1 });
      inLine.tell(lineWords(scene.place), { now: scene.place, low: 0, high: PIXELS - 1 });
      draw();
    },
    close: () => observer.disconnect(),
  };
}

function boxOf({ offsetLeft: x, offsetTop: y, clientWidth: width, clientHeight: height }) {
  return { x, y, width, height };
}

/** The pixels that are in the line, in full, and those of the picture that have left it. */
function counts({ scene: { placed }, flying }) {
  return flying ? underWay(placed) : [placed, placed];
}

function drawPicture(paper) {
  const { pen, ink, small, scene, picture: { x, y, width } } = paper;
  const cell = width / SIDE;
  const [, left] = counts(paper);
  pen.globalAlpha = GHOST;
  pen.drawImage(small, x, y, width, width);
  pen.globalAlpha = 1;
  eachRow(left, PIXELS, (row, from, count) => {
    pen.drawImage(small, from, row, count, 1, x + from * cell, y + row * cell, count * cell, cell);
  });
  pen.strokeStyle = ink.line;
  pen.lineWidth = 1;
  pen.strokeRect(x - 0.5, y - 0.5, width + 1, width + 1);
  const at = (row, column) => [x + column * cell, y + row * cell];
  const [across, down] = at(scene.row, scene.column);
  if (scene.right !== null) arrow(pen, ink.positive, across + cell / 2, down + cell / 2, 1.6 * cell, 0);
  if (scene.below !== null) arrow(pen, ink.negative, across + cell / 2, down + cell / 2, 0, 1.6 * cell);
  frame(pen, ink.mark, across, down, cell, cell);
}

/** From `begin` to before `end`, the part of each row: draw(row, first column, count). */
function eachRow(begin, end, draw) {
  for (let row = Math.floor(begin / SIDE); row * SIDE < end; row += 1) {
    const from = Math.max(begin - row * SIDE, 0);
    const to = Math.min(end - row * SIDE, SIDE);
    if (to > from) draw(row, from, to - from);
  }
}

function drawLine(paper) {
  const { pen, ink, small, scene, line: { x, y, width, height }, large } = paper;
  const step = width / PIXELS;
  pen.fillStyle = ink.raised;
  pen.fillRect(x, y, width, height);
  pen.imageSmoothingEnabled = step < 1;
  eachRow(0, counts(paper)[0], (row, from, count) => {
    pen.drawImage(small, from, row, count, 1, x + (row * SIDE + from) * step, y, count * step, height);
  });
  pen.imageSmoothingEnabled = false;
  pen.strokeStyle = ink.line;
  pen.lineWidth = 1;
  pen.strokeRect(x - 0.5, y - 0.5, width + 1, height + 1);
  pen.fillStyle = ink.quiet;
  pen.font = ink.font(11);
  for (let row = 0; row < SIDE; row += 1) pen.fillRect(Math.round(x + row * SIDE * step), y + height + 2, 1, row % 7 === 0 ? 6 : 3);
  for (const place of LABELLED) {
    pen.textAlign = place === 0 ? "left" : place === PIXELS - 1 ? "right" : "center";
    pen.fillText(place === 0 ? "place 0" : String(place), x + (place + (place === PIXELS - 1 ? 1 : 0)) * step, y + height + 15);
  }
  const many = placesShown(large);
  const first = firstShown(scene.place, many);
  pen.beginPath(); // from this part to where it is shown large
  pen.moveTo(x + first * step, y + height + 22);
  pen.lineTo(large.x, large.y + ARCS);
  pen.moveTo(x + (first + many) * step, y + height + 22);
  pen.lineTo(large.x + large.width, large.y + ARCS);
  pen.stroke();
  pen.strokeStyle = ink.quiet;
  pen.strokeRect(x + first * step, y - 2.5, many * step, height + 5);
  pointer(pen, ink.mark, x + (scene.place + 0.5) * step, y - 4);
  if (scene.below !== null) pointer(pen, ink.negative, x + (scene.below + 0.5) * step, y - 4);
}

/** The places around the chosen one, with arcs to the places of its neighbours. */
function drawLarge(paper) {
  const { pen, ink, scene, grey, large: { x, y, width, height } } = paper;
  const many = placesShown(paper.large);
  const first = firstShown(scene.place, many);
  const step = width / many;
  const bottom = height - ARCS - 18; // below it stand the labels
  const top = y + ARCS;
  const [arrived] = counts(paper);
  const left = (place) => x + (place - first) * step;
  for (let place = first; place < first + many; place += 1) {
    pen.fillStyle = place < arrived ? css(grey[scene.values[place]]) : ink.raised;
    pen.fillRect(left(place), top, step, bottom);
    pen.fillStyle = ink.quiet;
    if (place % SIDE === 0) pen.fillRect(left(place) - 0.5, top - 5, 1, bottom + 8); // a row begins
  }
  pen.strokeStyle = ink.line;
  pen.lineWidth = 1;
  pen.strokeRect(x - 0.5, top - 0.5, width + 1, bottom + 1);
  pen.font = ink.font(12, 600);
  const label = top + bottom + 12;
  const middle = (place) => left(place) + step / 2;
  write(pen, ink.text, String(scene.place), left(scene.place + 1) - 1, label, "right");
  if (scene.right !== null) {
    arc(pen, ink.positive, middle(scene.place), middle(scene.right), top, 9);
    write(pen, ink.positive, `${scene.right}${step > 10 ? " right" : ""}`, left(scene.right) + 2, label, "left");
    frame(pen, ink.positive, left(scene.right), top, step, bottom);
  }
  if (scene.below !== null) {
    arc(pen, ink.negative, middle(scene.place), middle(scene.below), top, ARCS - 8);
    write(pen, ink.negative, `${SIDE} places on`, (middle(scene.place) + middle(scene.below)) / 2, top - ARCS + 22, "center");
    write(pen, ink.negative, `${scene.below}${step > 10 ? " below" : ""}`, left(scene.below + 1), label, step > 10 ? "center" : "right");
    frame(pen, ink.negative, left(scene.below), top, step, bottom);
  }
  frame(pen, ink.mark, left(scene.place), top, step, bottom);
}

function placesShown({ width }) {
  return width >= WIDE ? MANY : FEW;
}

function drawFlight(paper) {
  const { pen, scene, grey, picture, line } = paper;
  const cell = picture.width / SIDE;
  const step = line.width / PIXELS;
  const [from, to] = underWay(scene.placed);
  for (let place = from; place < to; place += 1) {
    const share = progress(place, scene.placed);
    const { row, column } = pixelAt(place);
    const between = (start, end, part) => start + (end - start) * part;
    const size = share * share * share; // it stays large while it falls
    pen.fillStyle = css(grey[scene.values[placeOf(row, column)]]);
    pen.fillRect(
      between(picture.x + column * cell, line.x + place * step, share * share), between(picture.y + row * cell, line.y, share),
      between(cell, Math.max(step, 1), size), between(cell, line.height, size),
    );
  }
}

function css(pixel) {
  return `rgb(${pixel & 255}, ${(pixel >> 8) & 255}, ${(pixel >> 16) & 255})`;
}

/** A frame that is seen on black and on white. */
function frame(pen, colour, x, y, width, height) {
  pen.lineWidth = 4;
  pen.strokeStyle = "#fff";
  pen.strokeRect(x, y, width, height);
  pen.lineWidth = 2;
  pen.strokeStyle = colour;
  pen.strokeRect(x, y, width, height);
}

function arrow(pen, colour, x, y, right, down) {
  const [tipX, tipY] = [x + right, y + down];
  const [alongX, alongY] = [Math.sign(right) * 5, Math.sign(down) * 5];
  for (const [width, ink] of /** @type {[number, string][]} */ ([[5, "#fff"], [2.5, colour]])) {
    pen.lineWidth = width;
    pen.strokeStyle = ink;
    pen.beginPath();
    pen.moveTo(x, y);
    pen.lineTo(tipX, tipY);
    pen.moveTo(tipX - alongX - alongY, tipY - alongY - alongX);
    pen.lineTo(tipX, tipY);
    pen.lineTo(tipX - alongX + alongY, tipY - alongY + alongX);
    pen.stroke();
  }
}

function arc(pen, colour, from, to, bottom, height) {
  pen.lineWidth = 2;
  pen.strokeStyle = colour;
  pen.beginPath();
  pen.moveTo(from, bottom - 2);
  pen.bezierCurveTo(from, bottom - 1.3 * height, to, bottom - 1.3 * height, to, bottom - 2);
  pen.stroke();
}

function pointer(pen, colour, x, y) {
  pen.fillStyle = colour;
  pen.beginPath();
  pen.moveTo(x, y);
  pen.lineTo(x - 5, y - 8);
  pen.lineTo(x + 5, y - 8);
  pen.fill();
}

function write(pen, colour, text, x, y, align) {
  pen.fillStyle = colour;
  pen.textAlign = align;
  pen.fillText(text, x, y);
}
