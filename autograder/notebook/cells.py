"""Reading a notebook that somebody handed in, and writing one so that the same notebook is always the same bytes."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any

from autograder.errors import (
    EmptyNotebookError,
    NotebookFormatError,
    NotJsonError,
    TruncatedNotebookError,
    UnreadableNotebookError,
)
from autograder.notebook.role import Role, role_of

CELL_TYPES = ("code", "markdown", "raw")
MOST_CELLS = 2000
MOST_CODE = 2_000_000  # characters in all code cells together
_IMAGE = re.compile(r"image/[\w.+-]+")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
_CONFLICT = re.compile(r"^(?:<<<<<<<|>>>>>>>) ", re.MULTILINE)
_MOST_PARTS = 5_000_000  # lists, dicts and what stands in them: in memory each takes many times its bytes


@dataclass(frozen=True)
class Cell:
    """What is believed of a submitted cell: its text, and what it says about itself."""

    type: str
    source: str
    id: str
    metadata: Mapping[str, Any]
    attachments: Mapping[str, Any]

    @cached_property
    def role(self) -> Role:
        """What nbgrader takes the cell for, if one believes the cell."""
        return role_of({"metadata": self.metadata})

    @property
    def is_test(self) -> bool:
        """Whether it gives points by running."""
        return self.type == "code" and self.role.is_test

    @property
    def is_code_answer(self) -> bool:
        """Whether it holds code that is for the learner to write."""
        return self.type == "code" and self.role.is_answer


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


@lru_cache(maxsize=100)  # what learners were given is the same for every submission
def named_cells(data: bytes) -> Mapping[str, Cell]:
    """The cells that nbgrader knows by a name, by that name; raises as read_cells does."""
    return MappingProxyType({cell.role.grade_id: cell for cell in read_cells(data) if cell.role.grade_id})


def code_cells(notebook: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The code cells of a notebook's JSON."""
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def text_of(cell: Mapping[str, Any]) -> str:
    """The text of a cell of a notebook's JSON."""
    return joined(cell["source"])


def joined(text: str | Iterable[str]) -> str:
    """A text of a notebook's JSON, which keeps it whole or in lines."""
    return text if isinstance(text, str) else "".join(text)


def one_line_end(text: str) -> str:
    r"""The text with every line ended by `\n` alone: editors on Windows end each with two characters."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def bare(text: str) -> str:
    """A cell's text to be compared: without what editors change by themselves, ends of lines and blanks there."""
    return "\n".join(line.rstrip() for line in one_line_end(text).split("\n")).rstrip()


@lru_cache(maxsize=100)
def texts(data: bytes) -> frozenset[str]:
    """The texts of all cells of a notebook, bare; raises as read_cells does."""
    return frozenset(bare(cell.source) for cell in read_cells(data))


def write_notebook(notebook: Mapping[str, Any]) -> bytes:
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
    encoding = json.detect_encoding(data)  # UTF-8, or what some programs on Windows make of it
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        kind = "UTF-8" if encoding.startswith("utf-8") else encoding.upper()
        raise NotJsonError(
            f"The file is no notebook: byte {error.start} is not {kind} text. Hand in the .ipynb file itself."
        ) from None
    try:
        notebook = json.loads(text)
    except json.JSONDecodeError as error:
        raise _json_fault(text, error) from None
    except (RecursionError, ValueError):  # nested too deep, or a number of thousands of digits
        raise NotJsonError("The file is JSON that no notebook holds: nested too deep, or an endless number.") from None
    if not isinstance(notebook, dict):
        raise NotebookFormatError("The file is JSON, but no notebook. Hand in the .ipynb file itself.")
    return notebook


def _json_fault(text: str, error: json.JSONDecodeError) -> UnreadableNotebookError:
    if mark := _CONFLICT.search(text):
        return NotJsonError(
            f"The notebook holds git's marks of a conflict (line {text.count(chr(10), 0, mark.start()) + 1}): two "
            "versions of it stand in one file. Settle the conflict, save the notebook, and hand that in."
        )
    if text.lstrip().startswith("{") and not text.rstrip().endswith("}"):
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
        source=one_line_end(source).encode("utf-8", "replace").decode(),  # lone surrogates can't be written again
        id=identifier if isinstance(identifier, str) else "",
        metadata=metadata if isinstance(metadata, dict) else {},
        attachments=_attachments(attachments),
    )


def _attachments(raw: Any) -> dict[str, dict[str, str]]:
    """The pictures in a cell: name -> type such as "image/png" -> base64. What is of another form is left out."""
    bundles = (
        {name: bundle for name, bundle in raw.items() if isinstance(bundle, dict)} if isinstance(raw, dict) else {}
    )
    pictures = {
        name: {kind: data for kind, data in bundle.items() if _IMAGE.fullmatch(kind) and _is_base64(data)}
        for name, bundle in bundles.items()
    }
    return {name: bundle for name, bundle in pictures.items() if bundle}


def _is_base64(data: Any) -> bool:
    return isinstance(data, str) and _BASE64.fullmatch(data) is not None
