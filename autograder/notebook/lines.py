"""The lines that the checks in a test cell can print, found in its text; nothing is run.

A test cell may print anything, a learner's value too. If a line were believed because its words stand somewhere in the
cell, whoever has a guess printed would learn whether it stands in the hidden part. So each call that prints lines, a
check or `print`, is taken for itself: it can say the words that stand in it, and those of names that the cell sets.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from autograder.checks import CODE_RAISED, MISSING, MISSING_LABEL, NOT_YET, REASONS, RIGHT
from autograder.notebook.names import parse

_VALUE = 40  # characters of a value in an f-string's line
_IN_A_VALUE = frozenset(".,()- _")  # and letters and digits: no mark that parts of a line are told apart by
_MOST_TEXTS = 200  # of one name
_DEEPEST = 5  # names that stand for names

Text = tuple[str | None, ...]  # what a text is made of; None is a value


@dataclass(frozen=True)
class _Form:
    """A kind of line: the verdict and, for each text behind it, all that it can be."""

    verdict: str
    texts: tuple[tuple[Text, ...], ...] = ()


def taken_apart(line: str, source: str) -> tuple[bool, tuple[str, ...]] | None:
    """Whether a printed line says "right", and the texts that follow; None for a line that no check can print."""
    for form in _forms(source):
        if line.startswith(form.verdict):
            texts = _match(line, len(form.verdict), form.texts)
            if texts is not None:
                return form.verdict == RIGHT, texts
    return None


def _match(line: str, place: int, wanted: Sequence[tuple[Text, ...]]) -> tuple[str, ...] | None:
    """The texts of a line from `place` on, each after a colon."""
    if not wanted:
        return () if place == len(line) else None
    if not line.startswith(": ", place):
        return None
    begin = place + 2
    for text in wanted[0]:
        for end in sorted(_ends(text, line, begin), reverse=True):
            rest = _match(line, end, wanted[1:])
            if rest is not None:
                return (line[begin:end], *rest)
    return None


def _ends(text: Text, line: str, begin: int) -> set[int]:
    """The places in a line at which a text that begins at `begin` can end."""
    places = {begin}
    for part in text:
        if part is None:
            places = {end for place in places for end in _value_ends(line, place)}
        else:
            places = {place + len(part) for place in places if line.startswith(part, place)}
    return places


def _value_ends(line: str, begin: int) -> Iterator[int]:
    yield begin
    for end in range(begin, min(begin + _VALUE, len(line))):
        if not (line[end].isalnum() or line[end] in _IN_A_VALUE):
            return
        yield end + 1


@lru_cache(maxsize=1000)  # the same test cells come with every submission
def _forms(source: str) -> tuple[_Form, ...]:
    tree = parse(source)
    words = _Words(tree)
    found = [
        _Form(RIGHT),
        _Form(NOT_YET, (_fixed(*REASONS),)),
        _Form(NOT_YET, (_fixed(MISSING_LABEL), _fixed(MISSING))),
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            found += _forms_of_call(node, words)
        elif isinstance(node, ast.With):
            for item in node.items:
                found += _forms_of_check(item.context_expr, words)
    return tuple(form for form in found if all(form.texts))


def _forms_of_call(call: ast.Call, words: "_Words") -> Iterator[_Form]:
    """What `choice`, `choices`, `number` and `print` can say beyond their fixed reasons."""
    arguments = {each.arg: each.value for each in call.keywords}
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in ("choice", "choices", "number"):
            for label, hint in words.pairs(arguments.get("feedback")):
                yield _Form(NOT_YET, (hint,))
                yield _Form(NOT_YET, (label, hint))
            if "otherwise" in arguments:
                yield _Form(NOT_YET, (words.of(arguments["otherwise"]),))
        case ast.Name(id="print"):
            yield from _forms_of_print(call, arguments.get("sep"), words)


def _forms_of_print(call: ast.Call, separator: ast.expr | None, words: "_Words") -> Iterator[_Form]:
    between = words.of(separator) if separator else ((" ",),)
    lines: list[Text] = [()]
    for number, argument in enumerate(call.args):
        apart: tuple[Text, ...] = between if number else ((),)
        lines = [line + sep + text for line in lines for sep in apart for text in words.of(argument)][:_MOST_TEXTS]
    for verdict in (RIGHT, NOT_YET):
        for line in map(_joined, lines):
            begin = line[0] if line else None
            if begin is not None and begin.startswith(f"{verdict}: "):
                yield _Form(verdict, (((begin[len(verdict) + 2 :], *line[1:]),),))


def _forms_of_check(context: ast.expr, words: "_Words") -> Iterator[_Form]:
    """What a `with rubric("name", hint="..."):` can say."""
    if not isinstance(context, ast.Call) or not context.args:
        return
    name = words.of(context.args[0])
    hint = words.of(next((each.value for each in context.keywords if each.arg == "hint"), ast.Constant("")))
    yield _Form(RIGHT, (name,))
    for texts in ((name,), (name, _fixed(CODE_RAISED))):
        if ("",) in hint:
            yield _Form(NOT_YET, texts)
        yield _Form(NOT_YET, (*texts, hint))


def _fixed(*texts: str) -> tuple[Text, ...]:
    return tuple((text,) for text in texts)


def _joined(text: Text) -> Text:
    """The same with neighbouring words in one piece."""
    parts: list[str | None] = []
    for part in text:
        if part is not None and parts and isinstance(parts[-1], str):
            parts[-1] += part
        else:
            parts.append(part)
    return tuple(parts)


class _Words:
    """What the expressions of a test cell can be as text, as far as words and names that it sets tell."""

    def __init__(self, tree: ast.Module) -> None:
        self._bound: dict[str, list[ast.expr | None]] = {}  # None: something that the text does not tell
        functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        for node in ast.walk(tree):
            match node:
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        self._bind(target, value)
                case ast.For(target=target, iter=ast.List(elts=values) | ast.Tuple(elts=values)):
                    for value in values:
                        self._bind(target, value)
                case ast.For(target=target) | ast.comprehension(target=target) | ast.NamedExpr(target=target):
                    self._bind(target, None)
                case ast.AugAssign(target=target) | ast.AnnAssign(target=target):
                    self._bind(target, None)
                case ast.Call(func=ast.Name(id=name)) if name in functions:
                    self._bind_parameters(functions[name].args, node)

    def of(self, value: ast.expr | None, depth: int = 0) -> tuple[Text, ...]:
        """All texts that an expression can be; none when its value can be anything."""
        match value:
            case ast.Constant(value=str(text)):
                return ((text,),)
            case ast.JoinedStr(values=parts):
                return (tuple(str(part.value) if isinstance(part, ast.Constant) else None for part in parts),)
            case ast.IfExp(body=one, orelse=other):
                either = (self.of(one, depth), self.of(other, depth))
                return either[0] + either[1] if all(either) else ()
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                pairs = [one + other for one in self.of(left, depth) for other in self.of(right, depth)]
                return tuple(pairs[:_MOST_TEXTS])
            case ast.Name(id=name) if depth < _DEEPEST:
                known = [self.of(bound, depth + 1) for bound in self._bound.get(name, ())[:_MOST_TEXTS]]
                return tuple(text for texts in known for text in texts) if known and all(known) else ()
        return ()

    def pairs(self, value: ast.expr | None, depth: int = 0) -> Iterator[tuple[tuple[Text, ...], tuple[Text, ...]]]:
        """The keys and values of a dict of texts, `{...}` or `dict(...)`."""
        match value:
            case ast.Dict(keys=keys, values=values):
                yield from ((self.of(key), self.of(each)) for key, each in zip(keys, values, strict=True))
            case ast.Call(func=ast.Name(id="dict"), args=[], keywords=keywords):
                yield from ((_fixed(each.arg or ""), self.of(each.value)) for each in keywords)
            case ast.Name(id=name) if depth < _DEEPEST:
                for bound in self._bound.get(name, ()):
                    yield from self.pairs(bound, depth + 1)

    def _bind(self, target: ast.expr, value: ast.expr | None) -> None:
        if isinstance(target, ast.Name):
            self._bound.setdefault(target.id, []).append(value)
        elif isinstance(target, ast.Tuple | ast.List):
            parts = value.elts if isinstance(value, ast.Tuple | ast.List) else []
            same = len(parts) == len(target.elts)
            for place, part in enumerate(target.elts):
                self._bind(part, parts[place] if same else None)
        elif isinstance(target, ast.Starred):
            self._bind(target.value, None)

    def _bind_parameters(self, parameters: ast.arguments, call: ast.Call) -> None:
        """Take what a function of the cell's own is called with for what its parameters can be."""
        names = [each.arg for each in (*parameters.posonlyargs, *parameters.args)]
        given: dict[str, ast.expr | None] = dict(zip(names, call.args, strict=False))
        given |= {each.arg: each.value for each in call.keywords if each.arg}
        defaults = dict(zip(reversed(names), reversed(parameters.defaults), strict=False))
        defaults |= {
            each.arg: value
            for each, value in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True)
            if value is not None
        }
        spread = any(isinstance(each, ast.Starred) for each in call.args) or any(not each.arg for each in call.keywords)
        for name in (*names, *(each.arg for each in parameters.kwonlyargs)):
            self._bound.setdefault(name, []).append(None if spread else given.get(name, defaults.get(name)))
