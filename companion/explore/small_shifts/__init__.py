"""The explorer of small shifts: how much a feature map changes when the picture moves by a few pixels."""

from companion.explore.small_shifts.small_shifts import SmallShifts

__all__ = ["SmallShifts"]
