// The designs of DesignSpace as dots: a row for each depth, from few parameters to many.
import { element } from "../../widgets/instrument.js";
import { clamp, formatCount } from "../../widgets/numbers.js";
import { fitCanvas, handle, place } from "../parts/drawing.js";
import { countText } from "../maths/designs.js";
import { uniforms } from "../maths/random.js";

const MARGIN = { left: 26, right: 88, top: 26, bottom: 40 };
export const VIEW_HEIGHT = 186; // CSS pixels, as in design_space.css
const PLOT_HEIGHT = VIEW_HEIGHT - MARGIN.top - MARGIN.bottom;

/** onChoose(widths) while the learner points at a dot, onRelease() after. Returns {root, resize(width), show(scene), move(scene)}. */
export function designCloud({ onChoose, onRelease }) {
  const base = element("canvas", { class: "cc-sheet", role: "img", "aria-label": "Designs by number of hidden layers and of parameters" });
  const overlay = element("canvas", { class: "cc-sheet cc-overlay", "aria-hidden": "true" });
  const area = handle({
    label: "Designs. Left and right arrow keys go to fewer or more parameters, up and down to fewer or more hidden layers.",
    onMove: point, onStep: step, main: true,
  });
  const root = element("div", { class: "cc-stage cc-ds-cloud" }, base, overlay, area.root);
  /** @type {Record<string, any>} what the drawing functions below share; ground and pen draw on the base and on the overlay */
  const sheet = { width: 0, scene: null, ground: null, pen: null, places: [] }; // of each row's dots, {x, y}

  function resize(width) {
    sheet.width = width;
    if (sheet.scene) show(sheet.scene);
  }

  function show(scene) {
    sheet.scene = scene;
    const { width } = sheet;
    if (width === 0) return;
    Object.assign(sheet, { ground: fitCanvas(base, width, VIEW_HEIGHT), pen: fitCanvas(overlay, width, VIEW_HEIGHT) });
    sheet.places = dotPlaces(sheet);
    place(area.root, { x: MARGIN.left, y: MARGIN.top, width: plotWidth(sheet), height: PLOT_HEIGHT });
    drawAxes(sheet);
    drawDots(sheet);
    move(scene);
  }

  function move(scene) {
    sheet.scene = scene;
    if (sheet.width === 0) return;
    drawRing(sheet);
    const { parameters, least, most, widths } = scene;
    area.tell(`${formatCount(parameters)} parameters, hidden layers of ${widths.join(", ")} neurons`,
      { now: parameters, low: least, high: most });
  }

  function point(shareX, shareY, phase) {
    choose(Math.floor(shareY * sheet.scene.dots.length), MARGIN.left + shareX * plotWidth(sheet), MARGIN.top + shareY * PLOT_HEIGHT);
    if (phase === "end") onRelease();
  }

  function choose(row, x, y) {
    const dot = nearest(sheet, row, x, y);
    if (dot) onChoose(sheet.scene.dots[row][dot.index].widths);
  }

  function step(rows, columns) {
    const { dots, widths, parameters } = sheet.scene;
    const row = widths.length - 1;
    const next = clamp(row + rows, 0, dots.length - 1);
    if (next !== row) choose(next, toX(sheet, parameters), middle(sheet, next));
    else if (columns) onChoose(neighbour(sheet, dots[row], columns).widths);
    onRelease();
  }

  return { root, resize, show, move };
}

function rowHeight(sheet) {
  const { scene } = sheet;
  return PLOT_HEIGHT / scene.dots.length;
}

function plotWidth(sheet) {
  return sheet.width - MARGIN.left - MARGIN.right;
}

function toX(sheet, parameters) {
  const { least, most } = sheet.scene;
  return MARGIN.left + (plotWidth(sheet) * Math.log(parameters / least)) / Math.log(most / least);
}

function middle(sheet, row) {
  return MARGIN.top + (row + 0.5) * rowHeight(sheet);
}

function drawAxes(sheet) {
  const { ground, scene, width } = sheet;
  const { ink } = scene;
  const bottom = VIEW_HEIGHT - MARGIN.bottom;
  ground.font = ink.font(12);
  ground.fillStyle = ink.quiet;
  ground.strokeStyle = ink.line;
  ground.textAlign = "left";
  ground.fillText("hidden layers", 0, 10);
  ground.textAlign = "right";
  ground.fillText("designs", width, 10);
  ground.textAlign = "center";
  ground.fillText("parameters", MARGIN.left + plotWidth(sheet) / 2, VIEW_HEIGHT - 8);
  const roomy = toX(sheet, 10 * scene.least) - toX(sheet, scene.least) > 72; // pixels between labels
  for (let power = Math.ceil(Math.log10(scene.least)); 10 ** power <= scene.most; power += 1) {
    const x = toX(sheet, 10 ** power);
    ground.fillText(roomy ? formatCount(10 ** power) : `10${"⁰¹²³⁴⁵⁶⁷⁸⁹"[power]}`, x, bottom + 12);
    line(sheet, x, MARGIN.top, x, bottom);
  }
  scene.counts.forEach((count, row) => {
    ground.fillStyle = ink.text;
    ground.textAlign = "left";
    ground.fillText(String(row + 1), 4, middle(sheet, row));
    ground.textAlign = "right";
    ground.fillText(countText(count, 10n ** 9n), width, middle(sheet, row));
    const y = MARGIN.top + row * rowHeight(sheet);
    line(sheet, 0, y, width, y);
  });
  line(sheet, 0, bottom, width, bottom);
  if (scene.budget > 0) drawBudget(sheet, bottom);
}

function drawBudget(sheet, bottom) {
  const { ground, scene } = sheet;
  const x = toX(sheet, scene.budget);
  ground.strokeStyle = scene.ink.bad;
  ground.setLineDash([5, 4]);
  line(sheet, x, MARGIN.top - 4, x, bottom);
  ground.setLineDash([]);
  ground.fillStyle = scene.ink.bad;
  ground.textAlign = "center";
  ground.fillText(`limit ${formatCount(scene.budget)}`, x, 10);
}

function line(sheet, fromX, fromY, toX_, toY_) {
  const { ground } = sheet;
  ground.beginPath();
  ground.moveTo(fromX, fromY);
  ground.lineTo(toX_, toY_);
  ground.stroke();
}

/** Where the dots of each row go: a little apart, the same every time. */
function dotPlaces(sheet) {
  const next = uniforms(1);
  return sheet.scene.dots.map((dots, row) => {
    const spread = Math.min(rowHeight(sheet) - 10, 4 + dots.length * 2);
    return dots.map(({ parameters }) => ({ x: toX(sheet, parameters), y: middle(sheet, row) + (next() - 0.5) * spread }));
  });
}

function drawDots(sheet) {
  const { ground, scene, places } = sheet;
  ground.fillStyle = scene.ink.accent;
  ground.globalAlpha = 0.55;
  for (const { x, y } of places.flat()) ground.fillRect(x - 1.5, y - 1.5, 3, 3);
  ground.globalAlpha = 1;
}

/** The network that is shown, as a ring in its row. */
function drawRing(sheet) {
  const { pen, scene, width } = sheet;
  const [x, centre] = [toX(sheet, scene.parameters), middle(sheet, scene.widths.length - 1)];
  const y = nearest(sheet, scene.widths.length - 1, x, centre, 0.5)?.y ?? centre;
  pen.clearRect(0, 0, width, VIEW_HEIGHT);
  pen.strokeStyle = scene.ink.text;
  pen.lineWidth = 2;
  pen.beginPath();
  pen.arc(x, y, 6, 0, 7);
  pen.stroke();
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(x, y + 6);
  pen.lineTo(x, VIEW_HEIGHT - MARGIN.bottom);
  pen.stroke();
}

/** The dot of a row that is nearest to a point, with its place; null if none lies within `reach` pixels along x. */
function nearest(sheet, row, x, y, reach = Infinity) {
  const { places } = sheet;
  let best = null;
  for (const [index, spot] of places[row].entries()) {
    const distance = Math.hypot(spot.x - x, spot.y - y);
    if (Math.abs(spot.x - x) <= reach && (best === null || distance < best.distance)) best = { ...spot, index, distance };
  }
  return best;
}

/** So many dots on, or back, from the network that is shown. */
function neighbour(sheet, dots, steps) {
  const { scene } = sheet;
  const above = dots.findIndex(({ parameters }) => parameters > scene.parameters);
  const below = dots.findLastIndex(({ parameters }) => parameters < scene.parameters);
  const from = steps > 0 ? (above < 0 ? dots.length : above) - 1 : below + 1;
  return dots[clamp(from + steps, 0, dots.length - 1)];
}
