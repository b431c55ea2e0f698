"""What a learner may see of the graded notebook. Courses' `nbgrader_config.py` names LearnerView and LearnerPage."""

from autograder.feedback.write import LearnerPage, LearnerView

__all__ = ["LearnerPage", "LearnerView"]
