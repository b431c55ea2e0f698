"""The trusted process, which runs the tests and asks the student's process only for data."""
