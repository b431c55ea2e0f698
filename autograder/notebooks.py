"""Reading a notebook that somebody handed in, and writing one so that the same notebook is always the same bytes."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autograder.errors import (
    EmptyNotebookError,
    NotebookFormatError,
    NotJsonError,
    TruncatedNotebookError,
    UnreadableNotebookError,
)

CELL_TYPES = ("code", "markdown", "raw")
MOST_CELLS = 2000
MOST_CODE = 2_000_000  # characters in all code cells together
_IMAGE = re.compile(r"image/[\w.+-]+")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
_MOST_PARTS = 5_000_000  # lists, dicts and what stands in them: in memory each takes many times its bytes


@dataclass(frozen=True)
class Cell:
    """What is believed of a submitted cell: its text, and what it says about itself."""

    type: str
    source: str
    id: str
    metadata: Mapping[str, Any]
    attachments: Mapping[str, Any]

    @property
    def nbgrader(self) -> Mapping[str, Any]:
        """The cell's nbgrader metadata, or an empty mapping."""
        found = self.metadata.get("nbgrader")
        return found if isinstance(found, dict) else {}

    @property
    def grade_id(self) -> str | None:
        """The name under which nbgrader knows the cell."""
        found = self.nbgrader.get("grade_id")
        return found if isinstance(found, str) else None


def read_cells(data: bytes) -> list[Cell]:
    """The cells of a notebook of any format version from 2 to 4; what is no cell is left out.

    Raises an UnreadableNotebookError whose class and message say what is wrong with the file.
    """
    notebook = _parse(data)
    version = notebook.get("nbformat")
    if version in (2, 3):
        notebook = _upgrade(notebook)
    elif version != 4:
        raise NotebookFormatError(
            f"The file says that its notebook format is {version!r:.40}; versions 2 to 4 can be read. "
            "Open it in JupyterLab, save it again, and hand that in."
        )
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        raise NotebookFormatError(
            "The file is JSON, but no notebook: it has no list of cells. Hand in the .ipynb file itself."
        )
    if len(cells) > MOST_CELLS:
        raise NotebookFormatError(
            f"The notebook has {len(cells):,} cells; up to {MOST_CELLS:,} can be graded. Delete those of no use."
        )
    found = [cell for cell in map(_cell, cells) if cell]
    if sum(len(cell.source) for cell in found if cell.type == "code") > MOST_CODE:
        raise NotebookFormatError(
            f"The notebook's code is longer than {MOST_CODE:,} characters. Keep data in a file beside the notebook."
        )
    return found


def write(notebook: Mapping[str, Any]) -> bytes:
    """A notebook as bytes: lines apart as Jupyter stores them, keys sorted, one space of indent, a trailing newline."""
    content = {**notebook, "cells": [_split_cell(cell) for cell in notebook["cells"]]}
    return (json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def write_compactly(notebook: Mapping[str, Any]) -> bytes:
    """A notebook as bytes in one line: ten times as fast to write, for what no person reads as text."""
    return json.dumps(notebook).encode()


def _split_cell(cell: Mapping[str, Any]) -> dict[str, Any]:
    result = {**cell, "source": _split_text(cell.get("source", ""))}
    if "attachments" in result:
        result["attachments"] = {name: _split_bundle(bundle) for name, bundle in result["attachments"].items()}
    if "outputs" in result:
        result["outputs"] = [_split_output(output) for output in result["outputs"]]
    return result


def _split_output(output: Mapping[str, Any]) -> dict[str, Any]:
    if output["output_type"] in ("execute_result", "display_data"):
        return {**output, "data": _split_bundle(output.get("data", {}))}
    return {**output, "text": _split_text(output["text"])} if output["output_type"] == "stream" else dict(output)


def _split_bundle(bundle: Mapping[str, Any]) -> dict[str, Any]:
    texts = ("application/javascript", "image/svg+xml")
    return {
        kind: _split_text(data) if kind.startswith("text/") or kind in texts else data for kind, data in bundle.items()
    }


def _split_text(text: Any) -> Any:
    return text.splitlines(keepends=True) if isinstance(text, str) else text


def _parse(data: bytes) -> dict[str, Any]:
    if not data.strip():
        size = "0 bytes" if not data else "nothing but white space"
        raise EmptyNotebookError(f"The file is empty ({size}). Save the notebook in JupyterLab and hand it in again.")
    if sum(map(data.count, (b"[", b"{", b","))) > _MOST_PARTS:
        raise NotebookFormatError("The notebook is too large to be read. Clear its outputs, save it, and hand that in.")
    try:
        notebook = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise NotJsonError(
            f"The file is no notebook: byte {error.start} is not UTF-8 text. Hand in the .ipynb file itself."
        ) from None
    except json.JSONDecodeError as error:
        raise _json_fault(data, error) from None
    except (RecursionError, ValueError):  # nested too deep, or a number of thousands of digits
        raise NotJsonError("The file is JSON that no notebook holds: nested too deep, or an endless number.") from None
    if not isinstance(notebook, dict):
        raise NotebookFormatError("The file is JSON, but no notebook. Hand in the .ipynb file itself.")
    return notebook


def _json_fault(data: bytes, error: json.JSONDecodeError) -> UnreadableNotebookError:
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and not data.rstrip().endswith(b"}"):
        return TruncatedNotebookError(
            f"The notebook breaks off at line {error.lineno}: it was saved or copied only in part. "
            "Save it again and hand it in anew."
        )
    return NotJsonError(f"The file is no notebook: line {error.lineno} is not JSON. Hand in the .ipynb file itself.")


def _upgrade(notebook: dict[str, Any]) -> dict[str, Any]:
    import nbformat  # takes more than a second, and few notebooks are so old

    try:
        return nbformat.convert(nbformat.from_dict(notebook), 4)
    except Exception as error:  # the old converters trust their input
        raise NotebookFormatError(
            f"The notebook has the old format {notebook['nbformat']} and can't be converted ({type(error).__name__}). "
            "Open it in JupyterLab, save it again, and hand that in."
        ) from None


def _cell(raw: Any) -> Cell | None:
    if not isinstance(raw, dict) or raw.get("cell_type") not in CELL_TYPES:
        return None
    source = raw.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        return None
    identifier, metadata, attachments = raw.get("id"), raw.get("metadata"), raw.get("attachments")
    return Cell(
        type=raw["cell_type"],
        source=source.encode("utf-8", "replace").decode(),  # lone surrogates can't be written again
        id=identifier if isinstance(identifier, str) else "",
        metadata=metadata if isinstance(metadata, dict) else {},
        attachments=_attachments(attachments),
    )


def _attachments(raw: Any) -> dict[str, dict[str, str]]:
    """The pictures in a cell: name -> type such as "image/png" -> base64. What is of another form is left out."""
    if not isinstance(raw, dict):
        return {}
    return {
        name: {kind: data for kind, data in bundle.items() if _IMAGE.fullmatch(kind) and _is_base64(data)}
        for name, bundle in raw.items()
        if isinstance(bundle, dict)
    }


def _is_base64(data: Any) -> bool:
    return isinstance(data, str) and _BASE64.fullmatch(data) is not None
