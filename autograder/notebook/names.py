"""What the names in a test cell stand for, as far as the notebooks' text tells: no code runs here.

A name may be the course's own (imported or set in a cell of the instructor's), the test's own, a literal that the
student wrote into a cell, or else it lives in the student's process.
"""

import ast
import builtins
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from autograder.wire import magics
from autograder.wire.magics import MagicError

_DEFERRED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_MOST_KEYS = 1000  # of a dict or set that is read from the text
_MUTABLE = (list, dict, set)
_BINDERS = {"exec", "eval", "globals", "locals", "vars", "setattr", "get_ipython"}


@dataclass(frozen=True)
class Given:
    """What the course's own cells bind: import statements by name, and cells by name that need nothing else to run."""

    imports: dict[str, list[tuple[int, ast.stmt]]] = field(default_factory=dict)  # with positions in the template
    cells: dict[str, list[int]] = field(default_factory=dict)  # positions, ascending
    trees: dict[int, ast.Module] = field(default_factory=dict)  # what of the cell at a position can run

    def add_imports(self, tree: ast.AST, position: int, left_out: Set[str] = frozenset()) -> None:
        """Take the imports of the cell at `position` for the course's own, apart from some names."""
        for statement in imports(tree):
            for name in set(imported(statement)) - left_out:
                self.imports.setdefault(name, []).append((position, statement))

    def __contains__(self, name: str) -> bool:
        return name in self.imports or name in self.cells

    def import_for(self, name: str, position: int) -> ast.stmt | None:
        """The last import statement before `position` that binds `name`."""
        earlier = [(place, statement) for place, statement in self.imports.get(name, ()) if place < position]
        return max(earlier, key=lambda pair: pair[0])[1] if earlier else None


_remember = lru_cache(maxsize=4096)  # most cells are the same in every submission


@_remember
def parse(source: str) -> ast.Module:
    """The cell as Python, not to be changed; an empty module when it is none.

    Of a cell that only IPython can read nobody knows here what it binds: it stands as a call of `get_ipython()`.
    """
    try:
        return parse_strictly(source)
    except MagicError:
        return _unknown()
    except SyntaxError:
        return ast.Module([], []) if "\n" in source.strip() else _unknown()  # `time x = 1` is a magic to IPython, too


def parse_strictly(source: str) -> ast.Module:
    """The cell as Python, with what only IPython can run as calls of `get_ipython()`.

    Raises SyntaxError, or MagicError for a cell that IPython alone can read.
    """
    return magics.parse(source)


def _unknown() -> ast.Module:
    return ast.parse("get_ipython()")


def literals(student: Sequence[ast.Module], everything: Sequence[ast.Module]) -> dict[str, Any]:
    """Names that have exactly one top-level assignment in the whole notebook, in a student's cell, of a literal.

    None where the text does not tell what the cells do to names.
    """
    if any(map(_binds_unseen, student)):
        return {}
    bindings = Counter(name for tree in everything for name in _bindings(tree))
    changed = {name for tree in everything for name in changed_in_place(tree)}
    changed |= {name for tree in student for name in _handed_on(tree)}
    found = {}
    for tree in student:
        for name, value in _literal_assignments(tree):
            if bindings[name] == 1 and not (name in changed and isinstance(value, _MUTABLE)):
                found[name] = value
    return found


def given(template: Sequence[ast.Module | None]) -> Given:
    """What the instructor's cells bind; None stands for a cell that is the student's to fill in, or a test.

    A cell counts when everything that it runs, function bodies aside, comes from imports and from such cells. Of other
    cells only functions count that use nothing of the student's: a helper such as `check(a, b)` must not be theirs.
    """
    result = Given()
    known = set(dir(builtins)) | {"display", "get_ipython"}
    for position, tree in enumerate(template):
        if tree:
            result.add_imports(tree, position)
    known |= set(result.imports)
    for position, tree in enumerate(template):
        if tree is None:
            continue
        runs_alone = _loaded_at_once(tree) <= known | top_level(tree)
        result.trees[position] = part = tree if runs_alone else _helpers(tree, known)
        bound = top_level(part)
        known |= bound
        for name in bound - set(result.imports):
            result.cells.setdefault(name, []).append(position)
    return result


def _helpers(tree: ast.Module, known: Set[str]) -> ast.Module:
    """The functions of a cell that need only `known` names and each other."""
    count = Counter(name for name, _ in _stores(tree))
    helpers = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef) and count[node.name] == 1}
    while short := [name for name, node in helpers.items() if not _free_names(node) <= known | set(helpers)]:
        for name in short:
            del helpers[name]
    return ast.Module(list(helpers.values()), [])


def _free_names(function: ast.FunctionDef) -> set[str]:
    """The names that a function takes from outside."""
    nodes = list(ast.walk(function))
    outer = {name for node in nodes if isinstance(node, ast.Global) for name in node.names}
    own = {node.arg for node in nodes if isinstance(node, ast.arg)} | set(_find_bindings(function))
    return {node.id for node in nodes if isinstance(node, ast.Name)} - own | outer


@_remember
def imports(tree: ast.AST) -> tuple[ast.stmt, ...]:
    """The import statements at the top level of a cell, in blocks such as `try` too."""
    return tuple(node for node in _at_once(tree) if isinstance(node, ast.Import | ast.ImportFrom))


def imported(statement: ast.AST) -> Iterator[str]:
    """The names that an import statement binds; a `*` stands for itself."""
    assert isinstance(statement, ast.Import | ast.ImportFrom)
    for alias in statement.names:
        yield (alias.asname or alias.name).split(".")[0]


def only(statement: ast.stmt, name: str) -> ast.stmt:
    """The import statement cut down to what binds `name`, so that nothing else is loaded."""
    assert isinstance(statement, ast.Import | ast.ImportFrom)
    chosen = [alias for alias in statement.names if (alias.asname or alias.name).split(".")[0] == name]
    if isinstance(statement, ast.Import):
        return ast.copy_location(ast.Import(chosen), statement)
    return ast.copy_location(ast.ImportFrom(statement.module, chosen, statement.level), statement)


def modules(trees: Sequence[ast.AST], wanted: set[str] | None = None) -> set[str]:
    """The modules that cells import, as "module" or "module:attribute"; with `wanted`, only what binds these names."""
    found: set[str] = set()
    for tree in trees:
        for statement in imports(tree):
            for alias in statement.names:  # type: ignore[attr-defined]
                bound = (alias.asname or alias.name).split(".")[0]
                if wanted is not None and bound not in wanted:
                    continue
                if isinstance(statement, ast.Import):
                    found.add(alias.name)
                elif statement.module and not statement.level:  # type: ignore[attr-defined]
                    found.add(f"{statement.module}:{alias.name}")  # type: ignore[attr-defined]
    return found


def loaded(tree: ast.AST) -> set[str]:
    """Every name that a cell reads, in function bodies too."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


@_remember
def own_names(test: ast.Module) -> frozenset[str]:
    """The names that a test cell sets itself before it reads them: these never stand for the student's."""
    stored: dict[str, tuple[int, int]] = {}
    for name, place in _stores(test):
        stored[name] = min(place, stored.get(name, place))
    # The value of an assignment is read before its target is set, although it stands behind it.
    early = {
        node.id
        for statement in test.body
        for node in ast.walk(statement)
        if isinstance(node, ast.Name)
        and not isinstance(node.ctx, ast.Store)
        and node.id in stored
        and (statement.lineno, statement.col_offset) <= stored[node.id]
        and not isinstance(statement, _DEFERRED)
        and not _set_by_statement_first(statement, node.id)
    }
    return frozenset(stored) - early


@_remember
def class_names(test: ast.Module) -> frozenset[str]:
    """Names that class bodies read: Python looks for these past the mapping that finds the student's."""
    return frozenset(
        node.id
        for body in ast.walk(test)
        if isinstance(body, ast.ClassDef)
        for node in ast.walk(body)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    )


@_remember
def top_level(tree: ast.AST) -> frozenset[str]:
    """Names that running a cell binds."""
    return frozenset(name for name, _ in _stores(tree))


@_remember
def bound(tree: ast.AST) -> frozenset[str]:
    """Every name that stands in a cell as one that it binds, in functions too, and their parameters."""
    return frozenset(_bindings(tree)) | {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}


def functions(trees: Iterable[ast.Module]) -> dict[str, ast.FunctionDef]:
    """The functions that cells define at their top level, by name."""
    return {node.name: node for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)}


def is_same(function: ast.FunctionDef, other: ast.FunctionDef | None) -> bool:
    """Whether two functions are word for word the same, comments aside."""
    return other is not None and ast.dump(function) == ast.dump(other)


def rebound(tree: ast.Module, known: Mapping[str, ast.FunctionDef]) -> set[str]:
    """The names that running a cell binds, but for imports and for the `known` functions, word for word."""
    bound = Counter(name for name, _ in _stores(tree))
    bound -= Counter(name for statement in imports(tree) for name in imported(statement))
    bound -= Counter(name for name, node in functions([tree]).items() if is_same(node, known.get(name)))
    return set(bound)


def warm_up(sources: Sequence[str]) -> None:
    """Look at cells ahead of time, so that a forked process finds all remembered."""
    for source in sources:
        tree = parse(source)
        for look in (imports, own_names, class_names, top_level, _bindings, changed_in_place, _loaded_at_once):
            look(tree)


def _set_by_statement_first(statement: ast.stmt, name: str) -> bool:
    """Whether a compound statement (for, with, if, try) sets the name in a place above its first reading."""
    if isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr | ast.Delete):
        return False
    read = [
        (node.lineno, node.col_offset)
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Store)
    ]
    bound = [place for each, place in _stores(ast.Module([statement], [])) if each == name]
    return bool(bound) and min(bound) < min(read, default=(sys.maxsize, 0))


@_remember
def _bindings(tree: ast.AST) -> tuple[str, ...]:
    """Every binding and deletion of a name anywhere in a cell, inside functions too."""
    return tuple(_find_bindings(tree))


def _find_bindings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name
            case ast.MatchMapping(rest=str(name)):
                yield name
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                yield from names
            case ast.Import() | ast.ImportFrom():
                yield from imported(node)


@_remember
def changed_in_place(tree: ast.AST) -> frozenset[str]:
    """Names of which a part is set, or a method may be called."""
    return frozenset(
        node.value.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.value, ast.Name)
    )


@_remember
def _handed_on(tree: ast.AST) -> frozenset[str]:
    """Names whose value goes elsewhere, where it may be changed; not to an explorer, which has it as `state=name`."""
    loads = Counter(node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
    loads -= Counter(
        node.value.id
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and isinstance(node.value, ast.Name) and node.arg == "state"
    )
    return frozenset(loads)


@_remember
def _binds_unseen(tree: ast.AST) -> bool:
    """Whether a cell may bind names that don't stand in it."""
    return "*" in _bindings(tree) or bool(loaded(tree) & _BINDERS)


def literal(value: ast.expr) -> Any:
    """The value of a literal in a learner's cell; raises ValueError when it is none, or one that takes long to make."""
    if any(map(_is_costly, ast.walk(value))):
        raise ValueError("so many keys may have been chosen to collide")
    try:
        return ast.literal_eval(value)
    except (TypeError, SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(str(error)) from None


def _literal_assignments(tree: ast.Module) -> Iterator[tuple[str, Any]]:
    """Those that a cell comes to for certain: nothing that stands before them can fail."""
    for statement in tree.body:
        match statement:
            case ast.FunctionDef(decorator_list=[], args=ast.arguments(defaults=[], kw_defaults=[])) | ast.Pass():
                continue
            case ast.Expr(value=ast.Constant()):
                continue
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                try:
                    yield name, literal(value)
                except ValueError:
                    return
            case _:
                return


def _is_costly(node: ast.AST) -> bool:
    """Whether it is a dict or set with so many keys that those who choose them to collide can make it slow."""
    keys = node.keys if isinstance(node, ast.Dict) else node.elts if isinstance(node, ast.Set) else ()
    return len(keys) > _MOST_KEYS


def _at_once(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run when the cell runs, in order: not what stands in function bodies."""
    waiting = [*ast.iter_child_nodes(tree)][::-1]  # no recursion: a submission may be nested deeper than Python goes
    while waiting:
        node = waiting.pop()
        yield node
        waiting += [*_parts_at_once(node)][::-1]


def _parts_at_once(node: ast.AST) -> Iterator[ast.AST]:
    """The children of a node that run when it runs: of a function its defaults and decorators."""
    if not isinstance(node, _DEFERRED):
        return ast.iter_child_nodes(node)
    arguments = node.args
    decorators = getattr(node, "decorator_list", ())
    return iter([*arguments.defaults, *filter(None, arguments.kw_defaults), *decorators])


@_remember
def _loaded_at_once(tree: ast.AST) -> frozenset[str]:
    return frozenset(
        node.id for node in _at_once(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    )


def _stores(tree: ast.AST) -> Iterator[tuple[str, tuple[int, int]]]:
    """The names that running a cell binds, and where."""
    for node in _at_once(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                yield name, (node.lineno, node.col_offset)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, (node.lineno, node.col_offset)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name, (node.lineno, node.col_offset)
            case ast.MatchMapping(rest=str(name)):
                yield name, (node.lineno, node.col_offset)
            case ast.Import() | ast.ImportFrom():
                for name in imported(node):
                    yield name, (node.lineno, node.col_offset)
