"""Tensors, variables and small objects of Keras's and TensorFlow's as data. Neither is imported until one is there."""

import sys
from typing import Any

import numpy as np

from autograder.wire import keras_names, keras_training
from autograder.wire.frames import DTYPES, Uncrossable, Violation
from autograder.wire.keras_training import Refuse, refuse_by_raising

KINDS = ("tensor", "variable", "symbol", "activation", "of keras")


def is_tensor(value: object) -> bool:
    """Whether `value` is a tensor or a variable of TensorFlow or Keras; imports nothing."""
    tensorflow, keras = sys.modules.get("tensorflow"), sys.modules.get("keras")
    if tensorflow is not None and isinstance(value, tensorflow.Tensor | tensorflow.Variable):
        return True
    return keras is not None and isinstance(value, keras.Variable)


def is_symbol(value: object) -> bool:
    """Whether `value` is one of Keras's tensors without values; imports nothing."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(value, keras.KerasTensor)


def describe(value: Any) -> tuple[str, Any] | None:
    """A tensor, a variable or another object of Keras's, under a name of its kind, as data; None for any other."""
    keras = sys.modules.get("keras")
    if keras is None and "tensorflow" not in sys.modules:
        return None
    if keras and isinstance(value, keras.Variable):
        return "variable", [*plain_tensor(value), str(value.name), bool(value.trainable)]
    if is_tensor(value):
        return "tensor", plain_tensor(value)
    if is_symbol(value):
        return "symbol", [list(value.shape), str(value.dtype), str(value.name)]
    if keras and callable(value) and (name := keras_names.activation_name(value)):
        return "activation", name
    if keras and (config := keras_training.describe_object(value)):
        return "of keras", config
    return None


def plain_tensor(value: Any) -> list[Any]:
    """A tensor's values, and the name of its data type. Raises Uncrossable for one that has no values yet."""
    try:
        array = np.asarray(value.numpy())
    except (AttributeError, NotImplementedError):
        raise Uncrossable("A tensor without values can't be handed over.") from None
    return [plain(array), array.dtype.name if array.dtype.kind != "O" else ""]


def plain(array: np.ndarray) -> np.ndarray:
    """The array in a data type that can cross: TensorFlow has floating-point types that NumPy has not."""
    known = array.dtype.kind in "OUS" or array.dtype.newbyteorder("<").str in DTYPES
    return array if known else array.astype(np.float32)


def restore(kind: str, content: Any, refuse: Refuse = refuse_by_raising) -> Any:
    """What was described, by who is not to be believed. Raises Uncrossable, or Violation for what is none of these.

    `refuse` is called where a symbol would have to know what it was computed of.
    """
    match kind, content:
        case "tensor", [np.ndarray() as array, str(dtype)]:
            return tensor(array, dtype)
        case "variable", [np.ndarray() as array, str(dtype), str(name), bool(trainable)]:
            return _variable(array, dtype, name, trainable=trainable)
        case "symbol", [list(shape), str(dtype), str(name)]:
            return _symbol(shape, dtype, name, refuse)
        case "activation", str(name) if name in keras_names.ACTIVATIONS:
            return keras_names.activation(name)
        case "of keras", str(config):
            return keras_training.rebuild_object(config)
    raise Violation("an object of Keras's in a form that is none")


def tensor(array: np.ndarray, dtype: str = "") -> Any:
    """A TensorFlow constant with the array's values, of a data type that NumPy has no own form for, where one is given.

    Raises Uncrossable where there is no such type.
    """
    import tensorflow as tf

    if not dtype or dtype == array.dtype.name:
        return tf.constant(array)
    try:
        return tf.cast(array, dtype)
    except (TypeError, ValueError, tf.errors.OpError):
        raise Uncrossable("The tensor's data type is none that can be handed over.") from None


def _variable(array: np.ndarray, dtype: str, name: str, *, trainable: bool) -> Any:
    """A variable of Keras's with the array's values."""
    import keras

    return keras.Variable(tensor(array, dtype), trainable=trainable, name=name.replace("/", "_")[:100] or None)


def _symbol(shape: list[Any], dtype: str, name: str, refuse: Refuse) -> Any:
    """One of Keras's tensors without values, of which nothing more can be computed. Raises Uncrossable."""
    import keras

    why = f"no other model can be made of {name[:100]}, which belongs to a model with code of the student's own"
    history = property(lambda self: refuse(why))
    kind: Any = type("KerasTensor", (keras.KerasTensor,), {"_keras_history": history})
    try:
        return kind(tuple(shape), dtype=dtype, name=name[:100])
    except (TypeError, ValueError):
        raise Uncrossable("The model has an input or output whose shape can't be handed over.") from None
