"""Packs companion/labextension/, and the modules that it shares with the widgets, as a prebuilt JupyterLab extension.

There is no node and no bundler. JupyterLab lets browsers keep an extension's files for a year, so the names of its
script and of the folder with its modules carry a hash of their content, and package.json, which is always fetched anew,
names the script.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCE = Path("companion", "labextension")
SCRIPT = SOURCE / "remoteEntry.js"
TARGET = "share/jupyter/labextensions/cnn-companion"


def installed_files(root: Path) -> dict[Path, str]:
    """Each of the extension's own files, relative to `root`, and where it is installed, relative to `TARGET`."""
    modules = ("labextension/*.js", "labextension/*.css", "widgets/*.js")
    found = sorted(path.relative_to(root) for pattern in modules for path in root.glob(f"companion/{pattern}"))
    content = b"".join(path.as_posix().encode() + b"\0" + (root / path).read_bytes() for path in found)
    name = hashlib.sha256(content).hexdigest()[:16]
    files = {path: f"static/{name}/{path.relative_to('companion').as_posix()}" for path in found if path != SCRIPT}
    return {SCRIPT: f"static/remoteEntry.{name}.js", **files, SOURCE / "install.json": "install.json"}


class LabExtension(BuildHookInterface):
    """Adds the extension's files to the wheel, also to the wheel of an editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write package.json into build/ and tell hatch where each file goes."""
        files = installed_files(Path(self.root))
        package = Path(self.root, "build", "labextension", "package.json")
        package.parent.mkdir(parents=True, exist_ok=True)
        package.write_text(json.dumps(self._package(files[SCRIPT]), indent=2) + "\n", encoding="utf-8")
        build_data["shared_data"] |= {
            **{str(Path(self.root, path)): f"{TARGET}/{place}" for path, place in files.items()},
            str(package): f"{TARGET}/package.json",
        }

    def _package(self, script: str) -> dict[str, Any]:
        return {
            "name": "cnn-companion",
            "version": self.metadata.version,
            "jupyterlab": {"extension": True, "_build": {"load": script, "extension": "./extension"}},
        }
