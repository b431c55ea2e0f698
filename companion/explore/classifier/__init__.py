"""The explorer that asks SqueezeNet what it sees in a window of a picture."""

from companion.explore.classifier.classifier import Classifier

__all__ = ["Classifier"]
