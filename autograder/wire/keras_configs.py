"""Checking a configuration of Keras's that nobody vouches for, before Keras makes anything of it.

A configuration may name any class and any function of any module, and Keras would import and call it. So only what is
on the lists of `keras_names` is taken.
"""

import json
from collections.abc import Mapping
from typing import Any

from autograder.wire import keras_names
from autograder.wire.frames import Uncrossable

MAX_LAYERS = 2000  # and operations; and as many calls of them
_MAX_CONFIG = 4 << 20  # characters
_DEEPEST = 60
_DTYPES = (
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "bfloat16", "float32", "float64"),
)
_SIZES = ("units", "filters", "input_dim", "output_dim", "depth_multiplier")

Lists = Mapping[str, frozenset[str]]


def check(config: str) -> dict[str, Any]:
    """A model's configuration as data. Raises Uncrossable for anything in it that is not on the lists."""
    content = _read(config)
    if content.get("class_name") not in keras_names.MODELS:
        raise Uncrossable("Only keras.Sequential and functional models can be handed over.")
    _Checker(keras_names.MODELLING).check(content)
    return content


def check_training(config: str) -> dict[str, Any]:
    """What a model was compiled with, as data. Raises Uncrossable as `check` does."""
    content = _read(config)
    _Checker(keras_names.TRAINING).check(content)
    return content


def checked(part: Any) -> Any:
    """A layer's own part of a configuration, if nothing in it is off the lists. Raises Uncrossable as `check` does."""
    _Checker(keras_names.MODELLING).check(part)
    return part


def check_object(config: str) -> dict[str, Any]:
    """A loss, an optimizer, an initialiser or the like, as data. Raises Uncrossable as `check` does."""
    content = _read(config)
    if content.get("module") not in keras_names.OBJECTS:
        raise Uncrossable("An object of Keras's can't be handed over.")
    _Checker({**keras_names.OBJECTS, "keras": keras_names.TRAINING["keras"]}).check(content)
    return content


def _read(config: str) -> dict[str, Any]:
    if len(config) > _MAX_CONFIG:
        raise Uncrossable("The model's configuration is too large.")
    try:
        content = json.loads(config)
    except (ValueError, RecursionError):
        raise Uncrossable("The model's configuration can't be read.") from None
    if not isinstance(content, dict) or not isinstance(content.get("class_name", ""), str):
        raise Uncrossable("The model's configuration can't be read.")
    return content


class _Checker:
    """Walks a configuration, and counts its layers and operations, and how often they are called."""

    def __init__(self, lists: Lists) -> None:
        self._lists = lists
        self._layers = 0
        self._calls = 0

    def check(self, part: Any, key: str = "", depth: int = 0) -> None:
        if depth > _DEEPEST:
            raise Uncrossable("The model's configuration is nested too deep.")
        if isinstance(part, dict):
            if _is_activation(key) and part.get("module") != "keras.layers":
                raise Uncrossable("The model uses an activation function of its own, which can't be handed over.")
            if "class_name" in part or "module" in part or "registered_name" in part:
                self._check_object(part)
            for name, child in part.items():
                self.check(child, name, depth + 1)
        elif isinstance(part, list):
            if key == "inbound_nodes":
                self._check_calls(part)
            for child in part:
                self.check(child, key, depth + 1)
        elif isinstance(part, str):
            _check_text(key, part)
        elif isinstance(part, int | float):
            _check_number(key, part)

    def _check_object(self, part: dict[str, Any]) -> None:
        name, module = part.get("class_name"), part.get("module")
        part.pop("compile_config", None)
        if not isinstance(name, str) or not isinstance(module, str | None):
            raise Uncrossable("The model's configuration can't be read.")
        if module is None and name in keras_names.DATA:
            _check_data(part)
        elif name not in self._lists.get(module or "", ()) or part.get("registered_name") not in (None, name):
            raise Uncrossable(f"The model holds {name[:60]}, which is not among what can be handed over of Keras.")
        self._layers += module is not None and module.startswith(("keras.layers", "keras.src.ops"))
        self._check_counts()

    def _check_calls(self, calls: list[Any]) -> None:
        """A call is of what another layer gives: one of constants would be computed at once."""
        self._calls += len(calls)
        self._check_counts()
        if not all(map(_has_tensor, calls)):
            raise Uncrossable("The model has a layer that is called with nothing that another gives.")

    def _check_counts(self) -> None:
        if max(self._layers, self._calls) > MAX_LAYERS:
            raise Uncrossable("The model has too many layers.")


def _has_tensor(part: Any, depth: int = 0) -> bool:
    if depth > _DEEPEST:
        return False
    if isinstance(part, dict):
        children = part.values()
        return part.get("class_name") == "__keras_tensor__" or any(_has_tensor(each, depth + 1) for each in children)
    return isinstance(part, list) and any(_has_tensor(each, depth + 1) for each in part)


def _check_data(part: dict[str, Any]) -> None:
    """A plain value by one of Keras's names: what Keras makes of it has a data type that holds a number."""
    config = part.get("config")
    dtype = config.get("dtype", "float32") if isinstance(config, dict) else None
    if dtype not in _DTYPES:
        raise Uncrossable("The model holds a value that can't be handed over.")


def _is_activation(key: str) -> bool:
    return key.endswith("activation")


def _check_text(key: str, text: str) -> None:
    if _is_activation(key) and text not in keras_names.ACTIVATIONS:
        raise Uncrossable(f"The model uses the activation {text[:60]}, which can't be handed over.")


def _check_number(key: str, number: float) -> None:
    """Sizes: what a layer may hold of weights is bounded by the weights that came, what it computes is not."""
    if key in _SIZES and not 0 <= number <= 1 << 24:
        raise Uncrossable(f"The model has a layer whose {key} are too many.")
