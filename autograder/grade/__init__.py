"""Grading a class: the batch, its workers, and its results written down."""
