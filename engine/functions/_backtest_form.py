"""BACKTEST's assumptions as fields: those that what is traded takes, and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.figures import Field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.function import Args
    from engine.functions._backtest_found import Found

_UNBORROWED = ("currency", "crypto", "future")  # nothing is borrowed to be short


def fields(args: Args, found: Found, pages: tuple[str, ...]) -> tuple[Field, ...]:
    """The fields of a run, the strategy first."""
    run, asked = found.run, found.run.asked
    kind = "option" if asked.kind == "options" else asked.refs[0].asset_class if asked.refs else ""
    told = [
        Field("page", "page", args["page"], args["page"].lower(), choices=pages),
        Field("period", "range", str(args["period"]), f"{run.first} to {run.last}"),
        *_costs(args, found, kind),
        Field("capital", "capital", f"{args['capital']:.0f}", f"{asked.spec.terms.capital:,.0f}",
              unit=run.currency),
        *_OWN.get(kind, _shares)(args),
        Field("benchmark", "beside", args["benchmark"], args["benchmark"]),
        Field("trials", "tried", str(found.counted), f"{found.counted.trials:,}", basis="counted, or as told"),
    ]  # fmt: skip
    if asked.kind != "code":
        told.insert(0, Field("strategy", "strategy", asked.text, asked.text, given=True))
    return tuple(told)


def _costs(args: Args, found: Found, kind: str) -> Iterator[Field]:
    costs = found.run.asked.spec.costs
    of = " of shares" if kind == "option" else ""  # contracts trade at their quotes
    yield Field("cost", f"commission{of}", f"{args['cost']:g}", f"{costs.per_notional * 1e4:g}", unit="bp")
    yield Field("slip", f"slippage{of}", f"{args['slip']:g}", f"{costs.slippage * 1e4:g}", unit="bp")
    yield Field("spread", f"spread{of}", f"{args['spread']:g}", f"{costs.spread * 1e4:g}", unit="bp")
    if kind != "option":
        yield Field("fill", "fills at", args["fill"], args["fill"].lower(), choices=("OPEN", "VWAP", "CLOSE"))
    if kind not in _UNBORROWED:
        yield _rate(args, "borrow", "fee on shorts")
    yield _rate(args, "cash", "interest on cash")


def _rate(args: Args, name: str, label: str) -> Field:
    return Field(name, label, f"{args[name]:g}", f"{args[name]:g}", unit="% a year")


def _said(args: Args, name: str, label: str, unsaid: str, unit: str = "") -> Field:
    """What the line may say; ``unsaid`` is what holds where it does not."""
    value = args[name]
    text = "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    return Field(name, label, text, text or unsaid, unit=unit if text else "")


def _shares(args: Args) -> Iterator[Field]:
    if args["lot"] is None:
        yield Field("lots", "holds", args["lots"], args["lots"].lower(), choices=("FRACTIONS", "WHOLE"))
    yield _said(args, "lot", "round lot", "none", "shares")


def _legs(args: Args) -> Iterator[Field]:
    return iter(())


def _futures(args: Args) -> Iterator[Field]:
    rolls = ("CALENDAR", "VOLUME", "INTEREST")
    yield Field("roll", "rolls by", args["roll"], args["roll"].lower(), choices=rolls)
    yield Field("rolldays", "before the end", str(args["rolldays"]), str(args["rolldays"]), unit="sessions")
    yield Field(
        "join", "series joined by", args["join"], args["join"].lower(), choices=("RATIO", "DIFFERENCE")
    )
    of = f"{args['margin']:g}" if args["margin"] else "10% and 9.09"
    yield _said(args, "contractmargin", "margin a contract", f"{of}% of notional")
    yield _said(args, "account", "account in", "the contracts' currency")


def _pairs(args: Args) -> Iterator[Field]:
    yield _said(args, "shortrates", "short rates", "none: not rolled", "% a year")
    yield Field("pips", "bid to ask", f"{args['pips']:g}", f"{args['pips']:g}", unit="pips")
    yield _said(args, "account", "account in", "USD")
    yield _said(args, "lot", "multiples of", "1", "of the first currency")


def _coins(args: Args) -> Iterator[Field]:
    kinds = ("SPOT", "PERPETUAL", "INVERSE")
    yield Field("contract", "contract", args["contract"], args["contract"].lower(), choices=kinds)
    if args["contract"] != "SPOT":
        yield _said(args, "funding", "funding", "none given", "bp in eight hours")
    if args["contract"] == "INVERSE":
        yield _said(args, "multiplier", "face", "as the store tells", "of the quote a contract")
    yield _said(args, "lot", "multiples of", "1e-8" if args["lots"] == "FRACTIONS" else "1", "coins")


_OWN = {"option": _legs, "future": _futures, "currency": _pairs, "crypto": _coins}
