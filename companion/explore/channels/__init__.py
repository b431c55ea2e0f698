"""The explorer of channels: input stack, kernels with a slice for each input channel, output maps, cost."""

from companion.explore.channels.channels import Channels

__all__ = ["Channels"]
