"""The explorer of shuffled pixels: what an MLP and a CNN make of pictures whose neighbourhoods are gone."""

from companion.explore.pixel_shuffle.pixel_shuffle import PixelShuffle

__all__ = ["PixelShuffle"]
