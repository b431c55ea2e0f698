"""Times as people and programs write them, and as they are kept and shown: in UTC."""

import re
import warnings
from datetime import UTC, datetime, tzinfo

from dateutil.parser import ParserError, UnknownTimezoneWarning, parse
from dateutil.tz import gettz, tzoffset

# Abbreviations that mean one zone only, by their hours before UTC: not CST, IST or BST, which mean several.
_HOURS = {
    **{"UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3},
    **{"NST": -3.5, "NDT": -2.5, "ADT": -3, "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6},
    **{"PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10, "HDT": -9},
    **{"JST": 9, "KST": 9, "HKT": 8, "SGT": 8, "WIB": 7, "PKT": 5, "SAST": 2, "EAT": 3, "WAT": 1, "CAT": 2},
    **{"AWST": 8, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "BRT": -3},
}
_ATTEMPT = re.compile(r"(\d{4})-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)")  # as Blackboard and nbgrader's example write it
_BRIGHTSPACE = re.compile(r"(\w+\.? \d{1,2}, \d{4}) (\d{1,2})(\d\d) ([AP]M)")
_NAME = re.compile(r"[A-Za-z]{1,5}")


def parse_time(text: str, zone: str = "") -> tuple[datetime | None, str]:
    """A time in UTC without tzinfo, as nbgrader keeps it, and a word on what had to be supposed about its zone.

    None when the text is none. A time without a zone is taken for UTC, as nbgrader does. `zone` is the course's, such
    as `America/Vancouver`: an abbreviation that is in use there at that time means that zone.
    """
    text = _ATTEMPT.sub(r"\1-\2-\3 \4:\5:\6", _BRIGHTSPACE.sub(r"\1 \2:\3 \4", text.strip()))
    before, _, last = text.rpartition(" ")
    there = gettz(last) if before and "/" in last else None
    unknown: list[str] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UnknownTimezoneWarning)  # it quotes the text, and would go to the terminal
            time = parse(
                before if there else text, tzinfos=lambda name, offset: _zone(name, offset, text, zone, unknown)
            )
            time = time.replace(tzinfo=there) if there else time
        if time.tzinfo is not None:
            time = time.astimezone(UTC).replace(tzinfo=None)
    except (ParserError, ValueError, OverflowError, TypeError, AttributeError):
        return None, ""
    return time, f"its time zone '{unknown[0]}' is not known for certain, so UTC was supposed" if unknown else ""


def shown_time(time: datetime | None) -> str:
    """`2026-10-01 17:20 UTC`."""
    return f"{time:%Y-%m-%d %H:%M} UTC" if time else "an unknown time"


def here(time: datetime) -> str:
    """The same moment by this machine's clock, such as `2026-10-01 10:20 PDT`; empty where that is UTC."""
    local = time.replace(tzinfo=UTC).astimezone()
    return f"{local:%Y-%m-%d %H:%M %Z}" if local.utcoffset() else ""


def _zone(name: str | None, offset: int | None, text: str, zone: str, unknown: list[str]) -> tzinfo | None:
    if name is None or offset is not None:
        return tzoffset(None, offset or 0)
    if found := _zone_in(zone, name, text):
        return found
    if name.upper() in _HOURS:
        return tzoffset(name, int(_HOURS[name.upper()] * 3600))
    if _NAME.fullmatch(name):
        unknown.append(name)
    return None


def _zone_in(zone: str, name: str, text: str) -> tzinfo | None:
    """The course's zone, where its clocks show that abbreviation at that time or at another time of the year."""
    there = gettz(zone) if zone else None
    if there is None:
        return None
    year = int(found[0]) if (found := re.search(r"\d{4}", text)) else 2000
    for month in range(1, 13):
        moment = datetime(max(1, year), month, 1, tzinfo=there)
        offset = moment.utcoffset()
        if moment.tzname() == name and offset is not None:
            return tzoffset(name, offset)
    return None
