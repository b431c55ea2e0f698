"""The explorer of flattening: how a picture comes apart into one line of numbers."""

from companion.explore.flatten.flatten import Flatten

__all__ = ["Flatten"]
