"""What stands in a test for an object that stays in the student's process: it asks there, whatever it is asked.

Each answer is plain data, or another of these, or what the student's code raised. What only compares two of them for
being the same, or tells their classes apart, asks nobody.
"""

import types
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from autograder.wire import named, specials

if TYPE_CHECKING:
    from autograder.trusted.session import Session


def _names(text: str) -> frozenset[str]:
    return frozenset(f"__{name}__" for name in text.split())


# Attributes with two underscores that an object is asked for; of the others Python's own machinery asks too often.
_ANSWERED = _names("""
    name qualname doc module dict annotations defaults kwdefaults wrapped self func members bases mro args slots
    match_args dataclass_fields code closure abstractmethods cause context notes
""")
_MOST_LETTERS = 100  # of a name


class Handle:
    """An object in the student's process, by its number there. What it is asked crosses as data."""

    __slots__ = ("_class", "_handle", "_session")

    def __init__(self, session: "Session", handle: int) -> None:
        object.__setattr__(self, "_session", session)
        object.__setattr__(self, "_handle", handle)
        object.__setattr__(self, "_class", None)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__") and name not in _ANSWERED:
            raise AttributeError(name)
        return self._session.ask("get", self._handle, name)

    def __dir__(self) -> list[str]:
        return [name for name in self._session.ask("dir", self._handle) if type(name) is str]


class StudentFunction(Handle):
    """A function in the student's process. Arguments and results cross by copy."""

    __doc__ = property(lambda self: self._session.ask("get", self._handle, "__doc__"))
    __module__ = "__main__"

    def __init__(self, session: "Session", handle: int, name: str, is_function: bool) -> None:
        super().__init__(session, handle)
        self.__name__ = self.__qualname__ = name
        self._class = types.FunctionType if is_function else StudentFunction

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        """So that a test may ask whether it is a function."""
        return self._class

    @property
    def __signature__(self) -> Any:
        """As `inspect.signature` asks for it."""
        return self._session.signature(self._handle)

    def __call__(self, *positional: Any, **named: Any) -> Any:
        """The result of the call; raises what the student's code raises."""
        return self._session.call(self._handle, positional, named)


class StudentIterator(Handle):
    """An iterator or generator in the student's process. What it yields crosses one by one, when it is asked for."""

    __slots__ = ("_yielded",)

    def __init__(self, session: "Session", handle: int) -> None:
        super().__init__(session, handle)
        self._yielded = 0

    def __iter__(self) -> "StudentIterator":
        return self

    def __next__(self) -> Any:
        for value in self._session.take(self._handle):
            self._yielded += 1
            return value
        self._session.crossed.append(not self._yielded)
        raise StopIteration


class StudentObject(Handle):
    """Any other object; its class has the special methods that the object's own class has."""

    __slots__ = ()

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """The class in the student's process; where this process has it too, the one here, which a test may ask for.

        That is looked for each time: the test may have imported it meanwhile.
        """
        if self._class is None:
            object.__setattr__(self, "_class", self._session.ask("class", self._handle))
        module, name, kind = self._class
        return named.known_class(module, name) or kind

    def __setattr__(self, name: str, value: Any) -> None:
        self._session.ask("set", self._handle, name, value)

    def __delattr__(self, name: str) -> None:
        self._session.ask("unset", self._handle, name)


class StudentClass(StudentObject):
    """A class of the student's, or a module."""

    __slots__ = ()

    def __instancecheck__(self, value: Any) -> bool:
        return self._session.ask("isinstance", value, self._handle) is True

    def __subclasscheck__(self, kind: Any) -> bool:
        return self._session.ask("issubclass", kind, self._handle) is True


def is_handle(value: object) -> bool:
    """Whether it stands for an object in the student's process; asks nobody."""
    return issubclass(type(value), Handle)


def number(value: Any) -> int:
    """The number of a handle's object."""
    return object.__getattribute__(value, "_handle")


def handle(session: "Session", number: int, name: str, methods: list[Any], *, of_class: bool) -> StudentObject:
    """What stands for an object of a class with that name and those special methods."""
    known = tuple(method for method in specials.NAMES if method in methods)
    return _class(StudentClass if of_class else StudentObject, name[:_MOST_LETTERS], known)(session, number)


@lru_cache(maxsize=500)
def _class(base: type, name: str, methods: tuple[str, ...]) -> Any:
    made: dict[str, Any] = {f"__{method}__": _method(method) for method in methods}
    if "eq" in methods and "hash" not in methods:
        made["__hash__"] = None
    return type(name, (base,), {**made, "__slots__": (), "__module__": "__main__"})


def _method(name: str) -> Callable[..., Any]:
    if name == "call":
        return lambda self, *positional, **named: self._session.call(self._handle, positional, named)
    if name == "exit":
        return _leave
    return lambda self, *arguments: self._session.special(self._handle, name, arguments)


def _leave(self: Any, kind: Any, error: Any, _: Any) -> Any:
    """A block's end; of an exception its class and itself cross, and not where it came from."""
    return self._session.special(self._handle, "exit", (kind, error, None))
