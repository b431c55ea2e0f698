"""The explorer that counts parameters: a dense layer against a convolution, for a picture of any size."""

from companion.explore.parameter_calculator.parameter_calculator import ParameterCalculator

__all__ = ["ParameterCalculator"]
