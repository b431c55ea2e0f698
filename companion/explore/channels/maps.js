// All output maps of Channels as thumbnails, computed a few at a time so that no control waits for them.
import { element } from "../../widgets/instrument.js";
import { magnitude, paint } from "../../widgets/pictures.js";
import { movable } from "../../widgets/gestures.js";
import { clamp } from "../../widgets/numbers.js";
import { fitCanvas } from "../parts/drawing.js";
import { featureMap, spread } from "../maths/channels.js";

const SAMPLES = 64; // a thumbnail shows at most so many positions a side
const SLICE_MS = 6; // of each frame, for computing

/** A strip of thumbnails to choose from. onChoose(channel) is called with an index from 0.
 *  Returns {root, resize(width), show(scene), choose(scene), close()}. */
export function mapStrip({ onChoose }) {
  const canvas = element("canvas", { class: "cc-sheet cc-ch-strip", });
  const scratch = document.createElement("canvas");
  let width = 0;
  let scene = null;
  let pen = null;
  let tiles = []; // computed maps, {values, count, peak}
  let running = 0; // the animation frame that computes on

  const choose = (index) => onChoose(clamp(index, 0, scene.channelsOut - 1));
  const { tell } = movable(canvas, {
    label: "Output channel", onStep: (rows, steps) => choose(scene.channel + rows * columns() + steps),
    onMove(x, y, phase) {
      if (phase !== "end" && scene) choose(Math.floor(y * rowCount()) * columns() + Math.floor((x * width) / pitch()));
    },
  });

  const side = () => (scene.channelsOut <= 16 ? 52 : 40);
  const pitch = () => side() + 10;
  const columns = () => Math.max(1, Math.floor((width + 4) / pitch()));
  const rowCount = () => Math.ceil(scene.channelsOut / columns());

  function show(next) {
    scene = next;
    tiles = [];
    redraw();
    cancelAnimationFrame(running);
    running = requestAnimationFrame(compute);
  }

  function resize(next) {
    width = next;
    if (scene) redraw();
  }

  function redraw() {
    if (width === 0) return;
    pen = fitCanvas(canvas, width, rowCount() * (pitch() + 14));
    for (let index = 0; index < scene.channelsOut; index += 1) drawTile(index);
    describe();
  }

  function compute() {
    const until = performance.now() + SLICE_MS;
    const positions = spread(scene.outSize, SAMPLES);
    while (tiles.length < scene.channelsOut && performance.now() < until) {
      const values = featureMap(scene.planes, scene.side, scene.bank[tiles.length], scene.stride, positions);
      tiles.push({ values, count: positions.length, peak: magnitude(values) });
      drawTile(tiles.length - 1);
    }
    if (tiles.length < scene.channelsOut) running = requestAnimationFrame(compute);
  }

  function drawTile(index) {
    if (!pen) return;
    const x = (index % columns()) * pitch() + 3;
    const y = Math.floor(index / columns()) * (pitch() + 14) + 3;
    const chosen = index === scene.channel;
    pen.clearRect(x - 3, y - 3, pitch(), pitch() + 14);
    const tile = tiles[index];
    pen.fillStyle = scene.ink.raised;
    pen.fillRect(x, y, side(), side());
    if (tile) {
      paint(scratch, tile.values, tile.count, tile.count, scene.weightTable, -tile.peak, tile.peak);
      pen.imageSmoothingEnabled = tile.count > side();
      pen.drawImage(scratch, x, y, side(), side());
    }
    pen.lineWidth = chosen ? 3 : 1;
    pen.strokeStyle = chosen ? scene.ink.accent : scene.ink.line;
    pen.strokeRect(x - 0.5, y - 0.5, side() + 1, side() + 1);
    pen.font = scene.ink.font(12, chosen ? 700 : 400);
    pen.fillStyle = chosen ? scene.ink.text : scene.ink.quiet;
    pen.textAlign = "center";
    pen.fillText(String(index + 1), x + side() / 2, y + side() + 11);
  }

  /** Another channel is chosen: redraw the old and the new tile. */
  function showChoice(next) {
    const old = scene.channel;
    scene = next;
    if (width === 0) return;
    drawTile(old);
    drawTile(scene.channel);
    describe();
  }

  function describe() {
    tell(`${scene.channel + 1} of ${scene.channelsOut}: ${scene.filter.name}`, { now: scene.channel + 1, low: 1, high: scene.channelsOut });
  }

  return { root: canvas, resize, show, choose: showChoice, close: () => cancelAnimationFrame(running) };
}
