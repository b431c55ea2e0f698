"""nbgrader's Execute step, made to end in every case and to score only what is a score."""

import contextlib
import math
import time
from typing import Any

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute
from nbgrader.preprocessors.execute import UnresponsiveKernelError
from traitlets import Integer
from traitlets.config import Config

from autograder.notebook.role import role_of


class HardenedExecute(Execute):
    """Runs a notebook; if the kernel dies, sticks or time is up, earlier cells keep their outcome and later ones fail.

    In test cells, text on stderr is dropped (TensorFlow writes warnings there, nbgrader would take them for failure),
    and a partial score is held between 0 and the cell's points; NaN is 0.
    """

    total_timeout = Integer(600, help="Seconds for all cells of a notebook together.").tag(config=True)

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        # Anybody on the machine can listen to a kernel's ports, and the tests go through them.
        self.update_config(Config({"KernelManager": {"transport_encryption": "auto"}}))

    def preprocess(self, nb: NotebookNode, resources: Any = None, km: Any = None) -> tuple[NotebookNode, Any]:
        """Run all cells; cells that did not run get an error as output, so that they can't score."""
        self._done = 0
        self._deadline = time.monotonic() + self.total_timeout
        try:
            return super().preprocess(nb, resources, km)
        except DeadKernelError:
            self._fail_rest(nb, "DeadKernelError", "the kernel ended")
        except (CellTimeoutError, UnresponsiveKernelError):
            self._fail_rest(nb, "StuckKernelError", "the kernel could not be interrupted")
        except TotalTimeoutError:
            self._fail_rest(nb, "TotalTimeoutError", "no time was left")
        return nb, resources

    def preprocess_cell(self, cell: NotebookNode, resources: Any, index: int) -> tuple[NotebookNode, Any]:
        """Run one cell if time is left."""
        if time.monotonic() > self._deadline:
            raise TotalTimeoutError
        cell, resources = super().preprocess_cell(cell, resources, index)
        self._done = index + 1
        role = role_of(cell)
        if role.is_test and cell.cell_type == "code":
            cell.outputs = [_clamped(out, role.points or 0.0) for out in cell.outputs if not _is_stderr(out)]
        return cell, resources

    def _fail_rest(self, nb: NotebookNode, name: str, text: str) -> None:
        for cell in nb.cells[self._done :]:
            if cell.cell_type == "code":
                cell.outputs.insert(0, new_output("error", ename=name, evalue=text, traceback=[f"{name}: {text}"]))


class TotalTimeoutError(Exception):
    """The notebook's whole time is used up."""


def _is_stderr(output: NotebookNode) -> bool:
    return output.output_type == "stream" and output.name == "stderr"


def _clamped(output: NotebookNode, points: float) -> NotebookNode:
    if output.output_type == "execute_result":
        with contextlib.suppress(KeyError, TypeError, ValueError):
            score = float(output["data"]["text/plain"])
            allowed = 0.0 if math.isnan(score) else min(max(score, 0.0), points)
            if allowed != score:
                output["data"]["text/plain"] = repr(allowed)
    return output
