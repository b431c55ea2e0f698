"""environment.yml (conda) holds the same pins as uv.lock. Run this file to write it anew."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
HEADER = """\
# For conda users: conda env create -f environment.yml && conda activate cnn-companion
# The pins are those of uv.lock; `make lock` writes this file.
name: cnn-companion
channels: [conda-forge]
dependencies:
  - python >=3.11,<3.14
  - pip
  - pip:
"""


def environment() -> str:
    """The text that environment.yml must have, made from uv.lock."""
    uv = shutil.which("uv", path=Path(sys.executable).parent) or shutil.which("uv")
    assert uv, "uv is missing: run `make test`, which installs it"
    command = [uv, "export", "--frozen", "--no-dev", "--no-hashes", "--no-emit-project", "--no-header", "--no-annotate"]
    lines = subprocess.run([*command, "--quiet"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    pins = [f"      - {line}" if ";" not in line else f'      - "{_quoted(line)}"' for line in lines.splitlines()]
    return HEADER + "\n".join([*pins, "      - --editable ."]) + "\n"


def _quoted(line: str) -> str:
    return " ; ".join(part.strip() for part in line.split(";")).replace('"', "'")


def test_environment_yml_holds_the_pins_of_the_lock():
    assert (ROOT / "environment.yml").read_text() == environment(), "run `make lock`"


def test_the_lock_belongs_to_the_project():
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    [own] = [package for package in lock["package"] if package["name"] == project["name"]]
    locked = {dependency["name"] for dependency in own["dependencies"]}
    wanted = {dependency.split(">=")[0].split("[")[0] for dependency in project["dependencies"]}
    assert locked == wanted, "run `make lock`"


if __name__ == "__main__":
    (ROOT / "environment.yml").write_text(environment())
