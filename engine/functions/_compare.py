"""GP of several securities: rebased to 100 together, like with like."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.errors import DataError
from engine.functions._lines import every, in_bars, line
from engine.history import History, read_history
from engine.page import Lines, Page, Panel, Series

if TYPE_CHECKING:
    import polars as pl

    from engine.context import Context
    from engine.function import Args

SCALE: dict[str, Any] = {"LINEAR": "linear", "LOG": "log"}
_REINVESTED = "dividends reinvested"
_MEASURES = {
    "none": "prices as traded",
    "splits": "prices, adjusted for splits known by then",
    "total": _REINVESTED,
}
_SHARES = ("equity", "fund")


def comparison(context: Context, histories: list[History], args: Args) -> Page:
    """Closes of several securities, each 100 at the first session that all have in the range; rates and
    factors, of which no level is 100, are drawn as they are where there is nothing else."""
    if args["overlays"]:
        context.note("Overlays are drawn on one security's chart, not on a comparison.")
    names = " / ".join(history.ref.ticker for history in histories)
    histories = _alike(context, histories, args)
    rates = [history for history in histories if history.rate]
    levels = [history for history in histories if not history.rate]
    drawn = _rebased(context, levels, args) if levels else _as_they_are(context, rates, args)
    if levels and rates:
        _left_out(context, rates, "a rate or factor has no level to rebase to 100. Draw it alone")
    return Page(f"{names}  compared", (Panel("price", *drawn),))


def _left_out(context: Context, histories: list[History], why: str) -> None:
    context.note(f"{', '.join(h.ref.ticker for h in histories)} left out: {why}.", "warning")


def _alike(context: Context, histories: list[History], args: Args) -> list[History]:
    """With dividends reinvested for all shares, where a vendor's closes are so for one of them."""
    vendor = [h.ref.ticker for h in histories if h.basis == "adjusted"]
    priced = [
        h for h in histories if h.shape == "bars" and h.ref.asset_class in _SHARES and h.adjust != "total"
    ]
    if not vendor or not priced:
        return histories
    also = ", ".join(h.ref.ticker for h in priced)
    context.note(
        f"{', '.join(vendor)}: the store has closes with dividends reinvested only. To compare like with like, "
        f"{also} too {'are' if len(priced) > 1 else 'is'} drawn with dividends reinvested (TOTAL).",
        "warning" if args["adjust"] == "NONE" else "info",
    )
    return [read_history(context, h.ref, "total", args["series"]) if h in priced else h for h in histories]


def measure(history: History) -> str:
    """What a rebased line of it tells."""
    if history.basis == "adjusted":
        return _REINVESTED
    if history.ref.asset_class in _SHARES:
        return _MEASURES[history.adjust]
    kind = {"index": "index level, without dividends", "currency": "exchange rate", "commodity": "price"}
    return kind.get(history.ref.asset_class, "values as published")


def _rebased(context: Context, histories: list[History], args: Args) -> tuple[str, Lines]:
    import polars as pl

    period, last = args["period"], max(history.last for history in histories)
    pairs = []
    for history in histories:
        rows = history.charted(period, last)
        if rows.is_empty():
            _left_out(context, [history], f"the store holds {history.first} to {history.last} of it")
        else:
            pairs.append((history, rows))
    if not pairs:
        raise histories[0].nothing_in(period)
    base = max(rows["session_date"][0] for _, rows in pairs)
    lines, drawn = [], []
    for history, rows in pairs:
        begins = history.at(base)
        kept = rows.filter(pl.col("session_date") > base)
        if begins is None or rows["session_date"][-1] < base:
            _left_out(context, [history], f"it ends before {base}, where the others begin")
        elif not begins["close"][0] or begins["close"][0] <= 0:
            _left_out(
                context, [history], f"its value of {begins['session_date'][0]} is no base, being 0 or below"
            )
        else:
            lines.append(_line(history, pl.concat([begins, kept]), args["interval"]))
            drawn.append(history)
    if not lines:
        raise DataError(f"None of these can be rebased to 100 on {base}: choose another range.")
    often = " and ".join(dict.fromkeys(every(history, args["interval"]) for history in drawn))
    title = f"{often}, each 100 on {base}, {_measures(context, drawn)}"
    return title, Lines(tuple(lines), "", 2, SCALE[args["scale"]])


def _line(history: History, rows: pl.DataFrame, interval: str) -> Series:
    """100 at the first of ``rows``."""
    day, base = rows["session_date"][0], float(rows["close"][0])
    whole = line(history, in_bars(history, rows, interval, day), history.ref.ticker)
    return replace(
        whole,
        values=whole.values / base * 100.0,
        unit="",
        formula=f"100 x close / {base:.6g}, the close of {day}; {measure(history)}; {history.formula}",
        factors=None if whole.factors is None else whole.factors / base * 100.0,
    )


def _measures(context: Context, histories: list[History]) -> str:
    """What the lines tell; where they do not tell the same, each by name, and a warning of dividends."""
    told: dict[str, list[str]] = {}
    for history in histories:
        told.setdefault(measure(history), []).append(history.ref.ticker)
    if len(told) == 1:
        return next(iter(told))
    if _REINVESTED in told:
        without = [ticker for words, tickers in told.items() if words != _REINVESTED for ticker in tickers]
        context.note(
            f"Not like for like: {', '.join(told[_REINVESTED])} with dividends reinvested, {', '.join(without)} "
            "without what they paid or earned meanwhile.",
            "warning",
        )
    return "; ".join(f"{', '.join(tickers)}: {words}" for words, tickers in told.items())


def _as_they_are(context: Context, histories: list[History], args: Args) -> tuple[str, Lines]:
    """Rates and factors of one unit, not rebased."""
    unit, last = histories[0].unit, max(history.last for history in histories)
    others = [history for history in histories if history.unit != unit]
    if others:
        _left_out(context, others, f"not in {unit or 'the same unit'}, as {histories[0].ref.ticker} is")
    pairs = [(h, h.charted(args["period"], last)) for h in histories if h.unit == unit]
    empty = [history for history, rows in pairs if rows.is_empty()]
    if len(empty) == len(pairs):
        raise histories[0].nothing_in(args["period"])
    for history in empty:
        _left_out(context, [history], f"the store holds {history.first} to {history.last} of it")
    kept = [(history, rows) for history, rows in pairs if rows.height]
    lines = tuple(line(h, in_bars(h, rows, args["interval"]), h.ref.ticker) for h, rows in kept)
    context.note("Rates and factors are drawn as they are: they have no level to rebase to 100.")
    often = " and ".join(dict.fromkeys(every(history, args["interval"]) for history, _ in kept))
    first, end = (
        day.astype(object) for day in (min(s.dates[0] for s in lines), max(s.dates[-1] for s in lines))
    )
    title = f"{often}, {first} to {end}, {unit}, not rebased"
    return title, Lines(lines, unit, 2, "linear")
