"""The explorer of the design space: how many plain networks there are, and where one of them lies among all."""

from companion.explore.design_space.design_space import DesignSpace

__all__ = ["DesignSpace"]
