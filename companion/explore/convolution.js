// One kernel sliding over one picture: the window, its sum, and the feature map that the sums make.
import {
  element, instrument, slider, dropdown, radios, button, statusLine, numberGrid, formatNumber, frame,
  colourTables, watchTheme, paint, magnitude, figure, onDrag, onArrows, bytes, inStep,
} from "../widgets/instrument.js";
import { picturePicker } from "./pictures.js";
import { sumView } from "./sum_view.js";
import { tintTables, colourCell, cellText } from "./tints.js";
import { outputSize, span } from "./maths/arithmetic.js";
import { conv2d, windowPixels, flipped, resized, shrunk } from "./maths/conv2d.js";
import { toRows } from "./maths/matrix.js";

const SENT = 128; // the size at which pictures are sent, uploaded and drawn
const STAGE = 256; // CSS pixels, as in convolution.css
const OWN = "own numbers";
const SPEEDS = [1, 2, 5, 10, 30, 100, 300, 1000]; // windows a second
const TRAITS = ["picture", "kernel", "mode", "size", "padding", "stride", "dilation", "row", "column"];

function render({ model, el }) {
  const pictures = gallery(model);
  const state = Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  const { edit, close } = inStep(model, TRAITS, state, reload);
  const weights = () => Float64Array.from(state.kernel.flat());
  let mapColours = "auto";
  let source = (pictures.find(({ name }) => name === state.picture) ?? pictures[0]).pixels;
  let pixels; // the source at the size that was chosen
  let colours;
  let tints;
  let map = { values: [], height: 0, width: 0 };
  let applied = []; // the kernel as it is laid on the picture: turned by 180 degrees for convolution
  let patch = new Float64Array(0); // the pixels under the window
  let scale = 1; // CSS pixels for a picture's pixel
  let range = { table: "grey", low: 0, high: 255 }; // what the map's colours stand for
  let tour = null; // the windows visited so far while stepping through, or null
  const stale = { picture: true, map: true, window: true };

  const root = instrument(el, "Convolution",
    "Drag the window over the picture. Each position gives one sum, and each sum is one pixel of the feature map.");
  root.classList.add("cc-convolution");
  const input = stage("Input", "Input picture. Arrow keys move the window by one stride, Home and End to the ends of the row.");
  const output = stage("Feature map", "Feature map. Arrow keys move the window by one output pixel.");
  const veil = [element("div", { class: "cc-veil" }), element("div", { class: "cc-veil" })];
  output.stage.append(...veil);
  input.stage.setAttribute("data-cc-drag", "");
  const sums = sumView();
  const spoken = element("p", { class: "cc-unseen", role: "status" });
  const picker = picturePicker({ pictures, size: SENT, selected: state.picture, onPick: choosePicture });
  const controls = kernelAndSliding();
  const player = playControls();
  const sizes = sizeView();
  root.append(
    picker.root,
    element("div", { class: "cc-bench" },
      element("div", { class: "cc-pair" }, input.root, output.root), player.root, controls.kernel, controls.sliding),
    element("div", { class: "cc-column cc-below" }, sums.root, sizes.root), spoken,
  );

  // ------------------------------------------------------------------------------------- state to picture

  const update = frame(() => {
    if (stale.map) recompute();
    if (stale.picture) drawPicture();
    if (stale.map && map.width > 0) drawMap();
    drawWindow();
    stale.picture = false;
    stale.map = false;
  });

  function change(changes, parts = ["map"]) {
    edit(changes);
    for (const part of parts) stale[part] = true;
    if (parts.includes("map")) tour = null;
    update();
  }

  function recompute() {
    applied = state.mode === "convolution" ? flipped(weights()) : weights();
    if (patch.length !== applied.length) {
      patch = new Float64Array(applied.length);
      sums.resize(state.kernel.length);
    }
    const rows = outputSize(state.size, state.kernel.length, state);
    sizes.show(state, rows);
    root.dataset.empty = rows < 1;
    if (rows < 1) return; // the last map stays, greyed
    map = conv2d(pixels, state.size, state.size, applied, state.kernel.length, state);
    state.row = Math.min(state.row, map.height - 1);
    state.column = Math.min(state.column, map.width - 1);
  }

  function drawPicture() {
    const { size, padding } = state;
    const padded = size + 2 * padding;
    const values = new Uint8Array(padded * padded);
    for (let row = 0; row < size; row += 1) {
      values.set(pixels.subarray(row * size, (row + 1) * size), (row + padding) * padded + padding);
    }
    paint(input.canvas, values, padded, padded, colours.grey, 0, 255);
    scale = STAGE / padded;
    place(input.canvas, padded * scale, padded * scale, 0, 0);
    place(input.frame, size * scale, size * scale, padding * scale, padding * scale);
    input.frame.hidden = padding === 0;
    input.caption.textContent = padding === 0
      ? `Input, ${size} × ${size} pixels`
      : `Input, ${size} × ${size}; with its zeros ${padded} × ${padded} pixels`;
  }

  function drawMap() {
    const sum = weights().reduce((total, weight) => total + weight, 0);
    const asPicture = mapColours === "grey" || (mapColours === "auto" && Math.abs(sum - 1) < 0.01);
    const reach = magnitude(map.values);
    range = asPicture ? { table: "grey", low: 0, high: 255 } : { table: "diverging", low: -reach, high: reach };
    paint(output.canvas, map.values, map.height, map.width, colours[range.table], range.low, range.high);
    const left = (STAGE - map.width * scale) / 2;
    const top = (STAGE - map.height * scale) / 2;
    Object.assign(output, { left, top });
    place(output.canvas, map.width * scale, map.height * scale, left, top);
    output.caption.textContent = `Feature map, ${map.height} × ${map.width} pixels`;
    controls.legend(asPicture, reach);
    sums.kernel(applied, tints, state.mode === "convolution" ? "× kernel, turned by 180°" : "× kernel");
    controls.tint();
    const side = span(state.kernel.length, state.dilation);
    drawOutline(input.window, side * scale, state.kernel.length, state.dilation * scale, scale);
    drawOutline(output.window, scale, 1, scale, scale);
  }

  function drawWindow() {
    if (map.width === 0 || root.dataset.empty === "true") return;
    const { row, column } = state;
    windowPixels(pixels, state.size, state.size, state.kernel.length, state, row, column, patch);
    sums.show(patch, `Row ${row}, column ${column}`, tints, range);
    move(input.window, column * state.stride * scale, row * state.stride * scale);
    move(output.window, output.left + column * scale, output.top + row * scale);
    drawVeil();
  }

  /** While stepping through, what lies after the window is covered: the rest of its row and all rows below. */
  function drawVeil() {
    for (const node of veil) node.hidden = tour === null;
    if (tour === null) return;
    const { row, column } = state;
    place(veil[0], (map.width - column - 1) * scale, scale, output.left + (column + 1) * scale, output.top + row * scale);
    place(veil[1], map.width * scale, (map.height - row - 1) * scale, output.left, output.top + (row + 1) * scale);
  }

  // ------------------------------------------------------------------------------------- gestures

  function moveWindow(row, column) {
    const limit = (value, count) => Math.min(Math.max(value, 0), count - 1);
    if (map.width === 0) return;
    const next = { row: limit(row, map.height), column: limit(column, map.width) };
    if (next.row === state.row && next.column === state.column) return;
    change(next, ["window"]);
  }
  function stepWindow(rows, columns) {
    if (map.width === 0) return;
    tour = null;
    moveWindow(state.row + rows, state.column + columns);
    const { row, column } = state;
    spoken.textContent = `Window at row ${row}, column ${column}: ${cellText(map.values[row * map.width + column])}`;
  }
  onDrag(input.stage, (x, y) => {
    player.pause();
    tour = null;
    const half = span(state.kernel.length, state.dilation) / 2;
    const at = (fraction) => Math.round(((fraction * STAGE) / scale - half) / state.stride);
    moveWindow(at(y), at(x));
  });
  onDrag(output.stage, (x, y) => {
    player.pause();
    tour = null;
    moveWindow(Math.floor((y * STAGE - output.top) / scale), Math.floor((x * STAGE - output.left) / scale));
  });
  for (const { stage: target } of [input, output]) {
    onArrows(target, (rows, columns) => { player.pause(); stepWindow(rows, columns); });
  }

  function choosePicture(chosen, name) {
    source = chosen;
    resize();
    change({ picture: name }, ["picture", "map"]);
  }
  function resize() {
    pixels = state.size === SENT ? source : Uint8Array.from(shrunk(source, SENT, SENT / state.size));
  }

  // ------------------------------------------------------------------------------------- controls

  function kernelAndSliding() {
    const presets = model.get("presets");
    const gridBox = element("div", { class: "cc-kernel" });
    const about = element("p", { class: "cc-quiet" });
    let grid;

    function named() {
      const numbers = weights();
      return presets.find(({ kernels }) => kernels[state.kernel.length]?.every((weight, tap) => weight === numbers[tap]));
    }
    const preset = dropdown({ label: "Preset", options: [], value: "", onInput: (name) => name !== OWN && setPreset(name) });
    const size = dropdown({
      label: "Kernel size", options: [["1", "1 × 1"], ["3", "3 × 3"], ["5", "5 × 5"]], value: String(state.kernel.length),
      onInput: (text) => setKernelSize(Number(text)),
    });
    const mode = radios({
      label: "Operation", value: state.mode,
      options: [["cross-correlation", "cross-correlation, as in Keras"], ["convolution", "convolution: kernel turned by 180°"]],
      onInput: (value) => change({ mode: value }),
    });
    function setPreset(name) {
      const size = state.kernel.length;
      change({ kernel: toRows(presets.find((entry) => entry.name === name).kernels[size], size) });
      showKernel();
    }
    function setKernelSize(next) {
      const name = named()?.name;
      const kernel = presets.find((entry) => entry.name === name)?.kernels[next] ?? resized(weights(), state.kernel.length, next);
      const lost = kernel.every((weight) => weight === 0) && weights().some((weight) => weight !== 0);
      const identity = presets.find((entry) => entry.name === "identity").kernels[next];
      change({ kernel: toRows(lost ? identity : kernel, next) });
      showKernel();
      if (lost) about.prepend(`Only zeros were left of the kernel at ${next} × ${next}, so it became the identity. `);
    }
    function showKernel() {
      const columns = state.kernel.length;
      if (grid?.columns !== columns) {
        const { root: box, set } = numberGrid({
          label: "Kernel", rows: columns, columns, values: weights(),
          onInput: (values) => { change({ kernel: toRows(values, columns) }); showName(); },
        });
        grid = { columns, set, cells: [...box.querySelectorAll("input")] };
        gridBox.replaceChildren(box);
        const known = presets.filter(({ kernels }) => kernels[columns]).map(({ name }) => name);
        preset.input.replaceChildren(...[...known, OWN].map((name) => element("option", { value: name }, name)));
      } else {
        grid.set(weights());
      }
      showName();
    }
    function showName() {
      const found = named();
      preset.set(found?.name ?? OWN);
      const sum = cellText(weights().reduce((total, weight) => total + weight, 0));
      about.textContent = `${found?.description ?? "Your own kernel."} The weights sum to ${sum}.`;
    }

    const number = (label, name, min, max, unit) => slider({
      label, min, max, value: state[name], unit,
      onInput: (value) => change({ [name]: value }, name === "padding" ? ["picture", "map"] : ["map"]),
    });
    const sliders = {
      padding: number("Padding", "padding", 0, 8, "px"),
      stride: number("Stride", "stride", 1, 4, "px"),
      dilation: number("Dilation", "dilation", 1, 4, "px"),
    };
    const same = button("Same", () => {
      const padding = (state.dilation * (state.kernel.length - 1)) / 2;
      sliders.padding.set(padding);
      change({ padding }, ["picture", "map"]);
    });
    same.title = "The padding with which, at stride 1, the map is as large as the picture: d(k − 1) / 2";
    sliders.padding.root.append(same);
    sliders.padding.root.classList.add("cc-with-button");
    const resolution = dropdown({
      label: "Picture", options: [128, 64, 32, 16].map((n) => [String(n), `${n} × ${n} pixels`]), value: String(state.size),
      onInput: (text) => { change({ size: Number(text) }, ["picture", "map"]); resize(); },
    });
    const palette = dropdown({
      label: "Map colours", value: mapColours, onInput: (value) => { mapColours = value; change({}); },
      options: [["auto", "by the kernel's sum"], ["signed", "signed: − to +"], ["grey", "grey: 0 to 255"]],
    });
    const scaleBar = output.scaleBar;
    showKernel();

    return {
      kernel: element("section", { class: "cc-panel cc-column cc-kernel-panel", "aria-label": "Kernel" },
        preset.root, size.root, gridBox, about, mode.root),
      sliding: element("section", { class: "cc-panel cc-sliding", "aria-label": "How the window moves" },
        element("div", {}, sliders.padding.root, sliders.stride.root, sliders.dilation.root),
        element("div", {}, resolution.root, palette.root)),
      tint() {
        const reach = magnitude(weights());
        weights().forEach((weight, tap) => colourCell(grid.cells[tap], tints.diverging, weight, -reach, reach));
      },
      legend(asPicture, reach) {
        scaleBar.root.dataset.kind = asPicture ? "grey" : "signed";
        const signed = map.values.some((value) => value !== 0) ? [cellText(-reach), "0", cellText(reach)] : ["", "0", ""];
        scaleBar.write(asPicture ? ["0", "", "255"] : signed);
      },
      show() {
        for (const [name, control] of Object.entries(sliders)) control.set(state[name]);
        size.set(String(state.kernel.length));
        resolution.set(String(state.size));
        mode.set(state.mode);
        showKernel();
      },
    };
  }

  function playControls() {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    let playing = false;
    let owed = 0; // windows that the clock says are due
    let last = 0;
    let speed = SPEEDS[2];
    const play = button("Play", () => (playing ? pause() : start()), "primary");
    const pace = slider({
      label: "Speed", min: 0, max: SPEEDS.length - 1, value: 2, onInput: (index) => { speed = SPEEDS[index]; showPace(); },
    });
    const showPace = () => { pace.root.querySelector("output").textContent = `${formatNumber(speed)} / s`; };
    showPace();

    function next() {
      if (map.width === 0) return pause();
      const index = state.row * map.width + state.column + 1;
      if (index >= map.values.length) {
        tour = null;
        update();
        return pause();
      }
      tour = index;
      return change({ row: Math.floor(index / map.width), column: index % map.width }, ["window"]);
    }
    function start() {
      if (state.row === map.height - 1 && state.column === map.width - 1) edit({ row: 0, column: 0 });
      playing = true;
      play.textContent = "Pause";
      tour = 0;
      owed = 0;
      last = performance.now();
      update();
      requestAnimationFrame(tick);
    }
    function tick(now) {
      if (!playing) return;
      owed += ((now - last) / 1000) * speed;
      last = now;
      for (; playing && owed >= 1; owed -= 1) next();
      requestAnimationFrame(tick);
    }
    function pause() {
      playing = false;
      play.textContent = "Play";
    }
    const restart = button("From the start", () => { tour = 0; change({ row: 0, column: 0 }, ["window"]); });
    const moving = calm
      ? [element("p", { class: "cc-quiet" }, "Your system asks for less motion, so the window moves only when you step it.")]
      : [play, pace.root];
    const step = button("Step", () => { pause(); next(); });
    return { root: element("div", { class: "cc-play" }, moving[0], step, restart, ...moving.slice(1)), pause };
  }

  // ------------------------------------------------------------------------------------- theme and kernel

  /** Python set something. */
  function reload() {
    const chosen = pictures.find(({ name }) => name === state.picture);
    if (chosen) {
      source = chosen.pixels;
      picker.select(chosen.name);
    }
    resize();
    stale.picture = true;
    stale.map = true;
    controls.show();
    update();
  }

  function readTheme() {
    colours = colourTables(root);
    tints = tintTables(colours);
    stale.picture = true;
    stale.map = true;
    update();
  }
  const endTheme = watchTheme(root, readTheme);
  resize();
  readTheme();
  return () => {
    endTheme();
    player.pause();
    close();
  };
}

function gallery(model) {
  const pixels = bytes(model.get("pixels"));
  const area = SENT * SENT;
  return model.get("pictures").map((caption, index) => ({ ...caption, pixels: pixels.subarray(index * area, (index + 1) * area) }));
}

/** The size of the map by its formula, with the numbers in use, and what the floor or a lack of room means. */
function sizeView() {
  const formula = element("p", {});
  const remark = statusLine();
  const root = element("section", { class: "cc-formula", "aria-label": "Size of the map" },
    element("p", {}, "Size of the map = ⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1"), formula, remark.root);
  return {
    root,
    show({ size: n, padding: p, stride: s, dilation: d, kernel: { length: k } }, rows) {
      const room = n + 2 * p - d * (k - 1) - 1;
      const quotient = s === 1 ? "" : `⌊${cellText(room / s)}⌋ + 1 = `;
      formula.textContent = `= ⌊(${n} + 2·${p} − ${d}·(${k} − 1) − 1) / ${s}⌋ + 1 = ${quotient}${cellText(Math.floor(room / s) + 1)}`;
      const left = room % s;
      if (rows < 1) {
        const [reach, padded] = [span(k, d), n + 2 * p];
        remark.say(`No window fits: it spans ${reach} × ${reach} pixels, the padded picture only ${padded} × ${padded}. `
          + "Take more padding, less dilation or a smaller kernel. The greyed map is the last one.", "bad");
      } else if (left > 0) {
        const dropped = left === 1 ? "the last row and column" : `the last ${left} rows and columns`;
        remark.say(`The floor drops ${dropped} of the padded picture: no window reaches them.`);
      } else remark.say("");
    },
  };
}

/** A square stage with a canvas, a dashed frame around the unpadded picture, a window outline and a caption. */
function stage(title, label) {
  const { root, stage: box, canvas, caption } = figure(title);
  const outline = element("canvas", { class: "cc-window", "aria-hidden": "true" });
  const dashed = element("div", { class: "cc-dashed", hidden: true });
  const ends = ["", "", ""].map(() => element("span", {}));
  const scaleBar = {
    root: element("div", { class: "cc-scale" },
      element("div", { class: "cc-scale-bar" }), element("div", { class: "cc-scale-ends" }, ...ends)),
    write: (texts) => texts.forEach((text, index) => { ends[index].textContent = text; }),
  };
  box.append(dashed, outline);
  box.setAttribute("role", "application");
  box.setAttribute("aria-label", label);
  root.append(scaleBar.root);
  return { root, stage: box, canvas, caption, window: outline, frame: dashed, scaleBar };
}

const MARGIN = 4; // CSS pixels around the outlined area, for the line and its halo

/** Draw on `canvas` the outline of a window `side` CSS pixels wide, and its taps if they don't touch. */
function drawOutline(canvas, side, kernelSize, distance, tap) {
  const ratio = devicePixelRatio;
  const full = side + 2 * MARGIN;
  canvas.width = Math.ceil(full * ratio);
  canvas.height = canvas.width;
  canvas.style.width = `${canvas.width / ratio}px`;
  const context = canvas.getContext("2d");
  const style = getComputedStyle(canvas);
  context.scale(ratio, ratio);
  for (const [width, colour] of [[5, "rgb(0 0 0 / 0.55)"], [4, "#fff"], [2, style.getPropertyValue("--cc-mark")]]) {
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.strokeRect(MARGIN - 1, MARGIN - 1, side + 2, side + 2);
  }
  if (distance <= tap) return;
  context.fillStyle = style.getPropertyValue("--cc-mark");
  context.globalAlpha = 0.7;
  for (let index = 0; index < kernelSize ** 2; index += 1) {
    context.fillRect(MARGIN + (index % kernelSize) * distance, MARGIN + Math.floor(index / kernelSize) * distance, tap, tap);
  }
}

function move(node, x, y) {
  node.style.transform = `translate(${x - MARGIN}px, ${y - MARGIN}px)`;
}

function place(node, width, height, x, y) {
  Object.assign(node.style, { width: `${width}px`, height: `${height}px`, left: `${x}px`, top: `${y}px` });
}

export default { render };
