"""GIP: the price within sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.function import Args, Argument, Function, Kind
from engine.functions._gip_bars import (
    AFTER,
    BEFORE,
    INTERVALS,
    REGULAR,
    Bars,
    first_day,
    last_day,
    read_bars,
)
from engine.needs import Need
from engine.page import Candles, CellSource, Column, Page, Panel, SecurityRef, Table
from engine.period import Period

if TYPE_CHECKING:
    from engine.context import Context


def run(context: Context, args: Args) -> Page:
    ref = context.security
    bars = read_bars(context, ref, args["interval"].lower(), args["period"], args["hours"])
    frame = bars.frame
    _tell(context, ref, bars)
    source = CellSource(
        "bars_intraday", "close", {"session_date": "session_date", "start_at": "start_at"},
        {"security_id": ref.security_id, "interval": bars.interval},
    )  # fmt: skip
    last = float(frame["close"][-1])
    decimals = 4 if last < 1 or (ref.asset_class == "currency" and last < 20) else 2
    figure = Candles(
        frame, ref.ticker, ref.currency, decimals, args["scale"].lower(), source=source,
        formula="price as traded in the bar", zone=bars.zone,
    )  # fmt: skip
    first, until = frame["local_time"][0], frame["local_time"][-1]
    hours = (
        "" if not bars.phased else ", the session's hours" if args["hours"] == "REGULAR" else ", all hours"
    )
    title = (
        f"bars of {bars.interval}, {first:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} by the clocks of {bars.zone}"
        f"{hours}, as traded"
    )
    panels = (
        Panel("price", title, figure, 3),
        Panel("sessions", "by session, newest first", _sessions(bars, ref, decimals)),
    )
    return Page(f"{ref.label}  {ref.name}  within sessions", panels)


def _tell(context: Context, ref: SecurityRef, bars: Bars) -> None:
    first, last = bars.frame["session_date"][0], bars.frame["session_date"][-1]
    if bars.outside:
        context.note(
            f"{bars.outside:,} bars before and after the session are left out: {ref.ticker} GIP "
            f"{bars.interval.upper()} ALL shows them."
        )
    age = (context.today - last).days
    if age > 4:  # a weekend with a holiday
        context.stale.append(
            (ref.ticker, f"the last bar in the store is of {last}, {age:,} days before the clock.")
        )
    splits = context.reader.actions([ref.security_id], first, last, kinds=["split"], upcoming=False)
    days = [str(day) for day in splits["ex_date"] if day > first]
    if days:
        context.note(
            f"Prices are as traded: the split of {', '.join(days)} shows as a jump between sessions.",
            "warning",
        )


def _sessions(bars: Bars, ref: SecurityRef, decimals: int) -> Table:
    """One row a session: the bars within it, and what was traded before and after it."""
    import polars as pl

    frame = bars.frame if bars.phased else bars.frame.with_columns(phase=pl.lit(REGULAR))
    inside = pl.col("phase") == REGULAR
    made = frame.group_by("session_date", maintain_order=True).agg(
        open=pl.col("open").filter(inside).first(),
        high=pl.col("high").filter(inside).max(),
        low=pl.col("low").filter(inside).min(),
        close=pl.col("close").filter(inside).last(),
        volume=pl.col("volume").filter(inside & pl.col("volume").is_not_null()).sum(),
        before=pl.col("volume").filter(pl.col("phase") == BEFORE).sum(),
        after=pl.col("volume").filter(pl.col("phase") == AFTER).sum(),
        bars=inside.sum().cast(pl.Int64),
        first=pl.col("local_time").filter(inside).first().dt.strftime("%H:%M"),
        last=pl.col("local_time").filter(inside).last().dt.strftime("%H:%M"),
    )
    of = f"of the session's bars of {bars.interval}"
    prices = tuple(
        Column(name, name, "price", decimals, ref.currency if name == "open" else "", f"{how} {of}")
        for name, how in (
            ("open", "open of the first"),
            ("high", "highest"),
            ("low", "lowest"),
            ("close", "close of the last"),
        )
    )
    columns = (
        Column("session_date", "session", "date"), *prices,
        Column("volume", "volume", "integer", formula=f"sum {of}"),
        Column("bars", "bars", "integer", formula=f"how many {of} are held"),
        Column("first", "first", formula=f"start of the first {of}, by the clocks of {bars.zone}"),
        Column("last", "last", formula=f"start of the last {of}, by the clocks of {bars.zone}"),
    )  # fmt: skip
    if bars.phased and frame.select((~inside).any()).item():
        columns += (
            Column("before", "pre-market volume", "integer", formula="sum of the bars before the session"),
            Column("after", "after-hours volume", "integer", formula="sum of the bars after the session"),
        )
    return Table(made.sort("session_date", descending=True), columns, key=("session_date",))


def needs(context: Context, args: Args) -> tuple[Need, ...]:
    """The bars of the range, as the sources reach."""
    period = args["period"]
    until = last_day(period, context.today)
    start = first_day(period, until)
    return (Need("intraday", context.security, start, until, detail=args["interval"].lower()),)


FUNCTIONS = (
    Function(
        "GIP",
        "price within sessions",
        run,
        arguments=(
            Argument("interval", Kind.CHOICE, "minutes (M) or hours (H) a bar", "5M", choices=INTERVALS),
            Argument("period", Kind.PERIOD, "how many sessions back from the last (3D), a range, or one day",
                     Period("D", 1)),
            Argument("hours", Kind.CHOICE, "the session's hours, or those before and after it too", "REGULAR",
                     choices={"REGULAR": ("RTH",), "ALL": ("EXTENDED", "ETH")}),
            Argument("scale", Kind.CHOICE, "price axis", "LINEAR",
                     choices={"LINEAR": ("LIN",), "LOG": ("LOGARITHMIC",)}),
        ),
        aliases=("INTRADAY",),
        security="required",
        asset_classes=frozenset({"equity", "fund", "index", "currency", "commodity", "crypto", "future"}),
        examples=(
            ("AAPL GIP", "the last session, a bar every five minutes"),
            ("AAPL GIP 5M 3D", "three sessions"),
            ("AAPL GIP 1H 1W ALL", "hours of a week, before and after the session too"),
        ),
        about=(
            "1M is a minute here and never a month, 5D five sessions. One date alone is that day. A bar is named by "
            "its start and known at its end: at 10:02 of a past day the bar of 10:00 is not there yet.\n\n"
            "Times are the exchange's (currencies: New York; crypto: UTC). Bars follow one another without gaps for "
            "nights, and where nothing was traded there is no bar: BARS says how many each session has. Whether a "
            "bar lies before, within or after the session is told by the exchange's calendar, early closes included. "
            "Prices are as traded, not adjusted.\n\n"
            "Bars are fetched once their session is over, as far back as a source reaches (Yahoo: 1M four "
            "weeks, 5M to 30M two months, 1H two years), and kept."
        ),
        order=12,
        needs=needs,
    ),
)  # fmt: skip
