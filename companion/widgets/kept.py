"""What a learner did in the widgets of a notebook, kept beside it: a folder for each notebook, a file for each cell.

Files, since they are there at once, without a save, for a restarted kernel and on another day, in every editor whose
messages name the cell; and beside the notebook, since they go with its folder. Where nothing tells the notebook, or
nothing can be written, the kernel alone remembers. What belongs to another text of its cell is passed over: code that
was changed starts anew.
"""

import base64
import contextlib
import itertools
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

FOLDER = ".companion"
_remembered: dict["Place", dict[str, Any]] = {}
_displays: dict[str, dict[str, Iterator[int]]] = {}  # of the cell that runs: how many of each name were shown


@dataclass(frozen=True)
class Place:
    """Where a widget stands."""

    notebook: Path | None
    cell: str  # its id
    name: str  # of the widget within the cell's output
    code: str  # tells the cell's text from others

    @property
    def _file(self) -> Path | None:
        return self.notebook and _folder(self.notebook) / f"{self._stem}.json"

    @property
    def _stem(self) -> str:
        return sha256(f"{self.cell} {self.name}".encode()).hexdigest()[:16]

    def next_cell(self) -> str | None:
        """The id of the next cell whose code is shown, as the notebook lies on disk; None where that is not known."""
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            cells = json.loads(self.notebook.read_text("utf-8"))["cells"] if self.notebook else []
            ids = [cell["id"] for cell in cells]
            rest = cells[ids.index(self.cell) + 1 :]
            return next((cell["id"] for cell in rest if cell["cell_type"] == "code" and not _is_folded(cell)), None)
        return None

    def put(self, values: Mapping[str, Any]) -> None:
        """Keep values beside those that are kept already: what JSON can hold, and bytes."""
        kept = _remembered.setdefault(self, self.get())
        kept |= values
        if self._file is None:
            return
        with contextlib.suppress(OSError, TypeError, ValueError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._file.with_suffix(f".{os.getpid()}")
            fresh.write_text(json.dumps({"code": self.code, "values": kept}, default=_in_text), "utf-8")
            fresh.replace(self._file)

    def get(self) -> dict[str, Any]:
        """The values that are kept; of a copy of a notebook, those of the one beside it that were kept last."""
        if self in _remembered or self.notebook is None:
            return dict(_remembered.get(self, {}))
        beside = self.notebook.parent.glob(f"{FOLDER}/*/{self._stem}.json")
        others = sorted(beside, key=lambda path: path.stat().st_mtime, reverse=True)
        return next(filter(None, (_read(path, self.code) for path in [self._file, *others] if path)), {})


def place(name: str) -> Place | None:
    """Where a widget stands that the cell that runs now shows; None where no front end says what cell that is."""
    from IPython.core.getipython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    request = kernel.get_parent() if kernel else {}
    cell = request.get("metadata", {}).get("cellId")
    if not cell:
        return None
    number = next(_counter(request["header"]["msg_id"], name))
    code = sha256(request["content"]["code"].strip().encode()).hexdigest()[:16]
    return Place(_notebook(), cell, f"{name} {number}", code)


def start_anew() -> None:
    """Forget what was done in the widgets of this notebook: its cells show them as at first when they are run again."""
    notebook = _notebook()
    for each in [each for each in _remembered if each.notebook == notebook]:
        del _remembered[each]
    if notebook:
        shutil.rmtree(_folder(notebook), ignore_errors=True)


def _counter(request: str, name: str) -> Iterator[int]:
    if request not in _displays:
        _displays.clear()
    return _displays.setdefault(request, {}).setdefault(name, itertools.count())


def _notebook() -> Path | None:
    """The notebook of this kernel, as the server tells it; None elsewhere, and for a quiz: its folder is handed in."""
    path = Path(os.environ.get("JPY_SESSION_NAME", ""))
    with contextlib.suppress(OSError):
        return path if path.suffix == ".ipynb" and b'"nbgrader"' not in path.read_bytes() else None
    return None


def _is_folded(cell: dict[str, Any]) -> bool:
    return bool(cell["metadata"].get("jupyter", {}).get("source_hidden"))


def _folder(notebook: Path) -> Path:
    return notebook.parent / FOLDER / notebook.stem


def _read(path: Path, code: str) -> dict[str, Any]:
    try:
        kept = json.loads(path.read_text("utf-8"), object_hook=_from_text)
        return {**kept["values"]} if kept["code"] == code else {}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def _in_text(value: Any) -> dict[str, str]:
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    raise TypeError(f"{type(value).__name__} can't be kept")


def _from_text(found: dict[str, Any]) -> Any:
    return base64.b64decode(found["base64"]) if found.keys() == {"base64"} else found
