"""SCREEN's method in words, and the catalogue of its fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.function import Args
from engine.page import Column, Page, Panel, Table

if TYPE_CHECKING:
    from engine.context import Context

ABOUT = """Conditions over any field, joined by and, or, not: comparisons, + - * /, between 5 and 15, sector in
("Energy", "Technology"), mom_12_1 top 20%, top 10 by mktcap, bottom 5 within sector. Numbers may end with K, M,
B, T or %: 10B is 10e9, 5% is 0.05, and returns, margins and yields are such fractions. SCREEN FIELDS lists the
fields with their formulas. Quotes around the whole condition are optional; options may follow it.

rank(x) is 1 for the lowest value of the day's universe, ties at their mean; percentile(x) is (rank - 0.5) / count;
zscore(x) or z(x) is (x - mean) / deviation after values beyond the 1% and 99% quantiles are drawn in (z(x, 5%) takes
other tails); winsorize(x, 5%) only draws in. Each may be followed by within sector (a z-score then is taken against
the sector's mean, over the universe's deviation). log is natural; known(x) asks whether a value is known.

top and bottom count among the known values of the whole universe of the day, not among those left by other
conditions, so that the order of conditions does not matter; a share is rounded up, and what ties with the last
is in. SCORE= ranks those that pass, highest first, by a number computed over the whole universe; a security of
which a part of it is unknown has no score and comes last.

A comparison with an unknown value is unknown, and what is unknown does not pass, nor does its negation (Kleene's
three-valued logic, as SQL has it). Multiples of losses and ratios over negative equity are unknown too: they are
numbers that mean nothing.

The universe is that of the clock's day under that day's tickers: members of the index then, the later-dead among
them. Fundamentals are facts of filings accepted by the clock, of twelve months or the newest balance sheet (500 days
old at most); prices are of the last session known, and stand for five sessions. Nothing is converted between
currencies: multiples of a company that reports in another currency than it trades in are unknown. A screen says
what met the conditions on a day; it says nothing of what would have been earned by it."""


def catalogue(context: Context, args: Args) -> Page:
    """The fields, those that hold every word typed."""
    from engine.frames import frame_of
    from engine.quant.screener import search

    words = (args["expression"] or "") if args["page"] else ""
    rows: list[dict[str, Any]] = [
        {"name": each.name, "label": each.label, "group": each.group, "formula": each.formula, "source": each.source,
         "kind": each.kind if each.kind in ("text", "percent", "price") else "percent" if each.kind == "change" else
         each.unit or "number", "also": ", ".join(each.also), "needs": ", ".join(each.needs)}
        for each in search(words)
    ]  # fmt: skip
    table = Table(
        frame_of(rows, name="text", label="text", group="text", kind="text", formula="text", source="text",
                 also="text", needs="text"),
        (Column("name", "field"), Column("label", "what it is", width=26), Column("kind", "is"),
         Column("formula", "formula", width=64, least=24), Column("also", "also", width=28),
         Column("group", "group"), Column("needs", "made of"), Column("source", "after", width=40)),
        key=("name",),
        empty="No field matches. SCREEN FIELDS lists all; SCREEN FIELDS margin looks through names and formulas.",
    )  # fmt: skip
    context.restate((), {**args, "page": "FIELDS", "name": None})
    if not args["page"]:
        context.note(
            'SCREEN "pe < 15 and roe > 15%" screens; these are the fields it may name.', passing=True
        )
    about = f" that hold {words!r}" if words else ""
    return Page("Screen: fields", (Panel("fields", f"{len(rows)} fields{about}", table),))
