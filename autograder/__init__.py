"""The instructor's side of a course: release, collect, grade, give feedback, export."""
