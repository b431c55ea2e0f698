"""Every explorer has its place: its folder, its measurement, its picture in the README or a reason for none."""

from pathlib import Path

from benchmarks.explorers import SLIDERS
from companion import explore
from companion.explore import EXPLORERS, folder_of
from docs.screenshots import EXPLORERS as PICTURES
from docs.screenshots import NOT_SHOWN

ROOT = Path(__file__).parents[2]
NO_EXPLORER = {"training_curves"}  # companion.training shows it
KNOWN_AS = {"FindKernel": "find-the-kernel"}


def test_every_folder_with_a_page_is_an_explorer() -> None:
    folders = {
        path.parent.name for path in Path(explore.__file__).parent.glob("*/*.js") if path.stem == path.parent.name
    }
    assert folders - NO_EXPLORER == {folder_of(name) for name in EXPLORERS}


def test_every_explorer_is_measured() -> None:
    assert set(SLIDERS) == set(EXPLORERS)


def test_every_explorer_has_a_picture_or_a_reason_for_none() -> None:
    taken = {picture for cells in PICTURES.values() for picture in cells.values()}
    names = {name: KNOWN_AS.get(name, folder_of(name).replace("_", "-")) for name in EXPLORERS}
    assert {name for name, picture in names.items() if picture not in taken} == set(NOT_SHOWN)
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [picture for picture in taken if f"(docs/{picture}.png)" not in readme] == []
