// The designs of DesignSpace as dots: a row for each depth, from few parameters to many.
import { element, formatCount } from "../widgets/instrument.js";
import { clamp, fitCanvas, handle, place } from "./drawing.js";
import { countText } from "./maths/designs.js";
import { uniforms } from "./maths/random.js";

const MARGIN = { left: 26, right: 88, top: 26, bottom: 40 };
export const VIEW_HEIGHT = 300;

/** onChoose(widths) while the learner points at a dot, onRelease() after. Returns {root, resize(width), show(scene), move(scene)}. */
export function designCloud({ onChoose, onRelease }) {
  const base = element("canvas", { class: "cc-sheet", role: "img", "aria-label": "Designs by number of hidden layers and of parameters" });
  const overlay = element("canvas", { class: "cc-sheet cc-overlay", "aria-hidden": "true" });
  const area = handle({
    label: "Designs. Left and right arrow keys go to fewer or more parameters, up and down to fewer or more hidden layers.",
    onMove: point, onStep: step, main: true,
  });
  const root = element("div", { class: "cc-stage cc-ds-cloud" }, base, overlay, area);
  let width = 0;
  let scene = null;
  let ground = null;
  let pen = null;
  let places = []; // of each row's dots, {x, y}

  const rowHeight = () => (VIEW_HEIGHT - MARGIN.top - MARGIN.bottom) / scene.dots.length;
  const plotWidth = () => width - MARGIN.left - MARGIN.right;
  const toX = (parameters) => MARGIN.left
    + (plotWidth() * Math.log(parameters / scene.least)) / Math.log(scene.most / scene.least);
  const middle = (row) => MARGIN.top + (row + 0.5) * rowHeight();

  function resize(next) {
    width = next;
    if (scene) show(scene);
  }

  function show(next) {
    scene = next;
    if (width === 0) return;
    ground = fitCanvas(base, width, VIEW_HEIGHT);
    pen = fitCanvas(overlay, width, VIEW_HEIGHT);
    place(area, { x: MARGIN.left, y: MARGIN.top, width: plotWidth(), height: VIEW_HEIGHT - MARGIN.top - MARGIN.bottom });
    drawAxes();
    drawDots();
    move(scene);
  }

  function drawAxes() {
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
    ground.fillText("parameters", MARGIN.left + plotWidth() / 2, VIEW_HEIGHT - 8);
    const roomy = toX(10 * scene.least) - toX(scene.least) > 72; // pixels between labels
    for (let power = Math.ceil(Math.log10(scene.least)); 10 ** power <= scene.most; power += 1) {
      const x = toX(10 ** power);
      ground.fillText(roomy ? formatCount(10 ** power) : `10${"⁰¹²³⁴⁵⁶⁷⁸⁹"[power]}`, x, bottom + 12);
      line(x, MARGIN.top, x, bottom);
    }
    scene.counts.forEach((count, row) => {
      ground.fillStyle = ink.text;
      ground.textAlign = "left";
      ground.fillText(String(row + 1), 4, middle(row));
      ground.textAlign = "right";
      ground.fillText(countText(count, 10n ** 9n), width, middle(row));
      const y = MARGIN.top + row * rowHeight();
      line(0, y, width, y);
    });
    line(0, bottom, width, bottom);
    if (scene.budget > 0) drawBudget(bottom);
  }

  function drawBudget(bottom) {
    const x = toX(scene.budget);
    ground.strokeStyle = scene.ink.bad;
    ground.setLineDash([5, 4]);
    line(x, MARGIN.top - 4, x, bottom);
    ground.setLineDash([]);
    ground.fillStyle = scene.ink.bad;
    ground.textAlign = "center";
    ground.fillText(`limit ${formatCount(scene.budget)}`, x, 10);
  }

  function line(fromX, fromY, toX_, toY_) {
    ground.beginPath();
    ground.moveTo(fromX, fromY);
    ground.lineTo(toX_, toY_);
    ground.stroke();
  }

  function drawDots() {
    const next = uniforms(1);
    places = scene.dots.map((dots, row) => {
      const room = Math.min(rowHeight() - 10, 4 + dots.length * 2);
      return dots.map(({ parameters }) => ({ x: toX(parameters), y: middle(row) + (next() - 0.5) * room }));
    });
    ground.fillStyle = scene.ink.accent;
    ground.globalAlpha = 0.55;
    for (const { x, y } of places.flat()) ground.fillRect(x - 1.5, y - 1.5, 3, 3);
    ground.globalAlpha = 1;
  }

  /** The network that is shown, as a ring in its row. */
  function move(next) {
    scene = next;
    if (width === 0) return;
    pen.clearRect(0, 0, width, VIEW_HEIGHT);
    const [x, y] = [toX(scene.parameters), middle(scene.widths.length - 1)];
    const same = nearest(scene.widths.length - 1, x, y, 0.5);
    pen.strokeStyle = scene.ink.text;
    pen.lineWidth = 2;
    pen.beginPath();
    pen.arc(x, same?.y ?? y, 6, 0, 7);
    pen.stroke();
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(x, (same?.y ?? y) + 6);
    pen.lineTo(x, VIEW_HEIGHT - MARGIN.bottom);
    pen.stroke();
    const widths = scene.widths.join(", ");
    area.setAttribute("aria-description", `${formatCount(scene.parameters)} parameters, hidden layers of ${widths} neurons`);
  }

  /** The dot of a row that is nearest to a point, with its place; null if none lies within `reach` pixels along x. */
  function nearest(row, x, y, reach = Infinity) {
    let best = null;
    places[row].forEach((spot, index) => {
      const distance = Math.hypot(spot.x - x, spot.y - y);
      if (Math.abs(spot.x - x) <= reach && (best === null || distance < best.distance)) best = { ...spot, index, distance };
    });
    return best;
  }

  function point(shareX, shareY, phase) {
    const [x, y] = [MARGIN.left + shareX * plotWidth(), MARGIN.top + shareY * (VIEW_HEIGHT - MARGIN.top - MARGIN.bottom)];
    choose(Math.floor(shareY * scene.dots.length), x, y);
    if (phase === "end") onRelease();
  }

  function choose(row, x, y) {
    onChoose(scene.dots[row][nearest(row, x, y).index].widths);
  }

  function step(rows, columns) {
    const row = scene.widths.length - 1;
    const next = clamp(row + rows, 0, scene.dots.length - 1);
    if (next !== row) choose(next, toX(scene.parameters), middle(next));
    else if (columns) onChoose(neighbour(scene.dots[row], columns).widths);
    onRelease();
  }

  /** So many dots on, or back, from the network that is shown. */
  function neighbour(dots, steps) {
    const above = dots.findIndex(({ parameters }) => parameters > scene.parameters);
    const below = dots.findLastIndex(({ parameters }) => parameters < scene.parameters);
    const from = steps > 0 ? (above < 0 ? dots.length : above) - 1 : below + 1;
    return dots[clamp(from + steps, 0, dots.length - 1)];
  }

  return { root, resize, show, move };
}
