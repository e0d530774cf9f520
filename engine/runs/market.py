"""What a run computes on, read of the store as of the clock: bars, actions, listings, members, panels.

Two clocks rule. What happened (fills, marks, dividends, delistings) is told as known at the reader's clock. What a
decision may use is told as it was known at the decision: ``Inputs.decided``, ``members`` and ``panels``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from engine.backtest.inputs import Inputs
from engine.backtest.market import Market
from engine.backtest.window import first_columns
from engine.errors import DataError
from engine.runs import listed, market_actions, market_bars, members, mergers, panels, states
from engine.runs import market_successors as successors
from engine.runs.market_days import RULE, Axis, Days, apart, sessions
from engine.runs.market_told import Progress, Telling, no_progress, some, tell_warmth
from engine.runs.wanted import Gathered, Wanted

if TYPE_CHECKING:
    from engine.runs.listed import Endings, Named, Names
    from engine.runs.market_actions import Actions
    from engine.runs.market_bars import Prices, Rows
    from engine.runs.mergers import Told
    from store.reader import AsOfReader

Ints = NDArray[np.int64]
BEFORE = -2  # in place of the row of a listing's end: before the first


def gather(
    reader: AsOfReader,
    wanted: Wanted,
    *,
    progress: Progress = no_progress,
    cancelled: Callable[[], bool] = lambda: False,
) -> Gathered:
    """Reads what a run needs; every read is on the reader's record.

    Raises
    ------
    DataError
        Nothing to trade: rates and statistics, no price in the range, several currencies, unknown panels.
    Cancelled
        ``cancelled`` answered true.
    """
    telling = Telling(progress, cancelled, len(reader.reads))
    end = min(wanted.end or reader.session_date, reader.session_date)
    filed = tuple(name for name in wanted.panels if name not in states.STATES)
    panels.check(filed)
    groups = [
        members.universe(reader, word, number, wanted.start, end, telling)
        for word, number in wanted.universes
    ]
    if wanted.ids:
        telling.fact("symbols named: source and basis", "the command; no list tells who else could be chosen")
    asked = tuple(dict.fromkeys((*wanted.ids, *(number for group in groups for number in group.ids))))
    names = listed.named(
        reader, asked, {n: ticker for group in groups for n, ticker in group.tickers.items()}
    )
    listed.tradable(names)
    rows = market_bars.read(reader, asked, _first(wanted), wanted.start, end, telling)
    if not rows.ids:
        raise market_bars.nothing(asked, names, wanted.start, end)
    currency = listed.one_currency({number: names[number] for number in rows.ids})
    told_of = market_bars.days(reader, rows, names, _first(wanted), end)
    every = sessions(reader, told_of, {names[number].calendar for number in rows.ids})
    telling.fact("sessions on which nobody has a bar", len(every) - len(rows.dates))
    dates, begin = _window(every, wanted, telling)
    told = mergers.read(reader, rows.ids, end, telling)
    count, first = len(rows.ids), dates[0].item()
    whole, names = successors.joined(reader, rows, names, told, currency, first, end, telling)
    ids = np.array(whole.ids, dtype=np.int64)
    axis = Axis.of(reader, dates, [names[number].calendar for number in whole.ids])
    if len(axis.calendars) > 1 and not apart(reader, axis):
        raise DataError(
            f"Of {' and '.join(each or 'every day' for each in axis.calendars)} one opens its next session "
            "before another has closed: a decision after the close of a day comes too late for it. Run them apart."
        )
    market, seen = _markets(reader, whole, names, ids, axis, told, currency, end, count, telling)
    own, known = first_columns(market, count), first_columns(seen or market, count)
    own_axis, unpriced = successors.first_of(axis, count), _missing(asked, rows)
    belongs = {group.word: members.mask(group, own.ids, own_axis) for group in groups}
    for group in groups:
        members.tell(group, belongs[group.word], begin, names, own.last, unpriced, telling)
    _tell(own, rows, names, unpriced, wanted, own_axis, end, telling)
    fills: Literal["open", "close"] = "close" if rows.basis else "open"
    values = panels.panels(reader, filed, names, known, own_axis, rows.adjusted, telling)
    values |= states.panels(reader, wanted, dates, count, telling)
    market, seen = successors.placed(market, seen, count, wanted.alone or count == 1)
    more = len(market.symbols) - count
    belongs = successors.padded_members(belongs, more)
    inputs = Inputs(market, successors.padded(values, more), belongs, begin, fills, seen)
    return Gathered(inputs, tuple(telling.notes), tuple(telling.facts))


def _missing(asked: tuple[int, ...], rows: Rows) -> tuple[int, ...]:
    priced = set(rows.ids)
    return tuple(number for number in asked if number not in priced)


def _first(wanted: Wanted) -> date | None:
    """A day that surely lies ``warm_up`` sessions before the start."""
    if wanted.start is None:
        return None
    return wanted.start - timedelta(days=int(wanted.warm_up * 1.6) + 10 * (wanted.warm_up > 0))


def _window(dates: Days, wanted: Wanted, telling: Telling) -> tuple[Days, int]:
    """The sessions from the warm-up on, and the row of the first that may be traded."""
    whole = 0 if wanted.start is None else int(np.searchsorted(dates, np.datetime64(wanted.start, "D")))
    if wanted.start is None:
        begin, cut = min(wanted.warm_up, len(dates) - 1), 0
    else:
        cut = max(whole - wanted.warm_up, 0)
        begin = whole - cut
    dates = dates[cut:]
    tell_warmth(
        wanted.warm_up if wanted.needed is None else wanted.needed, wanted.settled, begin, dates, telling
    )
    telling.fact("decisions", RULE)
    telling.fact("sessions", len(dates) - begin)
    telling.fact("first session", str(dates[begin]))
    telling.fact("last session", str(dates[-1]))
    telling.fact("sessions before it that warm up", begin)
    return dates, begin


def _markets(
    reader: AsOfReader, rows: Rows, names: Names, ids: Ints, axis: Axis, told: Told, currency: str, end: date,
    count: int, telling: Telling,
) -> tuple[Market, Market | None]:  # fmt: skip
    """The market as it traded, as decisions knew it where that is another."""
    made = market_bars.prices(reader, rows, names, ids, axis, telling)
    ends = listed.endings(reader, ids, names, axis, end, told, made.traded["close"], telling)
    unadjusted = np.where(np.isin(ids, np.array(rows.adjusted, dtype=np.int64)), 0, ids)
    happened = market_actions.actions(reader, unadjusted, names, axis, made.lag, telling)
    priced = market_bars.positive(made.traded, telling)
    if ends.before[:count].all():
        raise listed.over([names[number] for number in ids[:count].tolist()], axis.dates[0].item())
    traded = _until(priced, np.where(ends.before, BEFORE, ends.last), telling)
    tickers = _tickers(traded["close"], names, ids, axis)
    market = Market(
        axis.dates, tickers, ids, traded["open"], traded["high"], traded["low"], traded["close"], traded["volume"],
        happened.split, happened.dividend, happened.pay, ends.last, ends.final_return, currency,
    )  # fmt: skip
    booked = mergers.booked(told, market, names, rows.adjusted)
    market = mergers.with_terms(market, booked)
    listed.tell(ends, tickers[:count], ids, told, mergers.paid(market), telling)
    mergers.tell(told, market, booked, count, telling)
    return market, _known(made, happened, ends, market, priced)


def _known(
    made: Prices, happened: Actions, ends: Endings, market: Market, priced: dict[str, market_bars.Floats]
) -> Market | None:
    """The market as decisions knew it; None where it is the same."""
    same = made.seen is made.traded and not happened.differs
    if same and np.array_equal(ends.last, ends.seen_last):
        return None
    quiet = Telling()
    known = priced if made.seen is made.traded else market_bars.positive(made.seen, quiet)
    known = _until(known, ends.seen_last, quiet)
    return replace(
        market, open=known["open"], high=known["high"], low=known["low"], close=known["close"],
        volume=known["volume"], split=happened.seen_split, dividend=happened.seen_dividend,
        last=ends.seen_last, mergers=(),
    )  # fmt: skip


def _tickers(close: market_bars.Floats, names: Names, ids: Ints, axis: Axis) -> tuple[str, ...]:
    days = [axis.dates[max(row, 0)].item() for row in _last_bars(close).tolist()]
    return listed.symbols(ids, names, days)


def _until(
    fields: dict[str, market_bars.Floats], last: Ints, telling: Telling
) -> dict[str, market_bars.Floats]:
    """Without bars of after the end of a listing, which may have come before the first session."""
    if (last == -1).all():
        return fields
    rows = np.arange(len(fields["close"]))[:, None]
    after = (rows > np.where(last != -1, last, len(rows))) & np.isfinite(fields["close"])
    if not after.any():
        return fields
    telling.note(
        f"{int(after.sum()):,} bars of {int(after.any(axis=0).sum()):,} names are of after their delisting (traded "
        "over the counter, as a rule) and are left out: the position has been closed by then."
    )
    return {name: np.where(after, np.nan, values) for name, values in fields.items()}


def _last_bars(close: market_bars.Floats) -> Ints:
    """The row of each column's last bar, -1 where it has none."""
    held = np.isfinite(close)
    rows = len(close) - 1 - np.argmax(held[::-1], axis=0)
    return np.where(held.any(axis=0), rows, -1).astype(np.int64)


def _tell(
    market: Market, rows: Rows, names: Mapping[int, Named], unpriced: tuple[int, ...], wanted: Wanted, axis: Axis,
    end: date, telling: Telling,
) -> None:  # fmt: skip
    """What an analyst must know of the prices."""
    telling.fact("symbols", len(market.symbols))
    lost = [names[number].ticker for number in unpriced if number in wanted.ids]
    if lost:
        telling.note(f"{some(lost)}: no price is known for these days, and the run goes without.", "warning")
    _tell_silent(market, end, telling)
    _tell_kinds(rows, names, telling)
    if len(axis.calendars) > 1:
        telling.note(
            f"The run has sessions of {len(axis.calendars)} calendars "
            f"({', '.join(each or 'every day' for each in axis.calendars)}): a decision comes after the last close "
            "of a day, and a symbol without a session on a day fills on its next."
        )


def _tell_silent(market: Market, end: date, telling: Telling) -> None:
    gone = listed.silent(_last_bars(market.close), market.last, len(market.dates))
    telling.fact("stopped without word of a delisting", int(gone.sum()))
    if gone.any():
        who = [market.symbols[column] for column in np.flatnonzero(gone).tolist()]
        telling.note(
            f"Prices of {some(who)} stop before the run's end and no source tells of a delisting: a position stays "
            "at its last close, cannot be sold, and an event says so: what was lost, if it was, is not told.",
            "warning",
        )
    last: date = market.dates[-1].item()
    if (end - last).days > 7:
        telling.note(f"The prices in the store end on {last}: the run ends there, not on {end}.", "warning")


def _tell_kinds(rows: Rows, names: Mapping[int, Named], telling: Telling) -> None:
    of: dict[str, list[str]] = {}
    for number, basis in rows.basis.items():
        of.setdefault(basis, []).append(names[number].ticker)
    if "adjusted" in of:
        telling.note(
            f"{some(of['adjusted'])}: closes that a vendor adjusted for dividends and splits at a later date, as 100 "
            "at the first: a total-return series, so that no dividend is booked beside it, and an amount a share "
            "means nothing."
        )
    if of:
        telling.note(
            f"{some([who for each in of.values() for who in each])}: one price a session and no opens: decisions "
            "fill at the next session's price."
        )
    index = [
        each.ticker for number, each in names.items() if each.asset_class == "index" and number in rows.ids
    ]
    if index:
        telling.note(
            f"{some(index)}: an index cannot be bought; the run trades it as if a share had its level."
        )
