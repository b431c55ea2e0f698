"""What a Keras model was compiled with, as data: loss, metrics and optimizer by configuration, if they are Keras's own.

What is the student's own code stays where it is: something that refuses stands for it, and names it.
"""

import contextlib
import json
from collections.abc import Callable
from typing import Any, NoReturn

from autograder.wire import keras_names
from autograder.wire.frames import Uncrossable
from autograder.wire.keras_configs import check_object, check_training

Refuse = Callable[[str], NoReturn]  # called with the reason for which a person has to look

_COMPILED = ("optimizer", "loss", "loss_weights", "metrics", "weighted_metrics")
# Each the only key of a dict: a loss or metric that is a function of Keras's; and a part that is the student's own.
_FUNCTION, _OWN = "function", "own"
_MOST_LETTERS = 100  # of a name


def refuse_by_raising(why: str) -> NoReturn:
    """Raise Uncrossable, and do no more."""
    raise Uncrossable(why)


def describe_training(model: Any) -> str:
    """What a model was compiled with, as JSON; empty where it was not."""
    given = getattr(getattr(model, "_compile_config", None), "config", None)
    if not getattr(model, "compiled", False) or not isinstance(given, dict):
        return ""
    content = {name: _training(given.get(name)) for name in _COMPILED}
    with contextlib.suppress(Exception):
        content["iterations"] = int(model.optimizer.iterations)
    return json.dumps(content)


def describe_object(value: Any) -> str | None:
    """A loss, an optimizer, an initialiser or the like of Keras's own, as JSON; None for any other object."""
    if not type(value).__module__.startswith("keras."):
        return None
    try:
        import keras

        config = json.dumps(keras.saving.serialize_keras_object(value))
        check_object(config)
        return None if int(getattr(value, "iterations", 0)) else config  # one in use is not what it was
    except Exception:
        return None


def rebuild_object(config: str) -> Any:
    """The object of a configuration that nobody vouches for. Raises Uncrossable."""
    content = check_object(config)
    try:
        return _made(content, refuse_by_raising)
    except Exception as error:
        raise Uncrossable(f"An object of Keras's can't be rebuilt ({type(error).__name__}).") from None


def _training(value: Any) -> Any:
    """A loss, a metric, an optimizer, or several, as what JSON can hold."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, dict):
        return {str(name): _training(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_training(each) for each in value]
    if name := keras_names.training_function_name(value):
        return {_FUNCTION: name}
    try:
        import keras

        config = keras.saving.serialize_keras_object(value)
        check_training(json.dumps(config))
        return config
    except Exception:
        return {_OWN: str(getattr(value, "__name__", type(value).__name__))[:_MOST_LETTERS]}


class Refused:
    """Stands for a loss, a metric or an optimizer of the student's own code: `refuse` is called where it is needed."""

    def __init__(self, name: str, refuse: Refuse) -> None:
        self.name = self.__name__ = name[:_MOST_LETTERS] if name.isidentifier() else _OWN
        self._refuse = refuse

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._refused()

    def __call__(self, *positional: Any, **named: Any) -> Any:
        """Would run the student's code where the tests are, or tell it what is right."""
        return self._refused()

    def __eq__(self, other: object) -> Any:
        return self is other or self._refused()

    __hash__ = object.__hash__

    def _refused(self) -> NoReturn:
        self._refuse(f"The model was compiled with {self.name}, which is the student's own")


def training(config: str, refuse: Refuse = refuse_by_raising) -> dict[str, Any]:
    """What to compile a model with, of a configuration that nobody vouches for. Raises Uncrossable."""
    content = check_training(config)
    try:
        return {name: _made(content.get(name), refuse) for name in _COMPILED} | {
            "iterations": max(int(content.get("iterations", 0)), 0)
        }
    except Uncrossable:
        raise
    except Exception as error:
        raise Uncrossable(f"What the model was compiled with can't be rebuilt ({type(error).__name__}).") from None


def _made(part: Any, refuse: Refuse) -> Any:
    import keras

    if isinstance(part, list):
        return [_made(each, refuse) for each in part]
    if isinstance(part, dict) and list(part) == [_FUNCTION]:
        return keras_names.training_function(part[_FUNCTION])
    if isinstance(part, dict) and list(part) == [_OWN]:
        return Refused(str(part[_OWN]), refuse)
    if isinstance(part, dict) and "class_name" in part:
        return keras.saving.deserialize_keras_object(part, safe_mode=True)
    return {name: _made(each, refuse) for name, each in part.items()} if isinstance(part, dict) else part


def compile_with(model: Any, given: dict[str, Any]) -> None:
    """Compile a model with what `training` has made."""
    optimizer = given["optimizer"]
    is_refused = isinstance(optimizer, Refused)
    named = {name: given[name] for name in _COMPILED if name != "optimizer"}
    model.compile("sgd" if is_refused else optimizer, **named)
    if is_refused:
        model.optimizer = optimizer
    elif model.optimizer is not None:
        model.optimizer.iterations.assign(given["iterations"])
