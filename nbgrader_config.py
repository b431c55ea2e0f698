"""nbgrader's settings for this course; `nbgrader`, the formgrader and `autograder` all read them."""

c = get_config()  # type: ignore[name-defined]  # noqa: F821  (traitlets provides it)

c.CourseDirectory.course_id = "cnn-companion"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "quizzes"

# The working state of a class lies in one folder that git ignores.
c.CourseDirectory.submitted_directory = "classroom/submitted"
c.CourseDirectory.autograded_directory = "classroom/autograded"
c.CourseDirectory.feedback_directory = "classroom/feedback"
c.CourseDirectory.db_url = "sqlite:///classroom/gradebook.db"

# Answers such as `answer_1 = "B"` are released as `answer_1 = ""`, so that the cell still runs.
c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.InstantiateTests",
    "nbgrader.preprocessors.LockCells",
    "autograder.release.ClearAnswers",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# A locked test cell may not be skipped by a tag that the submission brought along.
c.Execute.skip_cells_with_tag = ""
c.OverwriteCells.add_missing_cells = True

# Feedback pages show a learner no hidden test, also when the formgrader or `nbgrader generate_feedback` makes them.
c.GenerateFeedback.preprocessors = [
    "autograder.feedback.LearnerView",
    "nbgrader.preprocessors.GetGrades",
]
c.GenerateFeedback.exporter_class = "autograder.feedback.LearnerPage"
