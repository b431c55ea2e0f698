"""What a late submission costs, by the plugin that the course's configuration names."""

from nbgrader.preprocessors import AssignLatePenalties

from autograder.course.course import Course
from autograder.errors import CourseError, shown


class LatePenalty:
    """The course's plugin for late submissions."""

    def __init__(self, course: Course) -> None:
        step = AssignLatePenalties(parent=course.app)
        step.init_plugin()
        self._plugin = step.plugin_inst

    def penalty(self, student: str, score: float, late: float) -> float | None:
        """The points to take off a notebook's score, between none and all of it; `late` is in seconds.

        Raises CourseError when the plugin breaks.
        """
        penalty = self._ask(student, score, late) if late > 0 else None
        return None if penalty is None else min(max(penalty, 0.0), score)

    def _ask(self, student: str, score: float, late: float) -> float | None:
        try:
            penalty = self._plugin.late_submission_penalty(student, score, late)
            return None if penalty is None else float(penalty)
        except Exception as error:  # the course's own code
            name, text = type(self._plugin).__name__, f"{type(error).__name__}: {shown(error, 200)}"
            raise CourseError(f"The course's plugin for late submissions, {name}, broke ({text}). Mend it.") from error
