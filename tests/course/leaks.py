"""Looks for what a learner must not get, however it is wrapped: plain, base64, hex, compressed, reversed, rot13,
escaped or hashed."""

import base64
import binascii
import bz2
import codecs
import hashlib
import lzma
import re
import warnings
import zlib
from collections.abc import Callable, Iterator
from itertools import chain

import nbformat

_REGION = re.compile(r"### BEGIN (?:HIDDEN TESTS|SOLUTION)\n(.*?)\n[ \t]*### END (?:HIDDEN TESTS|SOLUTION)", re.DOTALL)
_LITERAL_ANSWER = re.compile(r"^(\w+) = (.+)$")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){8,}")
_TOO_COMMON = re.compile(r"^(import |from |return |for |try:|except |else:|draw = |rubric|x, kernel)")
_DEPTH = 3


def secrets(source: nbformat.NotebookNode) -> set[str]:
    """The lines of a source notebook's hidden tests and solutions that say something, blanks squeezed out."""
    regions = [region for cell in source.cells for region in _REGION.findall(cell.source)]
    lines = {line.strip() for region in regions for line in region.splitlines()}
    return {squeeze(line) for line in lines if len(squeeze(line)) >= 12 and not _TOO_COMMON.match(line)}


def hashes(source: nbformat.NotebookNode) -> set[str]:
    """Hex digests of every literal answer, alone and beside its name, that a careless check might ship."""
    digests = set()
    for cell in source.cells:
        for region in _REGION.findall(cell.source):
            match = _LITERAL_ANSWER.match(region.strip())
            if match:
                answer, value = match[1], match[2].strip("\"'")
                for text in (value, answer + value, f"{answer}:{value}", f"{answer}={value}", region.strip()):
                    data = text.encode()
                    digests |= {hashlib.new(name, data).hexdigest() for name in ("md5", "sha1", "sha256", "sha512")}
    return digests


def find(data: bytes, needles: set[str]) -> set[str]:
    """Which of `needles` (squeezed text) are in `data`, in any of the encodings that `views` opens."""
    found = set()
    for view in views(data):
        text = squeeze(view.decode("utf-8", "ignore"))
        found |= {needle for needle in needles if needle in text}
    return found


def squeeze(text: str) -> str:
    """Without white space, quotes and backslashes, so that neither formatting nor JSON hides a line."""
    return re.sub(r"[\s\"'\\]+", "", text)


def views(data: bytes, depth: int = _DEPTH) -> Iterator[bytes]:
    """`data` itself and everything that can be unwrapped from it, `depth` wrappings deep."""
    yield data
    yield data[::-1]
    yield codecs.encode(data.decode("utf-8", "ignore"), "rot13").encode()
    if b"\\u00" in data or b"\\x" in data:
        with warnings.catch_warnings(action="ignore"):  # of unknown escapes, which stay as they are
            unescaped = data.decode("unicode_escape", "ignore").encode("utf-8", "ignore")
        yield unescaped
    if depth:
        for inner in chain(_decoded(data, _BASE64, _base64), _decoded(data, _HEX, binascii.unhexlify), _unpacked(data)):
            yield from views(inner, depth - 1)


def _decoded(data: bytes, pattern: re.Pattern[bytes], decode: Callable[[bytes], bytes]) -> Iterator[bytes]:
    # Long runs may be broken over lines by quotes and commas.
    joined = re.sub(rb"[\s\"',\\]+(?:n[\"',\s\\]+)?", b"", data) if len(data) < 200_000 else b""
    for text in (data, joined):
        for run in pattern.findall(text):
            try:
                inner = decode(run)
            except (ValueError, binascii.Error):
                continue
            if inner.isascii() or inner[:2] in (b"\x78\x9c", b"\x1f\x8b", b"BZ", b"\x78\xda", b"\xfd7"):
                yield inner


def _base64(run: bytes) -> bytes:
    run = run.rstrip(b"=")
    return base64.urlsafe_b64decode(run.translate(bytes.maketrans(b"+/", b"-_")) + b"=" * (-len(run) % 4))


def _unpacked(data: bytes) -> Iterator[bytes]:
    for unpack in (lambda raw: zlib.decompress(raw, wbits=47), bz2.decompress, lzma.decompress):
        try:
            yield unpack(data)
        except (zlib.error, OSError, lzma.LZMAError, ValueError, EOFError):
            continue
