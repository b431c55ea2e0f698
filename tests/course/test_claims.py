"""The list of empirical claims agrees with the lessons, and its command tells a claim that fails."""

import math
from itertools import count

import nbformat
import pytest

from benchmarks import claims
from benchmarks.claimed import Claim, all_claims
from tests.course.notebooks import ROOT, lessons

MADE_UP = Claim("02-convolution", "shift-read", "Not a trace of a difference.", "a difference", lambda seed: 2.0 * seed)


@pytest.mark.parametrize("claim", all_claims(), ids=lambda claim: f"{claim.lesson}-{claim.cell}")
def test_a_claim_quotes_its_lesson_and_has_a_bound(claim: Claim):
    notebook = nbformat.read(ROOT / "lessons" / f"{claim.lesson}.ipynb", as_version=4)
    [cell] = [cell for cell in notebook.cells if cell.id == claim.cell]
    assert claim.sentence in cell.source
    assert claim.at_least > -math.inf or claim.at_most < math.inf
    assert not claim.holds([math.nan])


def test_every_lesson_has_its_claims_measured():
    assert {claim.lesson for claim in all_claims()} == {path.stem for path in lessons()}


@pytest.mark.parametrize(("at_most", "holds"), [(8, True), (7.9, False)])
def test_a_claim_must_hold_for_every_seed(capsys, at_most: float, holds: bool):
    claim = Claim(**{**vars(MADE_UP), "at_most": at_most})
    assert claims.report([claim], seeds=5) == ([] if holds else [claim])
    table = capsys.readouterr().out
    assert f"{'✓' if holds else '✗'}          4 ± 3.2" in table
    assert f"≤ {at_most:g}" in table
    assert "“Not a trace of a difference.” (shift-read)" in table


def test_each_seed_is_measured_once_in_order():
    seeds = count()
    claim = Claim(**{**vars(MADE_UP), "measure": lambda seed: float(seed != next(seeds)), "at_most": 0})
    assert claims.report([claim], seeds=4) == []


def test_an_unknown_lesson_is_named(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["claims.py", "08-nothing"])
    with pytest.raises(SystemExit):
        claims.main()
    assert "no claims are listed for 08-nothing" in capsys.readouterr().err
