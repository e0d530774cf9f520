"""What each kind of argument accepts: a word in, a typed value out.

``match`` answers None where a word is not of the argument's kind, so that the next argument may take it,
and raises ValueError with a sentence where it is of the kind but wrong (a date that does not exist).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.function import Argument, Kind
from engine.indicator_names import overlay_word
from engine.period import Period, dates_period, parse_date, parse_period

MARKETS = ("EQUITY", "INDEX", "CURNCY", "COMDTY", "GOVT", "CRYPTO", "MACRO")
_TICKER = re.compile(r"^[A-Za-z0-9^][A-Za-z0-9.^=/_&-]{0,31}$")
_TIME = re.compile(r"^\d{1,2}:\d{2}(:\d{2})?$")
_MNEMONIC = re.compile(r"^[A-Za-z?]{1,12}( +[A-Za-z]{1,12})?$")
_OVERLAY_LIMITS = (2, 1000)
_MANY, _FIRST = 40, 12  # choices that are told one by one


@dataclass(frozen=True, slots=True, order=True)
class Overlay:
    """An indicator drawn with prices, of so many bars; 0 is its own settings."""

    name: str
    length: int

    def __str__(self) -> str:
        return f"{self.length}{self.name}" if self.length else self.name


class OutOfRange(ValueError):
    """A number beyond its bounds; ``nearest`` is the word for the bound it passed."""

    def __init__(self, message: str, nearest: str) -> None:
        super().__init__(message)
        self.nearest = nearest


def looks_like_ticker(text: str) -> bool:
    return _TICKER.match(text) is not None


def _number(text: str, whole: bool) -> float | int | None:
    try:
        value = float(text.replace("_", ""))
    except ValueError:
        return None
    if not math.isfinite(value):
        return None
    if whole and value != int(value):
        raise ValueError(f"{text} is not a whole number")
    return int(value) if whole else value


def _overlay(text: str) -> Overlay | None:
    found = overlay_word(text)
    if found is None:
        return None
    name, length = found
    low, high = _OVERLAY_LIMITS
    if length == 0 and not text.isalpha():
        length = -1  # typed, and no length
    if length and not low <= length <= high:
        nearest = Overlay(name, min(max(length, low), high))
        raise OutOfRange(f"{text}: the length must lie between {low} and {high} bars", str(nearest))
    return Overlay(name, length)


def _choice(argument: Argument, text: str) -> str | None:
    for canonical, synonyms in (argument.choices or {}).items():
        if text.upper() == canonical or text.upper() in synonyms:
            return canonical
    return None


def _bounded(argument: Argument, value: float | int, text: str) -> float | int:
    low, high = argument.minimum, argument.maximum
    if low is not None and value < low:
        raise OutOfRange(f"{text}: {argument.name} must be at least {_plain(low)}", _plain(low))
    if high is not None and value > high:
        raise OutOfRange(f"{text}: {argument.name} must be at most {_plain(high)}", _plain(high))
    return value


def _plain(bound: float) -> str:
    """A bound as one would type it: 10000000, not 1e+07."""
    return str(int(bound)) if bound == int(bound) else repr(bound)


def match(argument: Argument, text: str, *, quoted: bool = False, named: bool = False) -> Any:
    """The value of ``text`` for ``argument``, or None. ``named`` accepts what only NAME= may give."""
    if argument.named_only and not named:
        return None
    match argument.kind:
        case Kind.TEXT:
            return text
        case Kind.WORD:
            return text
        case Kind.SECURITY:
            return text if quoted or looks_like_ticker(text) else None
    if argument.kind is Kind.INSTANT:
        return _instant_shape(text)
    if argument.kind is Kind.FUNCTION:
        return " ".join(text.upper().split()) if _MNEMONIC.match(text) else None
    if quoted:
        return None
    match argument.kind:
        case Kind.CHOICE:
            return _choice(argument, text)
        case Kind.INTEGER | Kind.NUMBER:
            bare = text.removesuffix("%") if argument.percent else text
            value = _number(bare, argument.kind is Kind.INTEGER)
            return None if value is None else _bounded(argument, value, text)
        case Kind.DATE:
            return parse_date(text)
        case Kind.PERIOD:
            day = parse_date(text)
            return Period("DATES", 1, day, None) if day else parse_period(text)
        case Kind.OVERLAY:
            return _overlay(text)


def _instant_shape(text: str) -> str | None:
    """Instants are settled against the desk's time zone later; here only their shape is checked."""
    from zoneinfo import ZoneInfo

    from engine.clock import parse_instant

    if text.upper() in ("NOW", "LIVE", "TODAY", "YESTERDAY"):
        return text.upper()
    if _TIME.match(text):
        return text  # of the day named before it
    return text if parse_instant(text, ZoneInfo("UTC")) is not None else None


def join(argument: Argument, old: Any, new: Any) -> Any | None:
    """Two positional words of one argument put together (two dates make a range, a date and a time an
    instant), or None."""
    if argument.many:
        return (*old, *new)
    if argument.kind is Kind.INSTANT and _TIME.match(str(new)) and parse_date(str(old)):
        return f"{old} {new}"
    if (
        argument.kind is Kind.PERIOD
        and isinstance(old, Period)
        and isinstance(new, Period)
        and old.unit == new.unit == "DATES"
        and old.end is None
        and new.end is None
    ):
        return dates_period(old.start, new.start)
    return None


def write(value: Any) -> str:
    """The word that ``match`` reads back as ``value``."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return repr(value)
    return str(value)


def _few(words: Mapping[str, object]) -> str:
    """The words parted by bars; of very many the first ones."""
    shown = list(words)
    if len(shown) <= _MANY:
        return " | ".join(shown)
    return " | ".join(shown[:_FIRST]) + f" | ... ({len(shown)} words, completed as they are typed)"


def expected(argument: Argument) -> str:
    """What an argument takes, in words for errors and HELP."""
    match argument.kind:
        case Kind.CHOICE:
            return _few(argument.choices or {})
        case Kind.INTEGER | Kind.NUMBER:
            what = "a whole number" if argument.kind is Kind.INTEGER else "a number"
            what += " in per cent, 8 or 8%," if argument.percent else ""
            low, high = argument.minimum, argument.maximum
            if low is not None and high is not None:
                return f"{what} from {_plain(low)} to {_plain(high)}"
            if low is None:
                return what.rstrip(",") if high is None else f"{what} up to {_plain(high)}"
            return f"{what} from {_plain(low)}"
        case Kind.DATE:
            return "a date (2020-03-16)"
        case Kind.INSTANT:
            return "a date, a date and time, or NOW"
        case Kind.PERIOD:
            return "5D 1M 6M MTD YTD 1Y 5Y 10Y MAX, or two dates"
        case Kind.OVERLAY:
            return "50SMA 20BB 14RSI MACD and the like, of 2 to 1000 bars (FLDS lists indicators)"
        case Kind.SECURITY:
            return "a ticker, or a name in quotes"
        case Kind.FUNCTION:
            return "a mnemonic (GP)"
        case Kind.TEXT:
            return "text"
    return "a word"
