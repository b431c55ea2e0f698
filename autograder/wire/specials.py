"""The special methods by which Python asks an object, as far as an object in another process can be asked them."""

_UNARY = "neg pos abs invert round trunc floor ceil int float complex index bool hash len str repr"
_BINARY = "add sub mul truediv floordiv mod divmod pow matmul lshift rshift and or xor"
ORDER = ("eq", "ne", "lt", "le", "gt", "ge")
ARITHMETIC = tuple(f"{side}{name}" for name in _BINARY.split() for side in ("", "r", "i") if side + name != "idivmod")
_OTHER = "call iter next reversed getitem setitem delitem contains format enter exit"

NAMES = (*ORDER, *ARITHMETIC, *_UNARY.split(), *_OTHER.split())
_DEFAULTS = {name: getattr(object, f"__{name}__", None) for name in NAMES}


def of(kind: type) -> list[str]:
    """The special methods that a class has of its own, without underscores, in the order of NAMES."""
    return [
        name for name in NAMES if (own := getattr(kind, f"__{name}__", None)) is not None and own is not _DEFAULTS[name]
    ]
