"""WEI: stock indices of the world, at the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.function import Args, Function
from engine.functions import _moves
from engine.needs import Need, price_need
from engine.page import Column, Page, Panel, SecurityRef
from engine.period import Period

if TYPE_CHECKING:
    from engine.context import Context

# Where an index is at home, by the currency it counts in or its exchange's calendar.
_REGIONS = (
    ("Americas", ("XNYS", "XNAS", "XTSE", "BVMF", "XMEX"), ("USD", "CAD", "BRL", "MXN")),
    (
        "Europe, Middle East, Africa",
        ("XLON", "XETR", "XPAR", "XAMS", "XSWX", "XMIL", "XMAD", "XSTO", "XJSE"),
        ("GBP", "EUR", "CHF", "SEK", "NOK", "DKK", "ZAR", "PLN"),
    ),
    (
        "Asia, Pacific",
        ("XTKS", "XHKG", "XSHG", "XASX", "XKRX", "XTAI", "XBOM", "XSES"),
        ("JPY", "HKD", "CNY", "AUD", "KRW", "TWD", "INR", "SGD", "NZD"),
    ),
)
_VOLATILITY = "Volatility"
_OTHER = "Other"
_FETCHED = 20


def run(context: Context, args: Args) -> Page:
    refs = _indices(context)
    by_region: dict[str, list[SecurityRef]] = {}
    for ref in refs:
        by_region.setdefault(_region(context, ref), []).append(ref)
    order = [name for name, _, _ in _REGIONS] + [_VOLATILITY, _OTHER]
    panels = []
    lead = (Column("ticker", "ticker"), Column("name", "name", width=30))
    trail = (Column("currency", "currency"),)
    every: list[dict[str, Any]] = []
    for name in order:
        found = by_region.get(name, [])
        if found:
            rows = _moves.rows_of(context, found, _currency)
            every += rows
            panels.append(Panel(_key(name), name, _moves.table(rows, lead, "", trail)))
    _moves.note_old(context, every)
    if not panels:
        empty = (
            "No index is known at this clock. ASOF NOW sees all that the store holds; BACKFILL SPX asks the sources "
            "for one."
        )
        panels.append(Panel("indices", "indices", _moves.table([], lead, empty, trail)))
    return Page("World equity indices", tuple(panels), securities=tuple(refs))


def _currency(ref: SecurityRef) -> dict[str, str]:
    return {"currency": ref.currency}


def _key(region: str) -> str:
    return region.lower().partition(",")[0].replace(" ", "_")


def _indices(context: Context) -> list[SecurityRef]:
    found = [s.ref for s in context.directory if s.ref.asset_class == "index"]
    return sorted(found, key=lambda ref: ref.ticker)


def _region(context: Context, ref: SecurityRef) -> str:
    security = context.directory.by_id(ref.security_id)
    calendar = security.current.calendar if security is not None else ""
    if "volatility" in ref.name.lower() or ref.ticker.startswith(("VIX", "VX")):
        return _VOLATILITY
    for name, calendars, currencies in _REGIONS:
        if calendar in calendars or (not calendar and ref.currency in currencies):
            return name
    return next((name for name, _, currencies in _REGIONS if ref.currency in currencies), _OTHER)


def needs(context: Context, args: Args) -> tuple[Need, ...]:
    """A year of every index, as many as a page may wait for."""
    refs = _indices(context)[:_FETCHED]
    return tuple(need for ref in refs for need in price_need(context, ref, Period("Y", 1), before=31))


FUNCTIONS = (
    Function(
        "WEI",
        "world equity indices: last, and moves over a day to a year",
        run,
        examples=(("WEI", "every index that the store knows, by region"),),
        about=(
            "Closes known at the clock. A row whose last session lies more than four days before the clock is muted, "
            "and says how old it is. A number opens the chart. Indices count in their own currency: moves of two "
            "regions are not comparable to an investor in one of them; FXIP has the currencies."
        ),
        order=40,
        needs=needs,
    ),
)
