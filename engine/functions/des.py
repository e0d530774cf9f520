"""DES: what a security is, and what the store knows of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.errors import DataError
from engine.frames import frame_of
from engine.function import Args, Function
from engine.functions import _delisting
from engine.history import YEAR_RETURN, History, read_history
from engine.needs import Need, price_need
from engine.page import CellSource, Column, Metric, Metrics, Page, Panel, Table
from engine.period import Period
from engine.sources import factor_of

if TYPE_CHECKING:
    import polars as pl

    from engine.context import Context
    from engine.securities import Security

_HELD = (
    ("bars", "daily bars as traded"),
    ("futures_bars", "daily bars of its contracts"),
    ("closes", "closes and fixings"),
    ("observations", "observations"),
    ("actions", "splits and dividends"),
)


def run(context: Context, args: Args) -> Page:
    ref = context.security
    security = context.directory.by_id(ref.security_id)
    assert security is not None  # noqa: S101 - the desk resolved it in this directory
    end = _delisting.ending(context, security)
    panels = [Panel("identity", "security", Metrics(_identity(context, security, end is not None)))]
    if end is not None:
        panels.append(Panel("delisting", "end of the listing", Metrics(_ended(context, end)), side=True))
    try:
        history = read_history(context, ref, "splits")
        panels.append(Panel("price", "price", Metrics(_price(context, history)), side=True))
    except DataError as fault:
        context.note(str(fault), "warning")
    panels.append(Panel("names", "names and tickers", _names(context, security)))
    panels.append(Panel("held", "what the store knows of it", _holdings(context), side=True))
    return Page(f"{ref.label}  {ref.name}", tuple(panels))


def _ended(context: Context, end: _delisting.Ending) -> tuple[Metric, ...]:
    """What a share's last close was as traded: a level that a vendor adjusted later tells none."""
    try:
        traded = read_history(context, end.security.ref, "none", hint=False)
    except DataError:
        return _delisting.metrics(context, end, None)
    listed = replace(traded, frame=traded.frame.filter(traded.frame["session_date"] <= end.delisted))
    known = listed.frame.height and (traded.shape == "bars" or traded.basis == "close")
    return _delisting.metrics(context, end, listed if known else None)


def _identity(context: Context, security: Security, ended: bool) -> tuple[Metric, ...]:
    ref, naming = security.ref, security.current

    def source(column: str) -> CellSource:
        constants = {"security_id": ref.security_id, "valid_from": naming.valid_from}
        return CellSource("securities", column, {}, constants)

    items = [
        Metric("name", ref.name, source=source("name")),
        Metric("ticker", ref.ticker, source=source("ticker")),
        Metric("market", ref.market, source=source("market")),
        Metric("class", ref.asset_class, source=source("asset_class")),
        Metric("exchange", ref.exchange or None, source=source("exchange")),
        Metric("currency", ref.currency or None, source=source("currency")),
    ]
    if naming.unit and naming.unit != ref.currency:
        items.append(Metric("unit", naming.unit, source=source("unit")))
    if ref.asset_class in ("equity", "fund") and not ended:
        items.append(Metric("listed", naming.listing_date, "date", source=source("listing_date")))
    if not ended and naming.delisting_date is not None and naming.delisting_date <= context.today:
        items.append(Metric("delisted", naming.delisting_date, "date", source=source("delisting_date")))
        items.append(Metric("reason", naming.delisting_reason or None, source=source("delisting_reason")))
    items.append(Metric("permanent id", ref.security_id, "text", note="stays through renames"))
    if naming.note:
        items.append(Metric("note", naming.note, source=source("note")))
    return tuple(items)


def _price(context: Context, history: History) -> tuple[Metric, ...]:
    frame = history.frame
    items = [
        _read(history, frame.tail(1), "last", "close"),
        Metric("period" if history.shape == "observations" else "session", history.last, "date"),
        _change(history),
    ]
    if history.shape != "observations":
        year = history.within(Period("Y", 1))
        high, low = ("high", "low") if history.shape == "bars" else ("close", "close")
        span = f"of {year.height} sessions, {year['session_date'][0]} to {history.last}; "
        items += [
            _read(history, _row_of(year, high, "arg_max"), "52-week high", high, f"highest {span}"),
            _read(history, _row_of(year, low, "arg_min"), "52-week low", low, f"lowest {span}"),
        ]
    if history.shape != "observations" and not history.rate:
        items.append(_year(history))
    if history.shape == "bars":
        month = frame.tail(20)
        span = f"{month.height} sessions, {month['session_date'][0]} to {history.last}"
        volume = month.select(month["volume"].mean()).item()
        of = "of the contract held" if history.rolling is not None else "as traded / split factor"
        counted = "shares" if history.rolling is None else "contracts"
        formula = f"mean of volume {of} over {span}"
        items.append(Metric("20-day mean volume", volume, "integer", unit=counted, formula=formula))
    return tuple(items)


def _row_of(frame: pl.DataFrame, column: str, which: str) -> pl.DataFrame:
    at = getattr(frame[column], which)()
    return frame.head(0) if at is None else frame.slice(at, 1)


def _read(history: History, row: pl.DataFrame, label: str, column: str, how: str = "") -> Metric:
    """A value of one row, with that row for its source."""
    if row.is_empty():
        return Metric(label, None, "price", history.decimals, history.unit)
    values, source = row.row(0, named=True), history.source(column)
    key = {name: values[of] for name, of in source.keys.items()}
    return Metric(
        label, values[column], "price", history.decimals, history.unit, how + history.formula,
        CellSource(source.table, source.column, {}, {**source.constants, **key}),
        note=f"{values['session_date']}", factor=factor_of(values, column),
    )  # fmt: skip


def _change(history: History) -> Metric:
    """Against the row before; of rates a difference."""
    last, before = history.frame.row(-1, named=True), None
    if history.frame.height > 1:
        before = history.frame.row(-2, named=True)
    move = history.frame.select(history.moves().last()).item()
    what = "value" if history.shape == "observations" else "close"
    formula = (
        f"{what} {'-' if history.rate else '/'} {what} of the {history.counted.removesuffix('s')} before"
    )
    inputs = (
        f"{_told(last)} {'-' if history.rate else '/'} {_told(before)}" if before else "there is none before"
    )
    if history.rate:
        unit = history.difference_unit
        return Metric("change", move, "number", history.decimals, unit, f"{formula}: {inputs}")
    return Metric("change", move, "change", formula=f"{formula} - 1: {inputs} - 1")


def _year(history: History) -> Metric:
    begins = history.base(Period("Y", 1))
    row = None if begins is None else history.at(begins)
    inputs = "no close is known that far back"
    if row is not None:
        inputs = f"{_told(history.frame.row(-1, named=True))} / {_told(row.row(0, named=True))} - 1"
    return Metric("1-year return", history.year_return(), "change", formula=f"{YEAR_RETURN}: {inputs}")


def _told(row: dict[str, Any]) -> str:
    return f"{row['close']:.8g} ({row['session_date']})"


def _names(context: Context, security: Security) -> Table:
    rows = [
        {
            "security_id": security.ref.security_id,
            "valid_from": naming.valid_from,
            "ticker": naming.ticker,
            "name": naming.name,
            "exchange": naming.exchange or None,
        }
        for naming in reversed(security.namings)
    ]
    source = {"security_id": "security_id", "valid_from": "valid_from"}

    def column(name: str) -> Column:
        return Column(name, name, source=CellSource("securities", name, source))

    columns = (Column("valid_from", "from", "date"), column("ticker"), column("name"), column("exchange"))
    return Table(
        frame_of(rows, security_id="integer", valid_from="date", ticker="text", name="text", exchange="text"),
        columns,
        key=("valid_from",),
    )


def _holdings(context: Context) -> Table:
    ref, rows = context.security, []
    for table, what in _HELD:
        if table == "futures_bars" and ref.asset_class != "future":
            continue
        held = context.reader.coverage(table, [ref.security_id])
        rows += [
            {
                "what": what,
                "source": row["source"],
                "rows": row["rows"],
                "first": row["first"],
                "last": row["last"],
                "newest": row["newest_known_at"],
            }
            for row in held.iter_rows(named=True)
        ]
    columns = (
        Column("what", "data"),
        Column("source", "source"),
        Column("rows", "rows", "integer"),
        Column("first", "first", "date"),
        Column("last", "last", "date"),
        Column("newest", "newest known at", "instant"),
    )
    return Table(
        frame_of(
            rows, what="text", source="text", rows="integer", first="date", last="date", newest="instant"
        ),
        columns,
        empty="Nothing is known of it at this clock.",
    )


_PROFILE_AGE = 7 * 86_400.0  # what a company does changes seldom
_LISTINGS_AGE = 90 * 86_400.0  # of a share that ended


def needs(context: Context, args: Args) -> tuple[Need, ...]:
    """A year of prices and the close before it, and of companies their profile."""
    ref = context.security
    prices = price_need(context, ref, Period("Y", 1), before=31)
    if ref.asset_class not in ("equity", "fund"):
        return prices
    profile = Need("profile", ref, end=context.today, max_age_seconds=_PROFILE_AGE)
    security = context.directory.by_id(ref.security_id)
    ends = None if security is None else security.current.delisting_date
    if ends is None or ends > context.today:
        return (*prices, profile)
    return (*prices, profile, Need("listings", ref, max_age_seconds=_LISTINGS_AGE))


FUNCTIONS = (
    Function(
        "DES",
        "what a security is and what is known of it",
        run,
        aliases=("DESCRIPTION",),
        security="required",
        examples=(("AAPL", "a bare security is described"), ("DES MSFT", "the same, the other way round")),
        about=(
            "Names, tickers and listings are those of the clock: before 2007 Apple is Apple Computer. "
            "The permanent id follows a security through its renames. "
            "Of a share that is no longer listed DES tells the end of its listing. Its final return is what holders "
            "got after the last trade against the last traded close (the delisting return of Shumway, 1997, The "
            "Journal of Finance 52, 327): by the terms of the merger that it ended in, shares of the successor at "
            "their last close before; as a source or a file of your own has it (asof import --table listings); "
            "else, marked as estimated, from cash that was paid on the day of delisting or later; else it is "
            "blank: nothing is made up for it."
        ),
        order=30,
        needs=needs,
    ),
)
