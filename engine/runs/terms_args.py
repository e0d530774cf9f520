"""What trading costs and what the account is, as arguments that BACKTEST and SWEEP share."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from engine.errors import CommandError
from engine.function import Args, Argument, Kind

if TYPE_CHECKING:
    from engine.backtest.inputs import Fill
    from engine.backtest.result import Costs, Terms

BASIS_POINT = 1e-4


def _basis_points(name: str, help_: str, default: float, most: float = 1_000.0) -> Argument:
    return Argument(
        name, Kind.NUMBER, f"{help_}, in basis points", default, minimum=0, maximum=most, named_only=True
    )


def _per_cent(
    name: str, help_: str, default: float | None, least: float = 0.0, most: float = 100.0
) -> Argument:
    return Argument(
        name, Kind.NUMBER, help_, default, minimum=least, maximum=most, named_only=True, percent=True
    )


COSTS: tuple[Argument, ...] = (
    _basis_points("cost", "commission of a trade's value", 5.0),
    _basis_points("slip", "what a fill is worse than the price, each way", 10.0),
    Argument("slipvol", Kind.NUMBER, "slippage besides, as a part of a day's volatility (of 20 sessions)", 0.0,
             minimum=0, maximum=10, named_only=True),
    _basis_points("spread", "width of the quote; a fill pays half of it", 0.0),
    Argument("pershare", Kind.NUMBER, "commission a share, in money", 0.0, minimum=0, maximum=100, named_only=True),
    Argument("minimum", Kind.NUMBER, "least commission of an order, in money", 0.0, minimum=0,
             maximum=10_000, named_only=True),
    Argument("impact", Kind.NUMBER, "square-root impact: this x daily volatility x sqrt(share of the volume)", 0.0,
             minimum=0, maximum=10, named_only=True),
    _per_cent("participation", "most of a session's volume that orders may take; 0: no limit", 0.0),
    _per_cent("borrow", "fee a year on what is short", 0.0),
    _per_cent("rebate", "interest a year on the proceeds of shorts", 0.0),
    _per_cent("cash", "interest a year on cash, and on debt where DEBIT= says nothing", 0.0),
    _per_cent("debit", "interest a year on borrowed cash", None),
    _per_cent("withholding", "tax kept of dividends received", 0.0),
    Argument("fill", Kind.CHOICE, "the price of the next session that decisions get: its open, its average (mean of "
             "open, high, low and close), its close", "OPEN", choices={"OPEN": (), "VWAP": ("AVERAGE",), "CLOSE": ()},
             named_only=True),
    Argument("capital", Kind.NUMBER, "money at the start", 1_000_000.0, minimum=1, maximum=1e12, named_only=True),
    Argument("lots", Kind.CHOICE, "whole shares, or fractions of them", "FRACTIONS",
             choices={"FRACTIONS": ("FRACTIONAL",), "WHOLE": ("SHARES",)}, named_only=True),
    Argument("lot", Kind.NUMBER, "sizes are multiples of it: round lots of 100 shares, micro lots of 1000 of a base "
             "currency, 0.001 of a coin", None, minimum=1e-8, maximum=1e9, named_only=True),
    _per_cent("margin", "equity that a new position needs of its exposure; 0: no rule", 0.0),
    _per_cent("maintenance", "equity below which positions are cut, of the exposure; 0: no rule", 0.0),
    Argument("each", Kind.CHOICE, "one account for all, or for each security one of its own with the whole capital",
             "SHARED", choices={"SHARED": ("TOGETHER",), "ALONE": ("EACH",)}, named_only=True),
)  # fmt: skip

DERIVED_ARGS: tuple[Argument, ...] = (
    Argument("roll", Kind.CHOICE, "futures: go to the next contract by the calendar, or when it has more volume or "
             "open interest", "CALENDAR", choices={"CALENDAR": (), "VOLUME": (), "INTEREST": ("OI",)},
             named_only=True),
    Argument("rolldays", Kind.INTEGER, "futures: sessions before a contract's end at which it is left", 5, minimum=0,
             maximum=60, named_only=True),
    Argument("settle", Kind.CHOICE, "futures: what the day's gain is paid on, settlement prices or closes",
             "SETTLEMENT", choices={"SETTLEMENT": (), "CLOSE": ("CLOSES",)}, named_only=True),
    Argument("join", Kind.CHOICE, "futures: how the series that rules are told is joined at rolls; by difference "
             "where prices are not above zero", "RATIO", choices={"RATIO": (), "DIFFERENCE": ()}, named_only=True),
    Argument("multiplier", Kind.NUMBER, "futures and inverse perpetuals: money of a contract, where the store has "
             "none", None, minimum=1e-9, maximum=1e9, named_only=True),
    Argument("contractmargin", Kind.TEXT, "futures: initial and maintenance margin of a contract in money: "
             "5060,4600, or by root: ES=13200/12000,NQ=18700/17000", None, named_only=True),
    Argument("account", Kind.WORD, "futures and currencies: the account's currency", None, named_only=True),
    Argument("pips", Kind.NUMBER, "currencies: bid to ask", 0.0, minimum=0, maximum=1_000, named_only=True),
    Argument("shortrates", Kind.TEXT, "currencies: short rates for what is held over night, in per cent a year, or "
             "a series of them as known each day: USD=4.5,EUR=2", None, named_only=True),
    Argument("contract", Kind.CHOICE, "coins themselves, linear perpetuals on them, or inverse ones: margin and "
             "profit in the coin", "SPOT", choices={"SPOT": (), "PERPETUAL": ("PERP",), "INVERSE": ("COINMARGINED",)},
             named_only=True),
    Argument("funding", Kind.NUMBER, "perpetuals: paid by longs each eight hours, in basis points", None,
             minimum=-1_000, maximum=1_000, named_only=True),
    Argument("bars", Kind.CHOICE, "coins: bars of days, or of the store's shorter ones", "1D",
             choices={"1D": (), "1H": (), "30M": (), "15M": (), "5M": (), "1M": ()}, named_only=True),
)  # fmt: skip


def costs_of(args: Args) -> Costs:
    """What the line says of costs.

    Raises
    ------
    CommandError
        What does not go together.
    """
    from engine.backtest.result import Costs

    try:
        return Costs(
            per_share=args["pershare"],
            per_notional=args["cost"] * BASIS_POINT,
            minimum=args["minimum"],
            spread=args["spread"] * BASIS_POINT,
            slippage=args["slip"] * BASIS_POINT,
            slippage_volatility=args["slipvol"],
            impact=args["impact"] or None,
            participation=args["participation"] / 100 or None,
            borrow_rate=args["borrow"] / 100,
            short_rebate=args["rebate"] / 100,
            cash_rate=args["cash"] / 100,
            debit_rate=None if args["debit"] is None else args["debit"] / 100,
            withholding=args["withholding"] / 100,
        )
    except ValueError as fault:
        raise CommandError(f"Costs: {fault}.", argument="cost") from fault


def terms_of(args: Args, *, shares: bool) -> Terms:
    """What the line says of the account; of ``shares`` LOT= is their round lot.

    Raises
    ------
    CommandError
        What does not go together.
    """
    from engine.backtest.result import Terms

    lot = args["lot"] if shares else None
    if lot is not None and (lot != int(lot) or lot < 1):
        raise CommandError(
            f"LOT={lot:g}: a round lot is a whole number of shares, such as 100.", argument="lot"
        )
    try:
        return Terms(
            capital=args["capital"],
            fractional=args["lots"] == "FRACTIONS" and lot is None,
            lot=int(lot or 1),
            initial_margin=args["margin"] / 100 or None,
            maintenance_margin=args["maintenance"] / 100 or None,
        )
    except ValueError as fault:
        raise CommandError(f"The account: {fault}.", argument="capital") from fault


def fill_of(args: Args) -> Fill:
    """Which price of the next session decisions get."""
    return cast("Fill", str(args["fill"]).lower())
