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
from engine.errors import DataError
from engine.runs import listed, market_actions, market_bars, members, panels, states
from engine.runs.market_days import RULE, Axis, Days, apart, sessions
from engine.runs.market_told import Progress, Telling, no_progress, some
from engine.runs.wanted import Gathered, Wanted

if TYPE_CHECKING:
    from engine.runs.listed import Endings, Named
    from engine.runs.market_actions import Actions
    from engine.runs.market_bars import Prices, Rows
    from store.reader import AsOfReader

Ints = NDArray[np.int64]


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
    asked = tuple(dict.fromkeys((*wanted.ids, *(number for group in groups for number in group.ids))))
    names = listed.named(
        reader, asked, {n: ticker for group in groups for n, ticker in group.tickers.items()}
    )
    listed.tradable(names)
    rows = market_bars.read(reader, asked, _first(wanted), wanted.start, end, telling)
    if not rows.ids:
        raise market_bars.nothing(asked, names, wanted.start, end)
    currency = listed.one_currency({number: names[number] for number in rows.ids})
    calendars = [names[number].calendar for number in rows.ids]
    own = rows.dates
    every = sessions(reader, own, set(calendars))
    telling.fact("sessions on which nobody has a bar", len(every) - len(own))
    dates, begin = _window(every, wanted, telling)
    ids = np.array(rows.ids, dtype=np.int64)
    axis = Axis.of(reader, dates, calendars)
    if len(axis.calendars) > 1 and not apart(reader, axis):
        raise DataError(
            f"Of {' and '.join(each or 'every day' for each in axis.calendars)} one opens its next session "
            "before another has closed: a decision after the close of a day comes too late for it. Run them apart."
        )
    made = market_bars.prices(reader, rows, names, ids, axis, telling)
    ends = listed.endings(reader, ids, names, axis, end, telling)
    unadjusted = np.where(np.isin(ids, np.array(rows.adjusted, dtype=np.int64)), 0, ids)
    happened = market_actions.actions(reader, unadjusted, names, axis, made.lag, telling)
    market, seen = _markets(made, happened, ends, names, ids, axis, currency, telling)
    belongs = {group.word: members.mask(group, ids, axis) for group in groups}
    unpriced = tuple(number for number in asked if number not in set(rows.ids))
    for group in groups:
        members.tell(group, belongs[group.word], begin, names, ends, unpriced, telling)
    _tell(market, rows, names, unpriced, wanted, axis, end, telling)
    fills: Literal["open", "close"] = "close" if rows.basis else "open"
    told = panels.panels(reader, filed, names, seen or market, axis, rows.adjusted, telling)
    told |= states.panels(reader, wanted, dates, len(ids), telling)
    inputs = Inputs(market, told, belongs, begin, fills, seen)
    return Gathered(inputs, tuple(telling.notes), tuple(telling.facts))


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
    if begin < wanted.warm_up:
        short = wanted.warm_up >= len(dates)
        since = "not at all" if short else f"from {dates[wanted.warm_up]} on"
        telling.note(
            f"Prices begin on {dates[0]}, {begin:,} sessions before the run: what looks back {wanted.warm_up:,} "
            f"sessions is known {since}.",
            "warning",
        )
    telling.fact("decisions", RULE)
    telling.fact("sessions", len(dates) - begin)
    telling.fact("first session", str(dates[begin]))
    telling.fact("last session", str(dates[-1]))
    telling.fact("sessions before it that warm up", begin)
    return dates, begin


def _markets(
    made: Prices, happened: Actions, ends: Endings, names: Mapping[int, Named], ids: Ints, axis: Axis,
    currency: str, telling: Telling,
) -> tuple[Market, Market | None]:  # fmt: skip
    """The market as it traded, and as decisions knew it where that is another."""
    dates, quiet = axis.dates, Telling()
    priced = market_bars.positive(made.traded, telling)
    traded = _until(priced, ends.last, telling)
    last_bars = _last_bars(traded["close"])
    tickers = listed.symbols(ids, names, [dates[max(row, 0)].item() for row in last_bars.tolist()])
    market = Market(
        dates, tickers, ids, traded["open"], traded["high"], traded["low"], traded["close"], traded["volume"],
        happened.split, happened.dividend, happened.pay, ends.last, ends.final_return, currency,
    )  # fmt: skip
    same = made.seen is made.traded and not happened.differs
    if same and np.array_equal(ends.last, ends.seen_last):
        return market, None
    known = priced if made.seen is made.traded else market_bars.positive(made.seen, quiet)
    known = _until(known, ends.seen_last, quiet)
    return market, replace(
        market, open=known["open"], high=known["high"], low=known["low"], close=known["close"],
        volume=known["volume"], split=happened.seen_split, dividend=happened.seen_dividend,
        last=ends.seen_last,
    )  # fmt: skip


def _until(
    fields: dict[str, market_bars.Floats], last: Ints, telling: Telling
) -> dict[str, market_bars.Floats]:
    """Without bars of after the end of a listing."""
    if (last < 0).all():
        return fields
    rows = np.arange(len(fields["close"]))[:, None]
    after = (rows > np.where(last >= 0, last, len(rows))) & np.isfinite(fields["close"])
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
