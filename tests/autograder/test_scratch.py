"""The temporary folder: removed at the end, or by the next command."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from autograder.grade.scratch import scratch_folder

LONG_AGO = (0, 0)
HOLD = """
import time
from autograder.grade.scratch import scratch_folder
with scratch_folder() as folder:
    print(folder, flush=True)
    time.sleep(600)
"""


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """A folder of this test's own for temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def other():
    """Another process that holds a scratch folder, and that folder."""
    with subprocess.Popen([sys.executable, "-c", HOLD], stdout=subprocess.PIPE, text=True) as process:
        folder = Path(process.stdout.readline().strip())
        assert folder.is_dir()
        yield process, folder
        process.kill()


def test_all_temporary_files_are_in_it_and_go_with_it(place):
    with scratch_folder() as folder:
        assert folder.parent == place
        assert Path(tempfile.mkdtemp()).parent == folder
    assert not folder.exists()
    assert tempfile.gettempdir() == str(place)


def test_what_a_killed_process_left_is_removed_by_the_next(other):
    process, folder = other
    (folder / "left").write_text("over")
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert folder.is_dir()
    os.utime(folder, LONG_AGO)
    with scratch_folder():
        assert not folder.exists()


def test_what_a_living_process_holds_stays(other):
    _, folder = other
    os.utime(folder, LONG_AGO)
    with scratch_folder():
        assert folder.is_dir()


def test_other_folders_links_and_young_ones_stay(place):
    kept = [place / "autograder-faults-x", place / "autograder-scratch-young", place / "real"]
    for folder in kept:
        folder.mkdir()
    link = place / "autograder-scratch-link"
    link.symlink_to(place / "real")
    os.utime(link, LONG_AGO, follow_symlinks=False)
    os.utime(place / "real", LONG_AGO)
    with scratch_folder():
        assert all(folder.is_dir() for folder in (*kept, link))
