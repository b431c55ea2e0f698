"""Tests that run side by side keep together what shares something."""

import pytest

from tests.conftest import pytest_xdist_auto_num_workers


def test_the_tests_of_a_file_are_known_as_a_group(request: pytest.FixtureRequest):
    if not hasattr(request.config, "workerinput"):
        pytest.skip("nothing runs beside this test")
    assert request.node.nodeid.endswith("@test_side_by_side"), "pytest-xdist does not know the group"


def test_there_is_at_least_one_worker():
    assert pytest_xdist_auto_num_workers() >= 1
