"""What `make lint` says of the JavaScript: deno checks names and types, biome what is unused or undeclared."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
DENO: list[str | Path] = [BIN / "deno", "check", "--no-remote", "--quiet", "companion"]
BIOME: list[str | Path] = [BIN / "biome", "lint", "--error-on-warnings"]
FIND_KERNEL = "companion/explore/find_kernel/find_kernel.js"


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """A copy of the course's JavaScript and style sheets, with the settings of both tools."""
    for name in ("deno.json", "biome.json"):
        shutil.copy(ROOT / name, tmp_path)
    for path in [*ROOT.glob("companion/**/*.js"), *ROOT.glob("companion/**/*.css")]:
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    return tmp_path


def said(command: list[str | Path], folder: Path) -> str:
    """What the tool prints of the JavaScript in `folder`, without colours."""
    environment = os.environ | {"NO_COLOR": "1", "DENO_DIR": str(folder / ".deno")}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    printed = re.sub(r"\x1b\[[0-9;]*m", "", done.stderr)  # biome counts its files on the other one
    assert (done.returncode == 0) == (printed == ""), printed
    return printed


def plant(folder: Path, name: str, before: str, after: str) -> None:
    """Write `after` in place of `before`, where it stands first in a file."""
    text = (folder / name).read_text("utf-8")
    assert before in text
    (folder / name).write_text(text.replace(before, after, 1), "utf-8")


def test_both_are_silent_of_the_course(scripts: Path) -> None:
    assert said(DENO, scripts) == ""
    assert said(BIOME, scripts) == ""


def test_deno_names_a_misspelt_function(scripts: Path) -> None:
    plant(scripts, FIND_KERNEL, "say(foundWords(", "say(foundsWords(")
    printed = said(DENO, scripts)
    assert "Cannot find name 'foundsWords'" in printed
    assert FIND_KERNEL in printed


@pytest.mark.parametrize(
    ("before", "after"),
    [("matched.say(", "matched.tell("), ("grid.cells", "grid.inputs"), ("answer.write(", "answer.put(")],
)
def test_deno_names_what_an_instrument_has_not(scripts: Path, before: str, after: str) -> None:
    plant(scripts, FIND_KERNEL, before, after)
    assert f"Property '{after.split('.')[1].rstrip('(')}' does not exist" in said(DENO, scripts)


def test_deno_names_an_argument_that_is_not_asked_for(scripts: Path) -> None:
    plant(scripts, FIND_KERNEL, "toRows(kernel, size)", "toRows(kernel, size, 1)")
    assert "Expected 0-2 arguments, but got 3" in said(DENO, scripts)


@pytest.mark.parametrize(
    ("after", "rule"),
    [
        ("function render({ model, el }) {\n  const unused = 1;", "noUnusedVariables"),
        ("function render({ model, el }) {\n  undeclared = 1;", "noUndeclaredVariables"),
    ],
)
def test_biome_names_what_is_unused_or_undeclared(scripts: Path, after: str, rule: str) -> None:
    plant(scripts, FIND_KERNEL, "function render({ model, el }) {", after)
    printed = said(BIOME, scripts)
    assert rule in printed
    assert FIND_KERNEL in printed


def test_biome_names_an_unused_import(scripts: Path) -> None:
    plant(scripts, FIND_KERNEL, "import {", "import { uniqueId } from '../../widgets/instrument.js';\nimport {")
    assert "noUnusedImports" in said(BIOME, scripts)


def test_make_lint_runs_both() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for tool, *arguments in (DENO, BIOME):
        assert " ".join([f"$(BIN)/{Path(tool).name}", *map(str, arguments)]) in makefile
