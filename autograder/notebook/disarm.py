"""A learner's Markdown made harmless for the formgrader, which has no filter: it shows it with the instructor's rights.

What it would run, load from elsewhere or stumble over stands there as it was typed.
"""

import re
from collections.abc import Container

_ENTITY = re.compile(r"&(?=#?\w+;)")  # a letter of a scheme in disguise, which is read twice in links
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_SCRIPT = re.compile(r"(script)[\s\\]*:", re.IGNORECASE)  # as the scheme of a link
_PICTURE = re.compile(r"!\[(?:([^\[\]\n]*)\]\(attachment:([^\s()<>]+)\))?")
_AS_TYPED = r"!\["
_COMMAND = re.compile(r"\\(?=(?:style|class|cssId|href|require|includegraphics)\b)")  # of formulas: they lead and load
_APART = re.compile(r"\\ (?=(?:style|class|cssId|href|require|includegraphics)\b)")


def disarmed(text: str, attachments: Container[str]) -> str:
    """The text without HTML, scripts and pictures, but for those that are attached to its cell."""

    def picture(found: re.Match[str]) -> str:
        return found[0] if found[2] in attachments else _AS_TYPED + found[0][2:]

    plain = _COMMAND.sub(r"\\ ", _SCRIPT.sub(r"\1 :", _TAG.sub("&lt;", _ENTITY.sub("& ", text))))
    return _PICTURE.sub(picture, plain)


def as_typed(text: str) -> str:
    """The disarmed text with its tags and pictures again, for a page that has a filter."""
    return _APART.sub(r"\\", text.replace("&lt;", "<").replace(_AS_TYPED, "!["))
