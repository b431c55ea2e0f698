"""Keeps TensorFlow's start-up notes out of notebooks.

TensorFlow writes notes about instruction sets and missing GPUs from C++ when it is imported. No setting turns all of
them off (2.21 writes some before it reads its settings), and in a notebook they stand below the cell in red, where a
learner takes them for a fault. So what is written to the error stream during that one import is held back, and shown
only if the import fails.
"""

import importlib.util
import logging
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

_STDERR = 2


class _QuietLoader(Loader):
    """Loads a module like `loader`, with the error stream held back."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        with held_back_stderr():
            self._loader.exec_module(module)


class _TensorFlowFinder(MetaPathFinder):
    """Finds `tensorflow`, once, where it would have been found anyway."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != "tensorflow":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec and spec.loader:
            spec.loader = _QuietLoader(spec.loader)
        return spec


def quieten_tensorflow() -> None:
    """Hold back what TensorFlow prints while it is imported, should it be imported later in this process."""
    # The notes that come after the import heed this setting; what goes wrong still arrives as a Python exception.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # A notebook that trains several models, each of which is traced once, is taken for a program that traces too often.
    logging.getLogger("tensorflow").addFilter(_is_no_note_on_tracing)
    if "tensorflow" not in sys.modules and not any(isinstance(finder, _TensorFlowFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _TensorFlowFinder())


def _is_no_note_on_tracing(record: logging.LogRecord) -> bool:
    return "triggered tf.function retracing" not in str(record.msg)


@contextmanager
def held_back_stderr() -> Iterator[None]:
    """Keep what is written to file descriptor 2, also by C++, and write it out only if the block raises."""
    with tempfile.TemporaryFile() as held:
        sys.stderr.flush()
        original = os.dup(_STDERR)
        os.dup2(held.fileno(), _STDERR)
        try:
            yield
        except BaseException:
            held.seek(0)
            os.write(original, held.read())
            raise
        finally:
            os.dup2(original, _STDERR)
            os.close(original)
