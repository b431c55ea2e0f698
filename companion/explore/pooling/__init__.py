"""The explorer of pooling on a few numbers: windows, winners, and the way back of a gradient."""

from companion.explore.pooling.pooling import Pooling

__all__ = ["Pooling"]
