"""Reads the catalogue's tables.

A line ``== group`` opens a group. An entry is one line of fields parted by "|", and an indented line with its
formula:

    NAME | title | inputs | parameters | outputs | hints | source
        formula

inputs: letters of o h l c v (open, high, low, close, volume), or names of other fields. parameters: ``name=default``
with ``:lowest`` or ``:lowest..highest``; a whole default takes whole numbers, a word is a kind of average, "" a date.
outputs: names, with ~ dashed, # histogram, ! marks, ? aside, ^ plain. hints: ``price`` (over the prices),
``unit word``, ``low..high``, ``levels a b``, ``seeded`` (values depend on where the history starts), ``aka NAME``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.quant.indicators.indicator import AVERAGES, Indicator, Output, Parameter, Style

_FIELDS = {"o": "open", "h": "high", "l": "low", "c": "close", "v": "volume"}
_STYLES: dict[str, Style] = {"~": "dashed", "#": "histogram", "!": "mark", "?": "aside", "^": "line"}
_BOUNDLESS = 3e37  # TA-Lib's own
_PATTERN = "100 where the pattern ends at the bar and is bullish, -100 bearish, +-200 confirmed, 0 none"


def read(rows: str) -> Iterator[Indicator]:
    """The entries of a table, in its order."""
    group, lines = "", [line for line in rows.splitlines() if line.strip()]
    for at, line in enumerate(lines):
        if line.startswith("=="):
            group = line.strip("= ")
        elif not line.startswith(" "):
            follows = lines[at + 1] if at + 1 < len(lines) else ""
            yield _entry(line, follows.strip() if follows.startswith(" ") else "", group)


def _entry(line: str, formula: str, group: str) -> Indicator:
    cells = [cell.strip() for cell in line.split("|")]
    if len(cells) <= 3:  # a pattern: they differ in name and penetration alone
        settings = cells[2] if len(cells) == 3 else ""
        cells = [cells[0], cells[1], "ohlc", settings, "pattern!", "-200..200 levels 0", "Nison 1991"]
        formula = _PATTERN
    name, title, inputs, settings, outputs, hints, source = cells
    told = _hints(hints.split())
    return Indicator(
        name, title, group, _inputs(inputs), tuple(map(_parameter, settings.split())),
        tuple(map(_output, outputs.split())), formula, source or "TA-Lib 0.8", **told,
    )  # fmt: skip


def _inputs(cell: str) -> tuple[str, ...]:
    found: list[str] = []
    for word in cell.split():
        found += [_FIELDS[each] for each in word] if set(word) <= set(_FIELDS) else [word]
    return tuple(found)


def _output(word: str) -> Output:
    return Output(word.rstrip("~#!?^"), _STYLES.get(word[-1], "line"))


def _parameter(word: str) -> Parameter:
    name, _, rest = word.partition("=")
    text, _, bounds = rest.partition(":")
    if text.upper() in AVERAGES:
        return Parameter(name, text, "average")
    if not text:
        return Parameter(name, "", "date")
    whole = "." not in text
    low, parted, high = bounds.partition("..")
    least = float(low) if low else -_BOUNDLESS
    most = float(high) if high else (_BOUNDLESS if parted or not whole else 100_000.0)
    return Parameter(name, int(text) if whole else float(text), "integer" if whole else "number", least, most)


def _hints(words: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    levels: list[float] = []
    at = 0
    while at < len(words):
        word = words[at]
        if word == "price":
            found |= {"over_price": True, "unit": "price"}
        elif word == "seeded":
            found["seeded"] = True
        elif word in ("unit", "aka"):
            at += 1
            found["unit" if word == "unit" else "aliases"] = words[at] if word == "unit" else (words[at],)
        elif ".." in word:
            low, _, high = word.partition("..")
            found |= {"low": float(low), "high": float(high)}
        elif word != "levels":
            levels.append(float(word))
        at += 1
    return found | {"levels": tuple(levels)}
