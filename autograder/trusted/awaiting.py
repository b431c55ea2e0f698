"""`await` outside of a function, as a notebook has it, in a test cell."""

import ast
import asyncio
import inspect
from functools import cache
from typing import Any

from autograder.wire.magics import MagicError

_DEFERRED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def at_once(tree: ast.Module) -> ast.Module:
    """The cell with each `await x` outside of functions as a call that waits for `x`.

    Raises MagicError for a cell with `async for` or `async with` outside of functions.
    """
    return ast.fix_missing_locations(_AtOnce().visit(tree)) if _may_wait(tree) else tree


def settled(value: Any) -> Any:
    """What an awaitable comes to. A student's coroutine has come to something before it crosses: that is returned."""
    return _loop().run_until_complete(_wait(value)) if inspect.isawaitable(value) else value


class _AtOnce(ast.NodeTransformer):
    def visit_Await(self, node: ast.Await) -> ast.expr:
        made = ast.parse(f"__import__({__name__!r}, fromlist=['*']).settled()", mode="eval").body
        assert isinstance(made, ast.Call)
        made.args = [self.visit(node.value)]
        return ast.copy_location(made, node)

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.AsyncFor | ast.AsyncWith):
            raise MagicError("`async for` and `async with` outside of functions can't be run where the tests are.")
        return node if isinstance(node, _DEFERRED) else super().visit(node)


async def _wait(value: Any) -> Any:
    return await value


def _may_wait(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith) for node in ast.walk(tree))


@cache
def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()
