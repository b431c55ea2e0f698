"""What is shown of a training while it runs; `companion.training` fills it in."""

from companion.explore.training_curves.training_curves import TrainingCurves

__all__ = ["TrainingCurves"]
