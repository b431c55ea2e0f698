"""Packs companion/labextension/ as a prebuilt JupyterLab extension: no node, no bundler.

JupyterLab lets browsers keep an extension's files for a year, so the script's name carries a hash of its content,
and package.json, which is always fetched anew, names it.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCE = Path("companion", "labextension")
TARGET = "share/jupyter/labextensions/cnn-companion"


def script_name(content: bytes) -> str:
    """The name under which the script is installed, e.g. "remoteEntry.0123456789abcdef.js"."""
    return f"remoteEntry.{hashlib.sha256(content).hexdigest()[:16]}.js"


class LabExtension(BuildHookInterface):
    """Adds the extension's files to the wheel, also to the wheel of an editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write package.json into build/ and tell hatch where each file goes."""
        source = Path(self.root, SOURCE)
        name = script_name((source / "index.js").read_bytes())
        package = Path(self.root, "build", "labextension", "package.json")
        package.parent.mkdir(parents=True, exist_ok=True)
        package.write_text(json.dumps(self._package(name), indent=2) + "\n", encoding="utf-8")
        build_data["shared_data"] |= {
            str(source / "index.js"): f"{TARGET}/static/{name}",
            str(source / "install.json"): f"{TARGET}/install.json",
            str(package): f"{TARGET}/package.json",
        }

    def _package(self, name: str) -> dict[str, Any]:
        return {
            "name": "cnn-companion",
            "version": self.metadata.version,
            "jupyterlab": {"extension": True, "_build": {"load": f"static/{name}", "extension": "./extension"}},
        }
