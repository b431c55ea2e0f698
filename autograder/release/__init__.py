"""From an assignment's source to what learners get. Courses' `nbgrader_config.py` names ClearAnswers."""

from autograder.release.make import ClearAnswers

__all__ = ["ClearAnswers"]
