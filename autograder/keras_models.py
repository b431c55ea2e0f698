"""Keras models as data: configuration and weights one way, and back only after both were checked.

A configuration may name any class and any function of any module, and Keras would import and call it. So only layers,
initialisers and the like from the lists below are taken, and the number of parameters is counted before any memory
is filled. TensorFlow is imported only when a model is there.
"""

import json
import re
import sys
from typing import Any

import numpy as np

from autograder.wire import Uncrossable

MAX_PARAMETERS = 50_000_000
MAX_LAYERS = 2000
_MAX_CONFIG = 4 << 20  # characters


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


LAYERS = _words("""
    InputLayer Dense Conv1D Conv2D Conv3D SeparableConv1D SeparableConv2D DepthwiseConv1D DepthwiseConv2D
    Conv1DTranspose Conv2DTranspose Conv3DTranspose
    MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D
    GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D
    GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D
    BatchNormalization LayerNormalization GroupNormalization UnitNormalization Normalization Rescaling
    Dropout SpatialDropout1D SpatialDropout2D SpatialDropout3D GaussianDropout GaussianNoise AlphaDropout
    Activation ReLU LeakyReLU PReLU ELU Softmax
    Flatten Reshape Permute RepeatVector Masking Identity
    Add Subtract Multiply Average Maximum Minimum Concatenate Dot
    ZeroPadding1D ZeroPadding2D ZeroPadding3D Cropping1D Cropping2D Cropping3D UpSampling1D UpSampling2D UpSampling3D
    Resizing CenterCrop RandomFlip RandomRotation RandomZoom RandomTranslation RandomContrast RandomBrightness
    RandomCrop Embedding SimpleRNN LSTM GRU Bidirectional TimeDistributed SimpleRNNCell LSTMCell GRUCell RNN
    Attention AdditiveAttention MultiHeadAttention
""")
_MODELS = frozenset({"Sequential", "Functional", "Model"})
_HELPERS = _words("""
    Zeros Ones Constant RandomNormal RandomUniform TruncatedNormal VarianceScaling GlorotNormal GlorotUniform HeNormal
    HeUniform LecunNormal LecunUniform Orthogonal Identity IdentityInitializer SeedGenerator
    L1 L2 L1L2 MaxNorm MinMaxNorm NonNeg UnitNorm DTypePolicy
    __keras_tensor__ __tuple__
""")
_ACTIVATIONS = _words("""
    linear relu relu6 sigmoid hard_sigmoid tanh softmax softplus softsign elu selu gelu silu swish hard_silu hard_swish
    leaky_relu exponential mish log_softmax
""")
_MODULES = ("keras", "keras.layers", "keras.models", "keras.initializers", "keras.regularizers", "keras.constraints",
            "keras.random", "keras.src.models.functional", "keras.src.models.sequential")  # fmt: skip
_LAYER_MODULE = re.compile(r"keras\.src\.layers(\.\w+)+")


def is_model(value: object) -> bool:
    """Whether `value` is a Keras model; imports nothing."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(value, keras.Model)


def is_tensor(value: object) -> bool:
    """Whether `value` is a tensor or a variable of TensorFlow or Keras; imports nothing."""
    tensorflow, keras = sys.modules.get("tensorflow"), sys.modules.get("keras")
    if tensorflow is not None and isinstance(value, tensorflow.Tensor | tensorflow.Variable):
        return True
    return keras is not None and isinstance(value, keras.Variable)


def tensor(array: np.ndarray) -> Any:
    """A TensorFlow constant with the array's values."""
    import tensorflow as tf

    return tf.constant(array)


def describe(model: Any) -> tuple[str, list[np.ndarray]]:
    """Configuration as JSON, and weights. Raises Uncrossable for a model that is not made of layers alone."""
    try:
        return model.to_json(), [np.asarray(weight) for weight in model.get_weights()]
    except Exception as error:
        raise Uncrossable(
            f"The model {type(model).__name__} can't be handed over ({type(error).__name__}): "
            "models made with keras.Sequential or keras.Model(inputs, outputs) can."
        ) from None


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

    def __init__(self) -> None:
        self._known: dict[int, tuple[dict[str, Any], Any]] = {}

    def rebuild(self, handle: int, config: str, weights: list[np.ndarray]) -> Any:
        """The model of a configuration that nobody vouches for. Raises Uncrossable."""
        content = check(config)
        known, model = self._known.get(handle, (None, None))
        if known == content:
            _set_weights(model, weights)
        else:
            model = rebuild(content, weights)
            self._known[handle] = content, model
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


def check(config: str) -> dict[str, Any]:
    """The configuration as data. Raises Uncrossable for anything in it that is not on the lists."""
    if len(config) > _MAX_CONFIG:
        raise Uncrossable("The model's configuration is too large.")
    try:
        content = json.loads(config)
    except (ValueError, RecursionError):
        raise Uncrossable("The model's configuration can't be read.") from None
    if not isinstance(content, dict) or content.get("class_name") not in _MODELS:
        raise Uncrossable("Only keras.Sequential and functional models can be handed over.")
    content.pop("compile_config", None)
    _Checker().check(content)
    return content


class _Checker:
    """Walks a configuration, and counts its layers."""

    def __init__(self) -> None:
        self._layers = 0

    def check(self, part: Any, key: str = "", depth: int = 0) -> None:
        if depth > 60:
            raise Uncrossable("The model's configuration is nested too deep.")
        if isinstance(part, dict):
            if key.endswith("activation") and part.get("class_name") not in LAYERS:
                raise Uncrossable("The model uses an activation function of its own, which can't be handed over.")
            if "class_name" in part or "module" in part or "registered_name" in part:
                self._check_object(part)
            for name, child in part.items():
                self.check(child, name, depth + 1)
        elif isinstance(part, list):
            for child in part:
                self.check(child, key, depth + 1)
        elif isinstance(part, str):
            _check_text(key, part)
        elif isinstance(part, int | float):
            _check_number(key, part)

    def _check_object(self, part: dict[str, Any]) -> None:
        name, module = part.get("class_name"), part.get("module")
        if name not in LAYERS | _MODELS | _HELPERS:
            raise Uncrossable(f"The model holds {str(name)[:60]}, which can't be handed over.")
        known = module is None or module in _MODULES or _LAYER_MODULE.fullmatch(str(module))
        if not known or part.get("registered_name") not in (None, name):
            raise Uncrossable(f"The model holds a {name} that is not Keras's own.")
        self._layers += name in LAYERS
        if self._layers > MAX_LAYERS:
            raise Uncrossable("The model has too many layers.")


def _check_text(key: str, text: str) -> None:
    if key.endswith("activation") and text not in _ACTIVATIONS:
        raise Uncrossable(f"The model uses the activation {text[:60]}, which can't be handed over.")


def _check_number(key: str, number: float) -> None:
    """Sizes: what a layer may hold of weights is bounded by the weights that came, what it computes is not."""
    if key in ("units", "filters", "input_dim", "output_dim", "depth_multiplier") and not 0 <= number <= 1 << 24:
        raise Uncrossable(f"The model has a layer of {key} {number:g}, which is too large.")
