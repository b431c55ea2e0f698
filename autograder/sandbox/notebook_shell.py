"""What a notebook's cells find of IPython in the student's process: its lines, its history, `get_ipython()`.

This is IPython's own shell, without a screen, a keyboard, a profile or a file for its history. It is made once, in the
warm process. What it can't run here, for want of a network or a program, costs the cell's other lines nothing: it is
noted.
"""

import ast
import asyncio
import builtins
import contextlib
import errno
import inspect
import re
import shutil
import socket
import subprocess
import traceback
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from types import CodeType
from typing import Any

from IPython.core.async_helpers import get_asyncio_loop
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.text import LSString, SList
from traitlets.config import Config

from autograder.wire import magics

_NEEDS_LOOP = re.compile(r"\b(create_task|ensure_future|get_running_loop)\b")
_NO_NETWORK = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.ECONNREFUSED)
_LOOKS = ("nvidia-smi", "nvcc", "rocm-smi", "lscpu", "free", "df", "which", "top", "uptime", "whereis")
_NEVER = {"matplotlib", "config", "gui", "tensorboard", "debug"} | magics.INSTALLERS
_LOADERS = ("load_ext", "reload_ext")
_MOST_NOTES = 5  # of a cell
_NOTE = 200  # characters


class NotebookShell(InteractiveShell):
    """IPython's shell for one notebook."""

    def __init__(self, **settings: Any) -> None:
        self.notes: list[str] = []  # what could not be run, since they were last taken
        self.db: dict[str, Any] = {}
        super().__init__(**settings)
        vars(builtins)["get_ipython"] = self.get_ipython

    def init_ipython_dir(self, ipython_dir: Any) -> None:
        """There is no folder for settings."""

    def init_profile_dir(self, profile_dir: Any) -> None:
        """There is no profile."""

    def run(self, source: str, name: Callable[[str], str]) -> Any:
        """Run a cell; the value of its last line, where that is an expression that a notebook would show.

        `name` makes a name for the cell's text as Python, under which a traceback finds its lines.
        """
        try:
            tree = None if self._is_magic(source) else magics.as_it_is(source)
            text = source if tree else _placed(source, self.transform_cell(source))
            if self.history_manager:  # a student's code could take it away
                self.history_manager.store_inputs(self.execution_count, text, source)
            value = self._execute(tree or ast.parse(text), text, name(text))
        finally:
            self.execution_count += 1
        if value is not None:
            self.displayhook.update_user_ns(value)
        return value

    def _is_magic(self, source: str) -> bool:
        """Whether a cell may be a magic without its sign, such as `ls`: a name that stands for nothing else."""
        return source.strip().isidentifier() and source.strip() not in self.user_ns

    def _execute(self, tree: ast.Module, text: str, filename: str) -> Any:
        last = magics.split_last(tree, text)
        in_loop = bool(_NEEDS_LOOP.search(text))
        for part in self._parts(tree, filename):
            self._evaluate(part, in_loop=in_loop)
        return self._evaluate(self._compiled(last, filename), in_loop=in_loop) if last else None

    def _parts(self, tree: ast.Module, filename: str) -> Iterable[CodeType]:
        """A cell's code; of one that does not compile each statement, since IPython runs those before the fault."""
        try:
            return [self._compiled(tree, filename)]
        except SyntaxError:
            return (self._compiled(ast.Module([line], []), filename) for line in tree.body)

    def _compiled(self, tree: Any, filename: str) -> CodeType:
        """Code, in which what earlier cells imported from `__future__` holds."""
        with self.compile.extra_flags(ast.PyCF_ALLOW_TOP_LEVEL_AWAIT):
            return self.compile(tree, filename, "exec" if isinstance(tree, ast.Module) else "eval")

    def _evaluate(self, code: CodeType, *, in_loop: bool) -> Any:
        if code.co_flags & inspect.CO_COROUTINE or in_loop:
            return get_asyncio_loop().run_until_complete(_awaited(code, self.user_ns))
        return eval(code, self.user_ns)

    def take_notes(self) -> str:
        """Lines about what could not be run, for the head of what was printed."""
        notes, self.notes = self.notes[:_MOST_NOTES], []
        return "".join(f"{magics.NOT_RUN}{' '.join(note.split())[:_NOTE]}\n" for note in notes)

    def run_line_magic(self, magic_name: str, line: str, _stack_depth: int = 1) -> Any:
        """Run a line such as `%time f()`."""
        if self._is_passed_over(magic_name, f"%{magic_name} {line}", self.find_line_magic(magic_name)):
            return None
        line = self._once(line) if magic_name == "timeit" else line
        with contextlib.suppress(ImportError) if magic_name in _LOADERS else contextlib.nullcontext():
            return super().run_line_magic(magic_name, line, _stack_depth + 1)

    def run_cell_magic(self, magic_name: str, line: str, cell: str) -> Any:
        """Run a cell that begins with a line such as `%%time`."""
        if self._is_passed_over(magic_name, f"%%{magic_name} {line}", self.find_cell_magic(magic_name)):
            return None
        return super().run_cell_magic(magic_name, self._once(line) if magic_name == "timeit" else line, cell)

    def _is_passed_over(self, name: str, typed: str, function: Any) -> bool:
        if function is None and name not in magics.PASSED_OVER | _NEVER:
            self.notes.append(f"`{typed.strip()}` (there is no such magic)")
        return function is None or name in _NEVER

    def _once(self, line: str) -> str:
        """What `%timeit` gets: to run once where nobody asks for the outcome, which all submissions would wait for."""
        options, rest = self.find_line_magic("timeit").__self__.parse_options(
            line, "n:r:tcp:qov:", posix=False, strict=False, preserve_non_opts=True
        )
        return line if "o" in options else f"-n1 -r1 {rest}"

    def ask_exit(self) -> None:
        """Go on: who runs all cells after `exit()` sees the rest of them run."""

    def enable_gui(self, gui: Any = None) -> None:
        """There is no screen."""

    def system(self, cmd: str) -> None:
        """Run a shell command and print what it prints."""
        command = _without_installers(self.var_expand(cmd, depth=1))
        print(self._shell(cmd, command, looked=command.strip().startswith(_LOOKS)), end="")

    system_piped = system_raw = system

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> Any:
        """What a shell command prints, as a list of lines or as a text."""
        printed = self._shell(cmd, self.var_expand(cmd, depth=depth + 1))
        return SList(printed.splitlines()) if split else LSString(printed)

    def _shell(self, typed: str, command: str, *, looked: bool = False) -> str:
        if command.rstrip().endswith("&"):
            raise OSError("Background processes not supported.")  # as IPython has it
        if not command.strip():
            return ""
        program = shutil.which("bash") or shutil.which("sh")
        if program is None:
            self.notes.append(f"`!{typed}` (there is no shell)")
            return ""
        done = subprocess.run(
            [program, "-c", command],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        self.user_ns["_exit_code"] = done.returncode
        if done.returncode and not looked:
            self.notes.append(f"`!{typed}` (it ended with status {done.returncode}: {_last_line(done.stdout)})")
        return done.stdout

    def note(self, error: BaseException, line: str) -> None:
        """Note a line of a cell if it failed for want of something that the sandbox lacks."""
        reason = next(filter(None, map(_lacking, _chain(error))), "")
        if reason:
            self.notes.append(f"`{line.strip()}` ({reason})" if line.strip() else reason)


# Programs tell by these names whether they run in a notebook.
NotebookShell.__name__ = NotebookShell.__qualname__ = "ZMQInteractiveShell"
NotebookShell.__module__ = "ipykernel.zmqshell"


@cache
def shell() -> NotebookShell:
    """The shell of this process."""
    settings = Config()
    settings.HistoryManager.enabled = False
    settings.HistoryManager.hist_file = ":memory:"
    made = NotebookShell.instance(config=settings)
    if made.display_formatter:
        made.display_formatter.active_types = ["text/plain"]
    made.run_line_magic("load_ext", "storemagic")  # as in a notebook
    return made


def settled(value: Any) -> Any:
    """A value; what a coroutine comes to, since that can't be awaited elsewhere."""
    return get_asyncio_loop().run_until_complete(value) if inspect.iscoroutine(value) else value


async def _awaited(code: CodeType, names: dict[str, Any]) -> Any:
    await asyncio.sleep(0)
    value = eval(code, names)
    return await value if code.co_flags & inspect.CO_COROUTINE else value


def _placed(source: str, text: str) -> str:
    """A cell's text as Python with its lines where they are in the cell: IPython takes blank ones off its head."""
    before = source[: len(source) - len(source.lstrip())]
    return "\n" * before.count("\n") + text


def _without_installers(command: str) -> str:
    """A shell command without programs at its head that install packages: what the course needs is there."""
    while magics.is_installer(command):
        _, _, command = re.sub("&&|;", "\n", command).partition("\n")
    return command


def _last_line(printed: str) -> str:
    return (printed.strip().splitlines() or ["it said nothing"])[-1]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and what it came of."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        reason = getattr(error, "reason", None)  # of urllib's errors
        error = reason if isinstance(reason, BaseException) else error.__cause__ or error.__context__


def _lacking(error: BaseException) -> str:
    """What the sandbox lacks, if an exception says that it does."""
    if isinstance(error, ModuleNotFoundError):
        return f"the module {error.name} is not there"
    if isinstance(error, socket.gaierror) or (isinstance(error, OSError) and error.errno in _NO_NETWORK):
        return "there is no network"
    if isinstance(error, subprocess.CalledProcessError):
        return f"it ended with status {error.returncode}"
    if isinstance(error, FileNotFoundError) and _is_of_subprocess(error):
        return f"there is no program {error.filename}"
    return ""


def _is_of_subprocess(error: BaseException) -> bool:
    return [place.filename for place in traceback.extract_tb(error.__traceback__)][-1:] == [subprocess.__file__]
