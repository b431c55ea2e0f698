"""The explorer of one kernel sliding over one picture."""

from companion.explore.convolution.convolution import Convolution

__all__ = ["Convolution"]
