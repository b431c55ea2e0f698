"""The explorer of shifts: what an MLP and a CNN say of a digit as it leaves its place."""

from companion.explore.shift_test.shift_test import ShiftTest

__all__ = ["ShiftTest"]
