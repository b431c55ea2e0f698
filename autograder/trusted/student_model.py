"""What stands in a test for a Keras model with code of the student's own, which runs where that code is.

The model's process gets inputs, never what is right; each row in a place and a company that nobody there can foresee;
and is asked for some of them again. What is compared, counted and scored is made here, of the predictions and weights
that come back. What can't be had that way is refused, so that a person looks.
"""

import contextlib
import importlib
import io
import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.trusted.handles import Handle, StudentFunction, number
from autograder.trusted.level import Level
from autograder.trusted.predictions import by_row, collected, holds_arrays, mapped, parts
from autograder.wire import keras_configs, keras_names, keras_values
from autograder.wire.frames import Uncrossable
from autograder.wire.keras_training import compile_with, training

if TYPE_CHECKING:
    from autograder.trusted.session import Session

# What would get labels or files, what Keras would make other models of, and what a person should not believe.
_REFUSED = (
    *("fit", "train_on_batch", "test_on_batch", "train_step", "test_step", "metrics"),
    *("compute_loss", "compute_metrics", "stateless_compute_loss", "stateless_call", "quantize"),
    *("save", "save_weights", "load_weights", "export", "to_json", "from_config"),
    *("get_compile_config", "compile_from_config", "build_from_config"),
)
_MOST_LETTERS = 100  # of a name


class StudentLayer(Handle):
    """A layer in the student's process. Its attributes and results cross by copy."""

    _base = "Layer"  # the nearest of Keras's classes
    _refused: tuple[str, ...] = ()  # attributes that can't be had

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        """A class of that name that comes from Keras's, so that a test may ask whether it is one."""
        return _keras_class(type(self).__name__, self._base)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        if name.startswith("_") or name in self._refused:
            self._refuse(f"{name} of a model with code of the student's own can't be had here")
        return self._session.told("get", self._handle, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if self._session.level < Level.HANDLES:
            self._refuse(f"{name} of a model with code of the student's own can't be set here")
        self._session.told("set", self._handle, name, value)

    def __call__(self, *positional: Any, **named: Any) -> Any:
        """The result of the call; raises what the student's code raises."""
        return self._session.told("call", self._handle, list(positional), named)

    def count_params(self) -> int:
        """The number of parameters, counted from the weights that cross. Raises ValueError before there are any."""
        weights = self.weights
        if not weights and self.built is not True:
            raise ValueError(f"You tried to call `count_params` on '{self.name}', but it isn't built.")
        return sum(math.prod(weight.shape) for weight in weights)

    def get_config(self) -> Any:
        """The configuration, where it names nothing but what may cross: a test may have Keras make a layer of it."""
        if self._base not in keras_names.LAYERS:
            self._refuse("its configuration can't be had here")
        try:
            return keras_configs.checked(self._ask("get_config"))
        except Uncrossable as error:
            return self._refuse(str(error))

    def _ask(self, method: str, *positional: Any, **named: Any) -> Any:
        """What a method of the object's returns."""
        function = self._session.told("get", self._handle, method)
        if type(function) is not StudentFunction:
            raise TypeError(f"{method} is not callable")
        return self._session.told("call", number(function), list(positional), named)

    def _refuse(self, why: str) -> Any:
        return self._session.refuse(f"{type(self).__name__}: {why}")


class StudentModel(StudentLayer):
    """A model in the student's process: what a test does most with one, by Keras's names."""

    _base = "Model"
    _refused = _REFUSED

    def __init__(self, session: "Session", handle: int, compiled: str, own: list[Any]) -> None:
        super().__init__(session, handle)
        object.__setattr__(self, "_compiled", compiled)
        object.__setattr__(self, "_training", None)
        object.__setattr__(self, "_own", [name[:_MOST_LETTERS] for name in own if type(name) is str])
        object.__setattr__(self, "_variables", {})  # by the attribute that had them

    def __getattr__(self, name: str) -> Any:
        value = super().__getattr__(name)
        if isinstance(value, list) and any(map(keras_values.is_tensor, value)):
            self._variables[name] = value
        return value

    def __call__(self, inputs: Any, *positional: Any, **named: Any) -> Any:
        """The predictions as tensors, without a way back for gradients."""
        import tensorflow as tf

        if not tf.executing_eagerly() or any(map(keras_values.is_symbol, tf.nest.flatten(inputs))):
            self._refuse("it can't be made a part of another model or function")
        given = mapped(np.asarray, inputs) if holds_arrays(inputs) else np.asarray(inputs)
        is_training = any(mode is True for mode in (*positional[:1], named.get("training")))
        call = super().__call__
        values = by_row(lambda rows: call(rows, *positional, **named), given, self._refuse, twice=not is_training)
        return mapped(lambda value: self._without_gradient(inputs, value), values)

    def get_config(self) -> Any:
        """Refuse: Keras would make another model of it."""
        self._refuse("its configuration can't be had here")

    def predict(self, x: Any, *positional: Any, **named: Any) -> Any:
        """The predictions as arrays."""
        x, _, _ = collected(x, named.pop("steps", None), self._refuse)
        return by_row(lambda rows: self._ask("predict", rows, *positional, **named), x, self._refuse)

    def predict_on_batch(self, x: Any) -> Any:
        """So too, of one batch."""
        x, _, _ = collected(x, None, self._refuse)
        return by_row(lambda rows: self._ask("predict_on_batch", rows), x, self._refuse)

    def evaluate(self, x: Any = None, y: Any = None, *positional: Any, sample_weight: Any = None, **named: Any) -> Any:
        """Loss and metrics of the predictions, which Keras computes here. Raises ValueError where none are compiled."""
        if self._own:
            self._refuse(f"its class has {self._own[0]} of its own, which would have to know what is right")
        given = self._compiled_with()
        x, labels, weights = collected(x, named.pop("steps", None), self._refuse)
        predictions = self.predict(x, verbose=0)
        if not isinstance(predictions, np.ndarray):
            self._refuse("it has several outputs, which can't be evaluated here")
        if _is_ambiguous(given["loss"], predictions):
            self._refuse("its loss is of logits, and its outputs are probabilities")
        y, sample_weight = (labels if y is None else y), (weights if sample_weight is None else sample_weight)
        result = _judge(predictions, given).evaluate(predictions, y, *positional, sample_weight=sample_weight, **named)
        return _with_penalty(result, self._penalty())

    def compile(
        self, optimizer: Any = "rmsprop", loss: Any = None, loss_weights: Any = None, metrics: Any = None, **named: Any
    ) -> None:
        """Have a test's own loss and metrics judge the predictions."""
        import keras

        given = {"optimizer": keras.optimizers.get(optimizer), "loss": loss, "loss_weights": loss_weights}
        given |= {"metrics": metrics, "weighted_metrics": named.get("weighted_metrics"), "iterations": 0}
        object.__setattr__(self, "_training", given)

    @property
    def compiled(self) -> bool:
        """Whether it has been compiled."""
        return bool(self._training or self._compiled)

    @property
    def loss(self) -> Any:
        """The loss that it was compiled with."""
        return self._compiled_with()["loss"] if self.compiled else None

    @property
    def optimizer(self) -> Any:
        """The optimizer that it was compiled with."""
        return self._compiled_with()["optimizer"] if self.compiled else None

    def summary(self, *positional: Any, print_fn: Any = None, **named: Any) -> None:
        """Print the summary, as the student's process does."""
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            self._ask("summary", *positional, **named)
        (print_fn or print)(printed.getvalue().rstrip("\n"))

    def get_layer(self, name: str | None = None, index: int | None = None) -> Any:
        """A layer by name or index. Raises ValueError where there is none."""
        layers = self.layers
        if index is not None and index < len(layers):
            return layers[index]
        for layer in layers:
            if index is None and layer.name == name:
                return layer
        raise ValueError(f"No such layer: {name if index is None else index}.")

    def _compiled_with(self) -> dict[str, Any]:
        if not self.compiled:
            raise ValueError("You must call `compile()` before using the model.")
        if not self._training:
            object.__setattr__(self, "_training", training(self._compiled, self._session.refuse))
        return self._training

    def _penalty(self) -> float:
        """What the weights' regularisers add to the loss: it can only be more. A penalty on activities is refused."""
        before = self.losses
        self._ask("_clear_losses")
        losses = [float(loss) for loss in self.losses]
        if len(losses) < len(before) or not all(math.isfinite(loss) and loss >= 0 for loss in losses):
            self._refuse("it adds more to its loss than penalties on its weights")
        return sum(losses)

    def _without_gradient(self, inputs: Any, value: Any) -> Any:
        """A tensor that refuses to say how it depends on the inputs and on the weights."""
        import tensorflow as tf

        def passed(*_: Any) -> Any:
            return tf.identity(value), lambda *__: self._refuse("gradients can't be had of it")

        weights = [getattr(each, "value", each) for known in self._variables.values() for each in known]
        tensors = [each for each in (*parts(inputs), *weights) if keras_values.is_tensor(each)]
        sources = [each for each in tensors if each.dtype.is_floating]
        return tf.custom_gradient(passed)(*sources) if sources else tf.convert_to_tensor(value)


def stand_in(session: "Session", handle: int, name: str, base: str, *model: Any) -> Any:
    """What stands for a layer, or for a model, of a class with that name, and the nearest of Keras's classes."""
    kind = StudentModel if model else StudentLayer
    return _stand_in_class(kind, _identifier(name, kind._base), base[:_MOST_LETTERS])(session, handle, *model)


@lru_cache(maxsize=500)
def _stand_in_class(kind: type, name: str, base: str) -> Any:
    return type(name, (kind,), {"_base": base, "__module__": "__main__"})


@lru_cache(maxsize=500)
def _keras_class(name: str, base: str) -> type:
    """A class of Keras's, or one of that name that comes from it."""
    import keras

    homes = [keras.layers, keras, importlib.import_module("keras.src.models.functional")]
    found = next((kind for home in homes if isinstance(kind := getattr(home, base, None), type)), keras.layers.Layer)
    known: Any = found if issubclass(found, keras.layers.Layer) else keras.layers.Layer
    return known if name == base else type(name, (known,), {"__module__": "__main__"})


def _identifier(name: str, otherwise: str) -> str:
    return name[:_MOST_LETTERS] if name.isidentifier() else otherwise


def _judge(predictions: np.ndarray, given: dict[str, Any]) -> Any:
    """A model that hands predictions on as they are, compiled as the student's was."""
    import keras

    dtype = predictions.dtype.name
    judge = keras.Sequential([keras.Input(predictions.shape[1:], dtype=dtype), keras.layers.Identity(dtype=dtype)])
    compile_with(judge, {**given, "optimizer": "sgd"})
    return judge


def _with_penalty(result: Any, penalty: float) -> Any:
    """What `evaluate` returns, with something added to the loss."""
    if not penalty:
        return result
    if isinstance(result, dict):
        return {**result, "loss": result["loss"] + penalty}
    return [result[0] + penalty, *result[1:]] if isinstance(result, list) else result + penalty


def _is_ambiguous(loss: Any, predictions: np.ndarray) -> bool:
    """Whether Keras would look for logits behind probabilities, which are not here."""
    config = loss.get_config() if hasattr(loss, "get_config") else {}
    is_of_logits = isinstance(config, dict) and bool(config.get("from_logits"))
    return is_of_logits and predictions.min() >= 0 and bool(np.allclose(predictions.sum(axis=-1), 1, atol=1e-3))
