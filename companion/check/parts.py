"""Two arrays beside each other: where they differ, and which part of them is shown."""

from dataclasses import dataclass

import numpy as np

FEW = 25  # numbers that are shown as a whole
REACH = 5  # rows and columns of a larger array that are shown: two stand side by side in a notebook
_BEFORE = 2  # of them above and left of the first difference


@dataclass(frozen=True)
class Part:
    """Rows and columns of an array from row `top` and column `left` on; the array has `sizes` of them.

    `is_line` if the array has one axis alone.
    """

    numbers: np.ndarray
    sizes: tuple[int, int]
    top: int
    left: int
    is_line: bool

    def cut(self) -> list[str]:
        """Return which rows and columns are shown, where that is not all: "rows 3 to 7 of 0 to 27"."""
        names = ["row", "place" if self.is_line else "column"]
        return [
            f"{name}s {start} to {start + shown - 1} of 0 to {size - 1}"
            for name, start, shown, size in zip(
                names, (self.top, self.left), self.numbers.shape, self.sizes, strict=True
            )
            if shown < size
        ]


@dataclass(frozen=True)
class Comparison:
    """The right result and the learner's, as far as they are shown; a part is None where an array has no rows to show.

    `differs` marks the numbers of either part that are not alike, unless the shapes are others. `index` is which item
    of arrays of three axes is shown. Two sentences: `remark` says how they differ, `cut` what is shown, "" if all.
    """

    right: Part | None
    yours: Part | None
    differs: np.ndarray | None
    index: int
    remark: str
    cut: str = ""


def differing(result: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return for each number of two arrays of one shape whether they differ, rounding aside."""
    return ~np.isclose(result, right, rtol=1e-4, atol=1e-5)


def part_of(array: np.ndarray, index: int = 0, axis: int = 0, place: tuple[int, ...] = (0, 0)) -> Part | None:
    """Return an array, or some rows and columns around a place; of three axes those of one item along `axis`."""
    if array.size == 0 or array.ndim > 3:
        return None
    plane = np.atleast_2d(np.take(array, index, axis=axis) if array.ndim == 3 else array)
    sizes = (plane.shape[0], plane.shape[1])
    reach = REACH if plane.size > FEW else FEW
    top, left = (max(min(at - _BEFORE, size - reach), 0) for at, size in zip((0, *place)[-2:], sizes, strict=True))
    return Part(plane[top : top + reach, left : left + reach], sizes, top, left, is_line=array.ndim < 2)


def compared(right: np.ndarray, result: np.ndarray, item: str = "picture", axis: int = 0) -> Comparison:
    """Compare the right result with a learner's array of numbers; of three axes, `item` is what lies along `axis`."""
    if result.shape != right.shape:
        return _unmarked(right, result, "The shapes differ, so no single numbers are marked.", item, axis)
    marks = differing(result, right)
    if not marks.any():
        return _unmarked(right, result, "The numbers agree.", item, axis)
    first = tuple(int(at) for at in np.argwhere(marks)[0])
    index, count, place = 0, 1, first
    if len(first) == 3:
        index, count, place = first[axis], right.shape[axis], tuple(np.delete(first, axis))
    ours, yours, marked = (part_of(array, index, axis, place) for array in (right, result, marks))
    remark = _difference(marks, _names(len(first), item, axis), first)
    differs = marked.numbers if marked else None
    return Comparison(ours, yours, differs, index, remark, _cut(ours, item, index, count))


def _unmarked(right: np.ndarray, result: np.ndarray, remark: str, item: str, axis: int) -> Comparison:
    """Return both from their beginning, where they are not compared number by number."""
    parts = (part_of(right, axis=axis), part_of(result, axis=axis))
    words = [f"{item} 0"] if 3 in (right.ndim, result.ndim) else []
    if any(part and part.cut() for part in parts):
        words.append(f"at most {REACH} rows and columns")
    cut = f"Of each you see {', '.join(words)}." if words else ""
    return Comparison(*parts, None, 0, remark, cut)


def _names(axes: int, item: str, axis: int) -> list[str]:
    """Return what the axes count."""
    names = ["row", "column"] if axes > 1 else ["place"]
    if axes > 2:
        names.insert(axis if axis >= 0 else 2, item)
    return names


def _difference(marks: np.ndarray, names: list[str], first: tuple[int, ...]) -> str:
    count = int(marks.sum())
    where = ", ".join(f"{name} {at}" for name, at in zip(names, first, strict=True))
    if marks.size == 1:
        return "The one number differs."
    if count == 1:
        return f"1 of {marks.size:,} numbers differs, at {where}."
    return f"{count:,} of {marks.size:,} numbers differ, the first at {where}."


def _cut(part: Part | None, item: str, index: int, count: int) -> str:
    """Return which part of arrays of `count` items is shown; "" if all."""
    words = [f"{item} {index} of 0 to {count - 1}"] if count > 1 else []
    words += part.cut() if part else []
    return f"Only a part is shown, around the first difference: {', '.join(words)}." if words else ""
