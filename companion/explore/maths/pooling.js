// Pooling as Keras computes it: where the windows lie, what each keeps, how a gradient comes back, what can be rebuilt.
// Pictures and maps are flat arrays, row by row. `options` is {kind, window, stride, padding}: "max" or "average", the
// window's side and the step in pixels, "valid" or "same". No DOM in here: tests/explore/test_pooling_js.py runs it in node.

/** Where the windows lie along a side of `size` pixels: {count, before, after}, with `before` and `after` the pixels of
 *  padding. "same" gives ceil(size / stride) windows, the odd pixel of padding after
 *  (https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2). */
export function windowsAlong(size, { window, stride, padding }) {
  if (padding === "valid") return { count: Math.max(Math.floor((size - window) / stride) + 1, 0), before: 0, after: 0 };
  const count = Math.ceil(size / stride);
  const total = Math.max((count - 1) * stride + window - size, 0);
  const before = Math.floor(total / 2);
  return { count, before, after: total - before };
}

/** The pixels that window `index` covers along a side, padding left out: from `first` to `end`, the end not included. */
export function covered(size, options, index) {
  const start = index * options.stride - windowsAlong(size, options).before;
  return { first: Math.max(start, 0), end: Math.min(start + options.window, size) };
}

/** The pixels along a side that no window covers. */
export function uncovered(size, options) {
  const free = new Array(size).fill(true);
  const { count } = windowsAlong(size, options);
  for (let index = 0; index < count; index += 1) {
    const { first, end } = covered(size, options, index);
    free.fill(false, first, end);
  }
  return free.flatMap((isFree, pixel) => (isFree ? [pixel] : []));
}

/** The pooled map of a `height` x `width` picture: {values, winners, height, width}. `winners` holds for max pooling the
 *  index of the pixel that each window keeps, the first one of equals, and is null for average pooling. Padding never wins and
 *  isn't averaged. */
export function pool2d(picture, height, width, options) {
  const rows = windowsAlong(height, options).count;
  const columns = windowsAlong(width, options).count;
  const values = new Float64Array(rows * columns);
  const winners = options.kind === "max" ? new Int32Array(rows * columns) : null;
  const across = Array.from({ length: columns }, (_, column) => covered(width, options, column));
  for (let row = 0; row < rows; row += 1) {
    const down = covered(height, options, row);
    for (let column = 0; column < columns; column += 1) {
      const index = row * columns + column;
      if (winners === null) values[index] = mean(picture, width, down, across[column]);
      else {
        winners[index] = largest(picture, width, down, across[column]);
        values[index] = picture[winners[index]];
      }
    }
  }
  return { values, winners, height: rows, width: columns };
}

function mean(picture, width, down, across) {
  let sum = 0;
  for (let y = down.first; y < down.end; y += 1) {
    for (let x = across.first; x < across.end; x += 1) sum += picture[y * width + x];
  }
  return sum / ((down.end - down.first) * (across.end - across.first));
}

function largest(picture, width, down, across) {
  let best = down.first * width + across.first;
  for (let y = down.first; y < down.end; y += 1) {
    for (let x = across.first; x < across.end; x += 1) {
      if (picture[y * width + x] > picture[best]) best = y * width + x;
    }
  }
  return best;
}

/** What `gradient`, one number for each of the map's, becomes at the picture: max pooling hands it to the winner, average
 *  pooling in equal shares to all pixels of the window; where windows overlap, it adds up. */
export function poolGradient(map, gradient, height, width, options) {
  const back = new Float64Array(height * width);
  for (let index = 0; index < map.values.length; index += 1) {
    if (map.winners !== null) back[map.winners[index]] += gradient[index];
    else {
      const down = covered(height, options, Math.floor(index / map.width));
      const across = covered(width, options, index % map.width);
      const share = gradient[index] / ((down.end - down.first) * (across.end - across.first));
      for (let y = down.first; y < down.end; y += 1) {
        for (let x = across.first; x < across.end; x += 1) back[y * width + x] += share;
      }
    }
  }
  return back;
}

/** The map's numbers of which the pixel at `row`, `column` is part, as indices. */
export function windowsOver(row, column, map, height, width, options) {
  const holds = (size, pixel) => (index) => {
    const { first, end } = covered(size, options, index);
    return first <= pixel && pixel < end;
  };
  const rows = [...Array(map.height).keys()].filter(holds(height, row));
  const columns = [...Array(map.width).keys()].filter(holds(width, column));
  return rows.flatMap((y) => columns.map((x) => y * map.width + x));
}

/** A picture rebuilt from its map, where windows don't overlap: each number spread over its window, or, with `atWinners`,
 *  put back where it came from, with zeros elsewhere. */
export function unpool(map, height, width, options, atWinners) {
  const rebuilt = new Float64Array(height * width);
  map.values.forEach((value, index) => {
    if (atWinners) {
      rebuilt[map.winners[index]] = value;
      return;
    }
    const down = covered(height, options, Math.floor(index / map.width));
    const across = covered(width, options, index % map.width);
    for (let y = down.first; y < down.end; y += 1) rebuilt.fill(value, y * width + across.first, y * width + across.end);
  });
  return rebuilt;
}

/** Root of the mean squared difference of two pictures. */
export function rootMeanSquare(one, other) {
  let total = 0;
  for (let index = 0; index < one.length; index += 1) total += (one[index] - other[index]) ** 2;
  return Math.sqrt(total / one.length);
}
