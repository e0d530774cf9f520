"""Marks on a price chart: where a trade was entered and left, at its price as traded and as the chart draws it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from engine.errors import CommandError
from engine.frames import frame_of
from engine.history import History
from engine.page import Column, Event, Panel, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import polars as pl

_WORDS = {"LONG": "entry, long", "SHORT": "entry, short", "EXIT": "exit"}
_MARK = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d) +(?P<word>LONG|SHORT|EXIT)(?: +(?P<price>-?[\d.]+(?:e-?\d+)?))?(?: +(?P<of>.+))?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mark:
    """``word``: LONG, SHORT or EXIT; ``price`` as traded, where told; ``of``: what traded at it, where that is not
    what the chart draws (an option), or the future's contract."""

    day: date
    word: str
    price: float | None = None
    of: str = ""

    def __str__(self) -> str:
        price = "" if self.price is None else f"{self.price:.10g}"
        return " ".join(filter(None, (self.day.isoformat(), self.word, price, self.of)))


def written(marks: list[Mark]) -> str:
    """As MARK= takes them."""
    return "; ".join(map(str, marks))


def parsed(text: str | None) -> tuple[Mark, ...]:
    """The marks of MARK=, by day.

    Raises
    ------
    CommandError
        One is no date and word.
    """
    found = []
    for part in filter(None, (each.strip() for each in (text or "").split(";"))):
        told = _MARK.fullmatch(part)
        try:
            if told is None:
                raise ValueError
            price = None if told["price"] is None else float(told["price"])
            found.append(Mark(date.fromisoformat(told["day"]), told["word"].upper(), price, told["of"] or ""))
        except ValueError:
            raise CommandError(
                f"{part} is no mark: MARK= takes a date, LONG, SHORT or EXIT, and a price as traded, several with ; "
                'between them: MARK="2013-02-01 LONG 65.1; 2013-05-20 EXIT 63.3".',
                argument="mark",
            ) from None
    return tuple(sorted(found, key=lambda mark: mark.day))


def events(history: History, marks: tuple[Mark, ...], shown: pl.DataFrame) -> tuple[Event, ...]:
    """The marks within the range, each at the price that the chart draws."""
    first, last = shown["session_date"][0], shown["session_date"][-1]
    found = []
    for mark, row in _on(history, marks):
        if first <= mark.day <= last:
            drawn = _drawn(history, mark, row)
            level = drawn if drawn is not None else None if row is None else row["close"]
            found.append(Event(mark.day, _WORDS[mark.word], _told(history, mark, drawn), level))
    return tuple(found)


def panel(history: History, marks: tuple[Mark, ...]) -> tuple[Panel, ...]:
    """The marks as a table; none where nothing is marked."""
    if not marks:
        return ()
    rows = [
        {
            "day": mark.day, "what": _WORDS[mark.word], "of": mark.of or _named(history, row), "traded": mark.price,
            "drawn": _drawn(history, mark, row), "close": None if row is None else row["close"],
        }
        for mark, row in _on(history, marks)
    ]  # fmt: skip
    frame = frame_of(
        rows, day="date", what="text", of="text", traded="number", drawn="number", close="number"
    )
    decimals, other = history.decimals, any(row["drawn"] is None for row in rows)
    columns = (
        Column("day", "marked", "date"),
        Column("what", "what"),
        Column("of", "of", width=40),
        Column("traded", "price as traded", "price", max(decimals, 2), formula="as told by MARK="),
        Column("drawn", "as drawn", "price", max(decimals, 2), formula=_how(history)),
        Column("close", "close drawn", "price", decimals, formula=history.formula),
    )
    why = "prices of what the chart does not draw stand as traded"
    if history.basis == "adjusted":
        why = "prices as told, of a vendor-adjusted series whose level is its own; the chart begins at 100"
    title = f"marked on the chart: {why}" if other else "marked on the chart"
    return (Panel("marks", title, Table(frame, columns, key=("day", "what"))),)


def _named(history: History, row: Mapping[str, Any] | None) -> str:
    """What the chart draws on a day: the security, of a future the contract."""
    return str((row or {}).get("contract") or history.ref.ticker)


def _how(history: History) -> str:
    if history.rolling is not None:
        return "price as traded, joined as the chart's prices of that day"
    if history.shape == "bars":
        return "price as traded x the chart's factor of that day, as of the clock"
    return "price as traded"


def _on(history: History, marks: tuple[Mark, ...]) -> Iterator[tuple[Mark, Mapping[str, Any] | None]]:
    """Each mark with the session's row, or that of the session before where the day is none."""
    for mark in marks:
        row = history.at(mark.day)
        yield mark, None if row is None else row.row(0, named=True)


def _drawn(history: History, mark: Mark, row: Mapping[str, Any] | None) -> float | None:
    """A mark's price as the chart draws it; None where it draws something else."""
    if mark.price is None or row is None or (mark.of and row.get("contract") != mark.of):
        return None
    if history.shape == "bars":
        factor = row["split_factor"] if row["split_factor"] is not None else 1.0
        return mark.price * float(factor) * float(row["dividend_factor"]) + float(row.get("moved") or 0.0)
    return None if history.basis == "adjusted" else mark.price


def _told(history: History, mark: Mark, drawn: float | None) -> str:
    told = _WORDS[mark.word]
    if mark.price is None:
        return told
    places = max(history.decimals, 2)
    told = f"{told} at {mark.price:,.{places}f}" + (f" of {mark.of}" if mark.of else "")
    apart = drawn is not None and abs(drawn - mark.price) > 0.5 * 10.0**-places
    return f"{told}, drawn at {drawn:,.{places}f}" if apart else told
