"""A course graded by nbgrader and here."""

import shutil
from itertools import chain
from typing import NamedTuple

from autograder.course.course import Course
from autograder.grade.run import grade
from tests.autograder import stock


class Graded(NamedTuple):
    """What nbgrader and this grader made of assignments, and which submissions nbgrader refused."""

    stock: dict[stock.Key, stock.Mark]
    here: dict[stock.Key, stock.Mark]
    refused: set[tuple[str, str]]


def grade_twice(course: Course, *assignments: tuple[str, ...]) -> Graded:
    """Grade assignments here, and meanwhile with nbgrader: in a process and a copy of the course for each tuple."""
    made = shutil.ignore_patterns("gradebook.db", "autograded", "results")
    copies = [course.root.with_name(f"stock-{'-'.join(each)}") for each in assignments]
    for folder in copies:
        shutil.copytree(course.root, folder, ignore=made)
    running = [stock.start(folder, each) for folder, each in zip(copies, assignments, strict=True)]
    for assignment in chain(*assignments):
        grade(course, assignment, workers=1)
    refused = set().union(*map(stock.refused, running))
    theirs = {key: mark for folder in copies for key, mark in stock.marks(folder).items()}
    here = {key: mark for key, mark in stock.marks(course.root).items() if key.assignment in chain(*assignments)}
    return Graded(theirs, here, refused)
