"""The explorer of receptive fields: a stack of layers, and what one output position sees of the picture."""

from companion.explore.receptive_field.receptive_field import ReceptiveField

__all__ = ["ReceptiveField"]
