import hashlib
import json
import sys
from pathlib import Path

INSTALLED = Path(sys.prefix, "share", "jupyter", "labextensions", "cnn-companion")
STALE = "the JupyterLab extension is not installed as it is in the source tree: run `make lab` or `make test` again"


def test_the_installed_script_is_the_source_under_the_hash_of_its_content(root: Path) -> None:
    """JupyterLab lets browsers keep the file for a year, so a changed file needs a changed name."""
    content = (root / "companion" / "labextension" / "index.js").read_bytes()
    package = json.loads((INSTALLED / "package.json").read_text())

    load = package["jupyterlab"]["_build"]["load"]
    assert load == f"static/remoteEntry.{hashlib.sha256(content).hexdigest()[:16]}.js", STALE
    assert (INSTALLED / load).read_bytes() == content
    assert [path.name for path in (INSTALLED / "static").iterdir()] == [Path(load).name]


def test_the_events_have_the_same_names_on_both_sides(root: Path) -> None:
    widget = (root / "companion" / "widgets" / "answer.js").read_text()
    extension = (root / "companion" / "labextension" / "index.js").read_text()

    for name in ("ANSWER_EVENT", "SAVE_EVENT", "MOUNT_EVENT", "SOURCE_EVENT"):
        line = next(line for line in widget.splitlines() if line.startswith(f"export const {name}"))
        assert line.split(";")[0].removeprefix("export ") in extension
