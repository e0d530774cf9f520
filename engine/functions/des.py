"""DES: what a security is, and what the store knows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import DataError
from engine.frames import frame_of
from engine.function import Args, Function
from engine.history import YEAR_RETURN, History, read_history
from engine.page import CellSource, Column, Metric, Metrics, Page, Panel, Table

if TYPE_CHECKING:
    from engine.context import Context
    from engine.securities import Security

_HELD = (
    ("bars", "daily bars as traded"),
    ("closes", "closes and fixings"),
    ("observations", "observations"),
    ("actions", "splits and dividends"),
)


def run(context: Context, args: Args) -> Page:
    ref = context.security
    security = context.directory.by_id(ref.security_id)
    assert security is not None  # noqa: S101 - the desk resolved it in this directory
    panels = [Panel("identity", "security", Metrics(_identity(context, security)))]
    try:
        history = read_history(context, ref, "splits")
        panels.append(Panel("price", "price", Metrics(_price(context, history)), side=True))
    except DataError as fault:
        context.note(str(fault), "warning")
    panels.append(Panel("names", "names and tickers", _names(context, security)))
    panels.append(Panel("held", "what the store knows of it", _holdings(context), side=True))
    return Page(f"{ref.label}  {ref.name}", tuple(panels))


def _identity(context: Context, security: Security) -> tuple[Metric, ...]:
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
    if ref.asset_class in ("equity", "fund"):
        items.append(Metric("listed", naming.listing_date, "date", source=source("listing_date")))
    if naming.delisting_date is not None and naming.delisting_date <= context.today:
        items.append(Metric("delisted", naming.delisting_date, "date", source=source("delisting_date")))
        items.append(Metric("reason", naming.delisting_reason or None, source=source("delisting_reason")))
    items.append(Metric("permanent id", ref.security_id, "text", note="stays through renames"))
    if naming.note:
        items.append(Metric("note", naming.note, source=source("note")))
    return tuple(items)


def _price(context: Context, history: History) -> tuple[Metric, ...]:
    import polars as pl

    from engine.period import Period

    frame, decimals, unit = history.frame, history.decimals, history.unit
    year = history.within(Period("Y", 1))
    last, previous = frame["close"][-1], frame["close"][-2] if frame.height > 1 else None
    change = last / previous - 1 if previous and history.shape != "observations" else None
    high, low = ("high", "low") if history.shape == "bars" else ("close", "close")
    items = [
        Metric("last", last, "price", decimals, unit, history.formula, note=f"{history.last}"),
        Metric("session", history.last, "date"),
        Metric("change", change, "change", formula="close / close of the session before - 1"),
    ]
    if history.shape != "observations":
        items += [
            Metric("52-week high", _extreme(year, high, "max"), "price", decimals, unit, history.formula),
            Metric("52-week low", _extreme(year, low, "min"), "price", decimals, unit, history.formula),
            Metric("1-year return", history.year_return(), "change", formula=YEAR_RETURN),
        ]
    if history.shape == "bars":
        volume = year.select(pl.col("volume").tail(20).mean()).item()
        items.append(Metric("20-day mean volume", volume, "integer", unit="shares"))
    return tuple(items)


def _extreme(frame: object, column: str, how: str) -> float | None:
    value = getattr(frame[column], how)()  # type: ignore[index]
    return None if value is None else float(value)


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
            "The permanent id follows a security through its renames."
        ),
        order=30,
    ),
)
