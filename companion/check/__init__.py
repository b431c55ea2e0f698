"""Checks of what a learner writes in a lesson: what is right, what isn't, and the first of it explained.

A check compares with the course's own code, and with versions of it that are wrong on purpose, one for each mistake
that people often make: a result that equals one of those can be explained. One module for each lesson's exercises.
"""

from companion.check.convolution import conv2d
from companion.check.pixels import shuffle, twin_weights
from companion.check.pooling import pool2d
from companion.check.relu import relu_max
from companion.check.report import Report

__all__ = ["Report", "conv2d", "pool2d", "relu_max", "shuffle", "twin_weights"]
