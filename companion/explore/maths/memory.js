// The memory that parameters take. No DOM in here.

/** Megabytes (a million bytes) of so many parameters, each in `bytes`: 4 as float32 has them. */
export function megabytes(parameters, bytes = 4) {
  return (parameters * bytes) / 1e6;
}

/** Megabytes as one reads them: 602 MB, 1.25 MB, 0.0026 MB. */
export function megabytesText(size) {
  if (size >= 100) return `${Math.round(size).toLocaleString("en-US")} MB`;
  return `${Number(size.toPrecision(size >= 1 ? 3 : 2))} MB`;
}
