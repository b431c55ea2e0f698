"""How a submission lies in what was handed in: notebooks under odd endings, and folders in folders."""

import os
import re
from collections.abc import Callable, Collection, Mapping
from pathlib import PurePosixPath

_ENDING = re.compile(r"\.ipynb(?:\.json|\.txt)?\Z", re.IGNORECASE)  # some mail programs and browsers add the second one
NOTEBOOK = ".ipynb"
_OUTSIDE = "outside"  # the folder for a file that stood outside of the notebook's folder, under a name that is taken


def is_notebook(name: str) -> bool:
    """Whether a file's name is a notebook's, with any ending that programs give it."""
    return _stem(name) != name


def as_notebooks(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files, each notebook with the ending `.ipynb`; of two that get one name, the second gets a number too."""
    named = {name: data for name, data in files.items() if not is_notebook(name) or name.endswith(NOTEBOOK)}
    for name, data in files.items():
        if name not in named:
            stem = _stem(name)
            numbered = (f"{stem}-{n}{NOTEBOOK}" for n in range(2, len(files) + 3))
            free = next(each for each in (f"{stem}{NOTEBOOK}", *numbered) if each not in named and each not in files)
            named[free] = data
    return named


def unfolded(
    files: Mapping[str, bytes], known: Collection[str], assignment: str, is_passed_over: Callable[[str], bool]
) -> dict[str, bytes]:
    """The files as seen from the folder that holds the notebook: zips are made of folders in folders.

    Of several it is the one with a notebook of a `known` name, or the one that is called as the assignment. Where it
    can't be told, it is the folder that holds all of them. Other files outside of it keep their paths.
    """
    plain = [name for name in files if not any(map(is_passed_over, name.split("/")))]
    notebooks = [PurePosixPath(name) for name in plain if name.endswith(NOTEBOOK)]
    folders = {str(path.parent) for path in notebooks}
    if not folders or "." in folders:
        return dict(files)
    likely = {str(path.parent) for path in notebooks if path.name in known}
    called = {folder for folder in likely if assignment and assignment in folder.split("/")}
    top = os.path.commonpath(called or likely or folders)
    if not (likely or all(name.startswith(f"{top}/") for name in plain)):
        return dict(files)
    inside = {name.removeprefix(f"{top}/"): name for name in files if top and name.startswith(f"{top}/")}
    found = {name: files[path] for name, path in inside.items()}
    for name in files.keys() - inside.values():
        taken = any(part in found for part in (name, *map(str, PurePosixPath(name).parents)))
        found[f"{_OUTSIDE}/{name}" if taken else name] = files[name]
    return dict(sorted(found.items()))


def _stem(name: str) -> str:
    """The name without the ending of a notebook."""
    return name[: found.start()] if (found := _ENDING.search(name)) else name
