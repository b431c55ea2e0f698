"""The levels of an assignment's tests, found with the instructor's solution once for each source, and remembered."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace

import companion
from autograder.course.course import Course
from autograder.engines.levels import failures, looser, said
from autograder.engines.probe import Probed
from autograder.engines.sandbox import Grader
from autograder.errors import CourseError
from autograder.limits import Limits
from autograder.results import Assignment, digest


def with_levels(
    course: Course, form: Assignment, limits: Limits, *, unsandboxed: bool, strict: bool, tell: Callable[[str], None]
) -> Assignment:
    """The assignment with what its solution shows about its tests; `tell` gets it in sentences.

    Raises CourseError if `strict` and a test can't run apart from the students' code.
    """
    probed = _remembered(course, form, limits)
    if probed is None:
        with Grader(limits, unsandboxed=unsandboxed) as grader:
            found = {name: grader.probed(form, name) for name in form.notebooks}
        probed = {name: each for name, each in found.items() if each}
        _remember(course, form, limits, probed)
    if strict and looser(probed):
        raise CourseError(f"Nothing was graded: with --strict all tests run apart. {said(probed)}")
    if looser(probed):
        tell(said(probed))
    for text in failures(probed):
        tell(text)
    return replace(form, probed=probed)


def _remembered(course: Course, form: Assignment, limits: Limits) -> dict[str, Probed] | None:
    try:
        saved = json.loads(course.levels(form.name).read_text("utf-8"))
        if saved["of"] != _of(form, limits):
            return None
        return {name: Probed.read(each) for name, each in saved["notebooks"].items()}
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _remember(course: Course, form: Assignment, limits: Limits, probed: Mapping[str, Probed]) -> None:
    """Write down what was found; not where a test failed, since that may lie in what is installed."""
    if any(each.failed for each in probed.values()):
        return
    path = course.levels(form.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    saved = {"of": _of(form, limits), "notebooks": {name: asdict(each) for name, each in probed.items()}}
    path.write_text(json.dumps(saved, indent=1, ensure_ascii=False), "utf-8")


def _of(form: Assignment, limits: Limits) -> list[str]:
    """What the findings depend on."""
    return [form.digest(), digest(form.solutions), repr(limits), companion.__version__, sys.version]
