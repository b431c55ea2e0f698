"""The explorer that reads handwritten numbers by sliding a digit classifier over them."""

from companion.explore.read_number.read_number import ReadNumber

__all__ = ["ReadNumber"]
