"""A network that others have trained, ready to use: SqueezeNet, which names what is in a picture.

F. N. Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size", 2016,
arXiv:1602.07360; version 1.1 of the authors' repository, but for its poolings: they round down here, where the authors'
round up, so that the last maps have 13 x 13 places and not 14 x 14. Of eleven pictures that changed the likeliest name
of five; on those whose name is known, neither does better. It was trained on ImageNet's 1.2 million photos of 1,000
kinds of things, and is among the smallest networks that can name them.
"""

import io
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from companion import data
from companion.errors import ArgumentError

if TYPE_CHECKING:
    import keras

__all__ = ["class_map", "classify", "squeezenet"]

SIDE = 227  # pixels of the pictures that it was trained on, in each direction
_SMALLEST = 35  # pixels; below this no number is left of the last feature map
_MEAN = np.array([103.939, 116.779, 123.68], dtype=np.float32)  # of ImageNet's blue, green and red
# Of each fire module: the maps that it squeezes its input to, and the maps of either kind that it expands these to;
# None is a pooling layer.
_FIRES = ((16, 64), (16, 64), None, (32, 128), (32, 128), None, (48, 192), (48, 192), (64, 256), (64, 256))


@cache
def squeezenet() -> "keras.Model":
    """SqueezeNet 1.1 with ImageNet's weights: 1,235,496 parameters.

    It takes float32 pictures of shape (n, height, width, 3), prepared as `classify` does, at least 35 pixels high and
    wide, and gives probabilities of shape (n, 1000). The layer "conv10" holds one feature map for each class.

    Raises
    ------
    DataUnavailable
        If the weights aren't there and no source answers.
    """
    import h5py
    import keras

    layers = keras.layers
    picture = x = keras.Input((None, None, 3))
    x = layers.Conv2D(64, 3, strides=2, activation="relu", name="conv1")(x)
    x = layers.MaxPooling2D(3, strides=2)(x)
    number = 2
    for fire in _FIRES:
        if fire is None:
            x = layers.MaxPooling2D(3, strides=2)(x)
            continue
        squeeze, expand = fire
        x = layers.Conv2D(squeeze, 1, activation="relu", name=f"fire{number}_squeeze1x1")(x)
        narrow = layers.Conv2D(expand, 1, activation="relu", name=f"fire{number}_expand1x1")(x)
        wide = layers.Conv2D(expand, 3, padding="same", activation="relu", name=f"fire{number}_expand3x3")(x)
        x = layers.Concatenate()([narrow, wide])
        number += 1
    x = layers.Conv2D(1000, 1, activation="relu", name="conv10")(x)
    x = layers.GlobalAveragePooling2D()(x)
    model = keras.Model(picture, layers.Softmax()(x), name="squeezenet")
    with h5py.File(io.BytesIO(data.squeezenet_weights())) as file:
        for layer in model.layers:
            if layer.weights:
                name = layer.name.replace("_", "/")
                layer.set_weights([file[f"{name}/{name}_{part}:0"][:] for part in "Wb"])
    return model


def classify(picture: np.ndarray, top: int = 5) -> list[tuple[str, float]]:
    """Return the names that SqueezeNet finds likeliest for a picture, each with its probability, the likeliest first.

    Parameters
    ----------
    picture
        uint8 of shape (height, width, 3), or (height, width) in grey. It is resized to 227 x 227 pixels.
    top
        How many names.

    Raises
    ------
    ArgumentError
        If it is no picture.
    DataUnavailable
        If the weights or names aren't there and no source answers.
    """
    image = Image.fromarray(_colours(picture)).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    probabilities = np.asarray(squeezenet()(_prepared(np.asarray(image))))[0]
    names = data.imagenet_names()
    return [(names[index], float(probabilities[index])) for index in probabilities.argsort()[::-1][:top]]


def class_map(picture: np.ndarray, name: str) -> np.ndarray:
    """Return where in a picture SqueezeNet finds evidence of a class.

    It is the feature map whose average, before the softmax, decides how likely the class is (a class activation map:
    Zhou et al. 2016, arXiv:1512.04150). Neighbours in it stand 16 pixels of the picture apart.

    Parameters
    ----------
    picture
        uint8 of shape (height, width, 3), or (height, width) in grey, at its own size.
    name
        One of `companion.data.imagenet_names()`.

    Returns
    -------
    float32 array of shape (height', width')
        0 and above; about a sixteenth of the picture in each direction.

    Raises
    ------
    ArgumentError
        If it is no picture, a picture of less than 35 pixels in a direction, or there is no class of that name.
    DataUnavailable
        If the weights or names aren't there and no source answers.
    """
    import keras

    names = data.imagenet_names()
    if name not in names:
        near = [other for other in names if name.lower() in other.lower()][:5]
        hint = f" Did you mean {', '.join(map(repr, near))}?" if near else " `data.imagenet_names()` lists them."
        raise ArgumentError(f"None of ImageNet's 1,000 classes is called {name!r}.{hint}")
    colours = _colours(picture)
    model = squeezenet()
    maps = keras.Model(model.input, model.get_layer("conv10").output)(_prepared(colours))
    return np.asarray(maps)[0, :, :, names.index(name)]


def _colours(picture: np.ndarray) -> np.ndarray:
    """The picture as uint8 of shape (height, width, 3)."""
    array = np.asarray(picture)
    if array.ndim == 2:
        array = np.repeat(array[..., np.newaxis], 3, axis=2)
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3:
        raise ArgumentError(
            "A picture is an array of whole numbers from 0 to 255, dtype uint8, of shape (height, width, 3) or "
            f"(height, width), and this one has dtype {array.dtype} and shape {array.shape}."
        )
    if min(array.shape[:2]) < _SMALLEST:
        raise ArgumentError(
            f"The picture has {array.shape[0]} x {array.shape[1]} pixels; SqueezeNet needs {_SMALLEST} x {_SMALLEST}."
        )
    return array


def _prepared(colours: np.ndarray) -> np.ndarray:
    """As in training: blue, green, red, less the means of ImageNet; a batch of one."""
    return (colours[np.newaxis, :, :, ::-1] - _MEAN).astype(np.float32)
