"""FXIP: currencies at the clock: pairs with their moves, and the matrix of cross rates."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

from engine.errors import CommandError, DataError
from engine.frames import TypeWord, frame_of
from engine.function import Args, Argument, Function, Kind
from engine.functions import _moves
from engine.history import FRESH_DAYS
from engine.needs import Need, price_need
from engine.page import Blank, Column, Page, Panel, SecurityRef, Table
from engine.period import Period

if TYPE_CHECKING:
    from engine.context import Context

MAJORS = ("USD", "EUR", "JPY", "GBP", "CHF", "CAD", "AUD", "NZD", "CNY", "SEK", "NOK")
_SMALL = ("JPY", "KRW", "HUF", "INR", "RUB")  # one of them is a hundredth of a dollar or so
_METALS = ("XAU", "XAG", "XPT", "XPD")
_FETCHED = 12


def run(context: Context, args: Args) -> Page:
    wanted = _wanted(args["currencies"])
    refs = _pairs(context)
    shown = [ref for ref in refs if args["all"] or _named(ref, wanted)]
    lead = (Column("ticker", "pair"), Column("name", "name", width=30))
    rows = _moves.rows_of(context, shown)
    _moves.note_old(context, rows)
    empty = "No currency is known at this clock. ASOF NOW sees all; KEYS OANDA, then BACKFILL EURUSD asks for one."
    pairs = _moves.table(rows, lead, empty)
    panels = [Panel("pairs", "pairs: how many of the second currency one of the first costs", pairs, 2)]
    day, matrix = _matrix(rows, wanted)
    if matrix is not None:
        title = f"cross rates of {day}: one of the row's currency in the column's"
        panels.append(Panel("crosses", title, matrix))
    hidden = len(refs) - len(shown)
    if hidden:
        context.note(f"{hidden} more pairs are in the store: FXIP ALL shows them.")
    return Page("Currencies", tuple(panels), securities=tuple(shown))


def _wanted(words: tuple[str, ...]) -> tuple[str, ...]:
    codes = tuple(dict.fromkeys(word.upper() for word in words))
    bad = next((code for code in codes if not (len(code) == 3 and code.isascii() and code.isalpha())), None)
    if bad is not None:
        raise CommandError(
            f"{bad!r} is not a currency's code of three letters, like EUR.", argument="currencies"
        )
    if len(codes) == 1:
        raise CommandError(
            "FXIP takes two or more currencies.", argument="currencies",
            suggestions=(f"FXIP {codes[0]} {'EUR' if codes[0] == 'USD' else 'USD'}",),
        )  # fmt: skip
    return codes or MAJORS


def _pairs(context: Context) -> list[SecurityRef]:
    found = [s.ref for s in context.directory if s.ref.asset_class == "currency" and len(s.ref.ticker) == 6]
    return sorted(found, key=lambda ref: (_rank(ref.ticker[:3]), _rank(ref.ticker[3:]), ref.ticker))


def _rank(code: str) -> int:
    return MAJORS.index(code) if code in MAJORS else len(MAJORS)


def _named(ref: SecurityRef, wanted: tuple[str, ...]) -> bool:
    codes = (ref.ticker[:3], ref.ticker[3:])
    return all(code in wanted or code in _METALS for code in codes)


def _matrix(rows: list[dict[str, Any]], wanted: tuple[str, ...]) -> tuple[date | None, Table | None]:
    """Cross rates of the newest day that most pairs have a rate of: rates of two days are not mixed."""
    from engine.quant.crosses import crosses

    days = Counter(day for row in rows for day in row.get("closes", ()))
    if not days:
        return None, None
    fresh = [each for each in days if (max(days) - each).days <= FRESH_DAYS]
    day = max(fresh, key=lambda each: (days[each], each))
    rates = {row["ticker"]: row["closes"][day] for row in rows if day in row.get("closes", ())}
    found = crosses(rates, wanted)
    known = [code for code in wanted if any(code in pair for pair in found)]
    if len(known) < 2:
        return None, None
    lines = [
        {"currency": base, "places": 6 if base in _SMALL else None}
        | {quote: found[base, quote].rate for quote in known if (base, quote) in found}
        for base in known
    ]
    for line in lines:
        for quote in known:
            if (way := found.get((str(line["currency"]), quote))) is not None:
                line[f"{quote} why"] = (
                    f"over {' and '.join(way.pairs)} of {day}: their rows above say where from"
                )
    numbers: dict[str, TypeWord] = dict.fromkeys(known, "number")
    numbers |= dict.fromkeys((f"{code} why" for code in known), "text")
    frame = frame_of(lines, currency="text", places="integer", **numbers)
    columns = (
        Column("currency", "one"),
        *(
            Column(
                code, code, "price", 2 if code in _SMALL else 4, decimals_from="places",
                formula_from=f"{code} why",
                formula=f"one of the row's currency in {code}, over the fewest pairs of {day}",
                default_blank=Blank.NEVER_EXISTED,
            )
            for code in known
        ),
    )  # fmt: skip
    return day, Table(frame, columns, key=("currency",))


def needs(context: Context, args: Args) -> tuple[Need, ...]:
    """A year of the pairs shown, as many as a page may wait for."""
    try:
        wanted = _wanted(args["currencies"])
    except (CommandError, DataError):
        return ()
    refs = [ref for ref in _pairs(context) if _named(ref, wanted)][:_FETCHED]
    return tuple(need for ref in refs for need in price_need(context, ref, Period("Y", 1), before=31))


FUNCTIONS = (
    Function(
        "FXIP",
        "currencies: pairs with their moves, and cross rates",
        run,
        arguments=(
            Argument("all", Kind.CHOICE, "every pair in the store", None, choices={"ALL": ()}),
            Argument("currencies", Kind.WORD, "two or more currencies: EUR USD JPY", (), many=True),
        ),
        aliases=("FX",),
        examples=(
            ("FXIP", "the major currencies"),
            ("FXIP EUR GBP CHF", "three of them"),
            ("FXIP ALL", "every pair in the store"),
        ),
        about=(
            "Rates known at the clock: ECB reference rates are fixed about 14:15 in Frankfurt, and published about "
            "16:00; rates of a dealer are the mid at 17:00 New York. The matrix is worked out from pairs of one day "
            "alone; a currency that has no rate of that day is left out of it. WHY on a cell says which row it came "
            "from."
        ),
        order=41,
        needs=needs,
    ),
)
