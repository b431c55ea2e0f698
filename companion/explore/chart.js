// The curve of a loss, on a logarithmic scale, with axes.

const EDGE = { left: 46, right: 10, top: 10, bottom: 32 };

/** Draw `losses` (one after each change of the kernel) on `canvas`; `floor` stands for all that is below it. */
export function drawLossCurve(canvas, losses, floor) {
  const { clientWidth: width, clientHeight: height } = canvas;
  if (width === 0) return;
  const ratio = devicePixelRatio;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  const style = getComputedStyle(canvas);
  const colour = (name) => style.getPropertyValue(name);
  const power = (loss) => Math.log10(Number.isFinite(loss) ? Math.max(loss, floor) : 1e12);
  const powers = losses.map(power);
  const high = Math.ceil(powers.reduce((a, b) => Math.max(a, b), Math.log10(floor)) + 0.01);
  const low = Math.min(Math.floor(powers.reduce((a, b) => Math.min(a, b), high)), high - 2);
  const last = Math.max(losses.length - 1, 10);
  const x = (index) => EDGE.left + (index / last) * (width - EDGE.left - EDGE.right);
  const y = (value) => EDGE.top + ((high - value) / (high - low)) * (height - EDGE.top - EDGE.bottom);

  context.font = `12px ${style.fontFamily}`;
  context.fillStyle = colour("--cc-quiet");
  context.strokeStyle = colour("--cc-line");
  context.textAlign = "right";
  context.textBaseline = "middle";
  const every = Math.ceil((high - low) / 5);
  for (let value = high; value >= low; value -= every) {
    context.fillText(tick(value), EDGE.left - 6, y(value));
    line(context, [[EDGE.left, y(value)], [width - EDGE.right, y(value)]]);
  }
  context.textBaseline = "alphabetic";
  context.fillText(String(last), width - EDGE.right, height - EDGE.bottom + 16);
  context.textAlign = "left";
  context.fillText("0", EDGE.left, height - EDGE.bottom + 16);
  context.textAlign = "center";
  context.fillText("changes of the kernel", (EDGE.left + width - EDGE.right) / 2, height - 4);

  context.strokeStyle = colour("--cc-accent");
  context.fillStyle = colour("--cc-accent");
  context.lineWidth = 2;
  context.lineJoin = "round";
  const stride = Math.max(1, Math.floor(powers.length / (2 * width))); // more points than pixels show nothing more
  line(context, powers.flatMap((value, index) => (index % stride === 0 || index === powers.length - 1 ? [[x(index), y(value)]] : [])));
  if (powers.length > 0) {
    context.beginPath();
    context.arc(x(powers.length - 1), y(powers.at(-1)), 3.5, 0, 2 * Math.PI);
    context.fill();
  }
}

function line(context, points) {
  context.beginPath();
  points.forEach(([x, y], index) => (index === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
  context.stroke();
}

function tick(power) {
  return power >= -3 && power <= 3 ? String(Number((10 ** power).toPrecision(1))) : `1e${power}`;
}
