"""Keras models as data: configuration and weights one way, and back only after both were checked.

The number of parameters is counted before any memory is filled. TensorFlow is imported only when a model is there.
"""

import contextlib
import copy
import importlib
import json
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.wire import keras_names
from autograder.wire.frames import Uncrossable
from autograder.wire.keras_configs import check
from autograder.wire.keras_training import Refuse, compile_with, describe_training, refuse_by_raising, training
from autograder.wire.keras_values import plain

MAX_PARAMETERS = 50_000_000
# What a model's own class may have of its own, so that what Keras's would make of its predictions says nothing.
_JUDGING = ("predict", "evaluate", "test_step", "compute_loss", "compute_metrics", "compile", "metrics")


def is_model(value: object) -> bool:
    """Whether `value` is a Keras model; imports nothing."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(value, keras.Model)


def is_layer(value: object) -> bool:
    """Whether `value` is a layer of Keras, of whichever class; imports nothing."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(value, keras.layers.Layer)


def describe(model: Any) -> tuple[str, list[np.ndarray]]:
    """Configuration as JSON, and weights. Raises Uncrossable for a model that is not made of Keras's layers alone."""
    kind = type(model)
    if kind.__name__ not in keras_names.MODELS or not kind.__module__.startswith("keras."):
        raise Uncrossable(f"The model {kind.__name__} is of a class of the student's own.")
    is_functional = kind.__name__ == "Functional"
    try:
        with _activations_by_identity():
            content = {
                "module": "keras.src.models.functional" if is_functional else "keras",
                "class_name": kind.__name__,
                "config": model.get_config(),
                "registered_name": "Functional" if is_functional else None,
                "build_config": model.get_build_config(),
            }
            return json.dumps(content), [plain(np.asarray(weight)) for weight in model.get_weights()]
    except Uncrossable:
        raise
    except Exception as error:
        raise Uncrossable(
            f"The model {kind.__name__} can't be handed over ({type(error).__name__}): "
            "models made with keras.Sequential or keras.Model(inputs, outputs) can."
        ) from None


@contextlib.contextmanager
def _activations_by_identity() -> Iterator[None]:
    """Let Keras call an activation by its name only where it is Keras's own, or computes the same.

    Keras itself takes any function that is named like one of its own for that.
    """
    module: Any = importlib.import_module("keras.src.activations")
    serialize = module.serialize

    def by_identity(activation: Any) -> Any:
        if name := keras_names.activation_name(activation):
            return name
        if not is_layer(activation):
            raise Uncrossable("The model uses an activation function of its own, which can't be handed over.")
        return serialize(activation)

    module.serialize = by_identity
    try:
        yield
    finally:
        module.serialize = serialize


def offered(model: Any) -> list[Any]:
    """A student's model, for who trusts nothing of it: configuration and weights, empty where these can't cross.

    Then its class's name, the nearest of Keras's, what it was compiled with, and what its class has of its own.
    """
    try:
        config, weights = describe(model)
        check(config)
    except Uncrossable:
        config, weights = "", []
    kind = type(model)
    import keras

    own = [name for name in _JUDGING if getattr(kind, name, None) is not getattr(keras.Model, name)]
    return [config, weights, kind.__name__, nearest(kind), describe_training(model), own]


def nearest(kind: type) -> str:
    """The name of the nearest of Keras's own classes that a class is of, or comes from."""
    return next((base.__name__ for base in kind.__mro__ if base.__module__.startswith("keras.")), "")


def load(config: str, weights: list[np.ndarray]) -> Any:
    """The model of a trusted configuration."""
    import keras

    model = keras.models.model_from_json(config)
    model.set_weights(weights)
    return model


class Models:
    """The models that came from one student, by their numbers there.

    One that comes again stays the same object, as it is in the student's notebook, and only gets its present weights.
    """

    def __init__(self, refuse: Refuse = refuse_by_raising) -> None:
        self._known: dict[int, tuple[dict[str, Any], Any]] = {}
        self._compiled: dict[int, str] = {}
        self._refuse = refuse

    def rebuild(self, handle: int, config: str, weights: list[np.ndarray], compiled: str = "") -> Any:
        """The model of a configuration that nobody vouches for. Raises Uncrossable."""
        content = check(config)
        known, model = self._known.get(handle, (None, None))
        if known == content:
            _set_weights(model, weights)
        else:
            model = rebuild(copy.deepcopy(content), weights)  # which Keras takes apart
            self._known[handle] = content, model
            self._compiled[handle] = ""
        if compiled and compiled != self._compiled[handle]:
            compile_with(model, training(compiled, self._refuse))
            self._compiled[handle] = compiled
        return model


def rebuild(content: dict[str, Any], weights: list[np.ndarray]) -> Any:
    """The model of a configuration that was checked.

    Raises Uncrossable when it has too many parameters, or weights that are not its own.
    """
    if sum(weight.size for weight in weights) > MAX_PARAMETERS:
        raise Uncrossable(f"The model has more than {MAX_PARAMETERS:,} parameters.")
    import keras

    try:
        with keras.StatelessScope() as scope:  # variables get shapes here and memory at the end
            scope.initialize_variables = False
            model = keras.saving.deserialize_keras_object(content, safe_mode=True)
            _check_shapes(model, weights)
            scope.initialize_variables = True
        model.set_weights(weights)
    except Uncrossable:
        raise
    except Exception as error:
        raise Uncrossable(f"The model can't be rebuilt ({type(error).__name__}).") from None
    return model


def _set_weights(model: Any, weights: list[np.ndarray]) -> None:
    _check_shapes(model, weights)
    model.set_weights(weights)


def _check_shapes(model: Any, weights: list[np.ndarray]) -> None:
    if [tuple(variable.shape) for variable in model.weights] != [weight.shape for weight in weights]:
        raise Uncrossable("The model's weights don't fit its layers.")
