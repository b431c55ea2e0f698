"""Which of the notebooks that were handed in is the assignment's, where there are several."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.errors import UnreadableNotebookError, listed, shown
from autograder.notebook.rebuild import Rebuilt, rebuild

_MOST = 50  # notebooks that are looked at beside the assignment's own


@dataclass(frozen=True)
class _Tried:
    """What became of the notebooks by their paths: built, or why not; and those that were not looked at."""

    own: str
    built: Mapping[str, Rebuilt]
    faults: Mapping[str, UnreadableNotebookError]
    unseen: tuple[str, ...]

    def fullest(self) -> str:
        """The path of the one with the most answers, of two the assignment's own."""
        return max(self.built, key=lambda path: (len(self.built[path].answers), path == self.own))

    def rivals(self, taken: str) -> list[str]:
        """The paths of others that hold an answer which the one that is taken has not."""
        answers = self.built[taken].answers.items()
        return [path for path, each in self.built.items() if path != taken and each.answers.items() - answers]


def choose(
    own: str,
    graded_form: bytes,
    released: bytes,
    handed_in: Mapping[str, bytes],
    *,
    sure: bool,
    earlier: Sequence[bytes] = (),
) -> tuple[Rebuilt, str]:
    """Build the notebook to grade from the one of `handed_in` (path -> notebook) that is meant by the path `own`.

    It is the one of that path, unless it is blank, missing or another notebook, and one beside it holds answers. Where
    that can be in doubt, a person is asked to look; it is not where just one was handed in and, by `sure`, no other is
    missing: then a word on what was taken for what comes back too. `earlier` are releases before `released`.

    Raises an UnreadableNotebookError, with `own` in its words, when none can be graded.
    """
    tried = _try_all(own, lambda data: rebuild(graded_form, released, data, earlier), handed_in)
    if not tried.built:
        if len(tried.faults) == 1 or own in tried.faults:
            fault = tried.faults.get(own) or next(iter(tried.faults.values()))
            raise type(fault)(f"{shown(own)}: {fault}")
        raise UnreadableNotebookError(f"{shown(own)} is missing")
    taken = own if own in tried.built and tried.built[own].answers else tried.fullest()
    rebuilt = tried.built[taken]
    instead = f"{shown(taken)} was taken for {shown(own)}" if taken != own else ""
    if instead and sure and len(handed_in) == 1:
        return rebuilt, instead
    doubts = [*([instead + _why(tried)] if instead else []), *_doubts(tried, taken)]
    return replace(rebuilt, review=(*(f"{doubt}: please look" for doubt in doubts), *rebuilt.review)), ""


def _try_all(own: str, build: Callable[[bytes], Rebuilt], handed_in: Mapping[str, bytes]) -> _Tried:
    others = [path for path in sorted(handed_in) if path != own]
    built, faults = {}, {}
    for path in [*([own] if own in handed_in else []), *others[:_MOST]]:
        try:
            built[path] = build(handed_in[path])
        except UnreadableNotebookError as error:
            faults[path] = error
    return _Tried(own, built, faults, tuple(others[_MOST:]))


def _why(tried: _Tried) -> str:
    if tried.own in tried.faults:
        return f", which can't be graded ({str(tried.faults[tried.own]).split('. ')[0].rstrip('.')})"
    return ", which is blank" if tried.own in tried.built else ""


def _doubts(tried: _Tried, taken: str) -> list[str]:
    """What speaks for notebooks that were not taken."""
    found = []
    if rivals := tried.rivals(taken):
        has = "has" if len(rivals) == 1 else "have"
        found.append(f"{listed([*map(shown, rivals)])} {has} answers that {shown(taken)}, which counts, has not")
    if not tried.built[taken].answers and (broken := [path for path in tried.faults if path != tried.own]):
        found.append(f"{shown(taken)} is blank, and {listed([*map(shown, broken)])} can't be graded")
    if tried.unseen:
        found.append(f"{len(tried.unseen)} more notebooks were not looked at")
    return found
