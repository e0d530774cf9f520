"""OVME: one option priced on what is known at the clock, every assumption shown and editable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import isfinite
from typing import TYPE_CHECKING

from engine.errors import CommandError, DataError
from engine.figures import Field, Form
from engine.function import Args, Argument, Function, Kind
from engine.functions import _ovme_panels as panels
from engine.functions._ovme_contract import Contract
from engine.functions._ovme_dividends import CashDividends, cash_dividends
from engine.functions._ovme_market import (
    Assumed,
    dividend_yield,
    in_percent,
    rate_at,
    standing,
    typed,
    volatility_of,
)
from engine.functions._ovme_terms import MOST_DAYS, expiry_of, rounded
from engine.functions.gc import TREASURY
from engine.needs import Need, price_need
from engine.page import Metric, Page, Panel, SecurityRef
from engine.period import Period

if TYPE_CHECKING:
    from engine.context import Context

_FRESH = 900.0  # seconds after which a live chain is asked for again
MODELS = ("BSM", "GK", "BLACK76", "BACHELIER")
_MOST = 1e12  # what a level may be
_FAINT = 0.01  # of a volatility so low that a fraction was likely meant
_MODEL = {"currency": "GK", "commodity": "BLACK76", "future": "BLACK76"}


@dataclass(frozen=True, slots=True)
class Assumptions:
    """The contract, and what the form says of where each of its inputs comes from."""

    contract: Contract
    day: date
    expiry: date
    spot: Assumed
    volatility: Assumed
    rate: Assumed
    carry: Assumed
    cash: CashDividends
    implied: Metric | None = None


def run(context: Context, args: Args) -> Page:
    ref = context.security
    found = _assumed(context, ref, args)
    contract, price = found.contract, args["price"]
    unit = ref.ticker[3:] if contract.model == "GK" and len(ref.ticker) == 6 else ref.currency
    value = float(contract.price(quick=False))
    if not isfinite(value):
        raise DataError(
            "The model has no price for these inputs: the spot, less what cash dividends are worth, the strike and "
            "(with cash dividends) the volatility must be above zero."
        )
    paid = value if price is None else float(price)
    _tell(context, ref, found)
    words = f"{contract.strike:,.6g} {args['kind'].lower()} of {found.expiry}"
    title = (
        f"value over spot ({panels.grids_told(contract)}"
        if contract.american
        else "value over spot (closed form"
    )
    shown = (
        Panel("price", panels.model_words(contract), panels.summary(contract, value, price, found.implied, unit)),
        Panel("form", "assumptions: Tab goes to them, Enter applies", _form(args, found), 2),
        Panel("greeks", "Greeks", panels.greeks_table(contract), 3),
        Panel("styles", "European and American", panels.styles_table(contract, unit)),
        Panel("payoff", f"{title}) now, half way and at expiry", panels.value_curve(contract, paid), 2),
        Panel(
            "map", f"{args['show'].lower()} over spot and {args['map'].lower()}",
            panels.value_map(context, contract, paid, args["map"], args["show"]), 2,
        ),
    )  # fmt: skip
    return Page(f"{ref.label}  {ref.name}: {words}, priced {found.day}", shown)


def _assumed(context: Context, ref: SecurityRef, args: Args) -> Assumptions:
    """Every input: as typed, else as known at the clock."""
    model = _MODEL.get(ref.asset_class, "BSM") if args["model"] == "AUTO" else args["model"]
    at = standing(context, ref, args["spot"])
    expiry = expiry_of(at.day, args)
    years = (expiry - at.day).days / 365.0
    strike = args["strike"] if args["strike"] is not None else rounded(at.spot.value)
    if model != "BACHELIER" and min(strike, at.spot.value) <= 0.0:
        raise CommandError(
            "Spot and strike must be positive under a lognormal model.", argument="strike",
            suggestions=("MODEL=BACHELIER takes levels below zero",),
        )  # fmt: skip
    kind = 1 if args["kind"] == "CALL" else -1
    cash = cash_dividends(context, ref, model, at.day, expiry, args["dividends"])
    home, foreign = (ref.ticker[3:], ref.ticker[:3]) if ref.asset_class == "currency" else (ref.currency, "")
    rate = in_percent(args["rate"]) or rate_at(context, at.day, years, home)
    carry = in_percent(args["yield"]) or _carry(
        context, ref, model, at.day, years, at.spot.value, foreign, cash
    )
    contract = Contract(
        model, kind, _american(ref, model, args), at.spot.value, float(strike), years, rate.value, carry.value, 0.0,
        cash.due(at.day),
    )  # fmt: skip
    volatility = (typed if model == "BACHELIER" else in_percent)(args["volatility"])
    if volatility is not None and volatility.value < _FAINT and model != "BACHELIER":
        context.note(
            f"VOLATILITY={args['volatility']:g} is {volatility.value:.2%} a year: 30 is 30%.", "warning"
        )
    implied = None
    if args["price"] is not None:
        implied, from_price = _implied(contract, float(args["price"]))
        volatility = volatility or from_price
    if volatility is None:
        volatility = volatility_of(context, ref, at, expiry, contract)
        if model == "BACHELIER":
            told = f"{volatility.basis}, x spot: a normal volatility in money"
            volatility = Assumed(volatility.value * abs(at.spot.value), told)
    contract = replace(contract, volatility=volatility.value)
    return Assumptions(contract, at.day, expiry, at.spot, volatility, rate, carry, cash, implied)


def _american(ref: SecurityRef, model: str, args: Args) -> bool:
    if args["style"] == "AMERICAN" and model == "BACHELIER":
        raise CommandError("Bachelier's model is priced European only.", argument="style",
                           suggestions=("STYLE=EUROPEAN",))  # fmt: skip
    usual = ref.asset_class in ("equity", "fund") and model == "BSM"
    return bool(args["style"] == "AMERICAN" or (args["style"] == "AUTO" and usual))


def _carry(
    context: Context, ref: SecurityRef, model: str, day: date, years: float, spot: float, foreign: str,
    cash: CashDividends,
) -> Assumed:  # fmt: skip
    """The dividend yield, or a currency pair's foreign rate; nothing where dividends are paid in cash."""
    if model in ("BLACK76", "BACHELIER"):
        return Assumed(0.0, "a future costs nothing to hold: no yield")
    if foreign:
        return rate_at(context, day, years, foreign)
    if cash.rows:
        return Assumed(0.0, "the dividends are in cash: no yield beside them")
    return dividend_yield(context, ref, day, spot)


def _implied(contract: Contract, price: float) -> tuple[Metric, Assumed | None]:
    """What PRICE= implies, as a figure and as the page's volatility; in words where it implies none."""
    from engine.quant.options import REASONS

    if contract.model == "BACHELIER":
        raise CommandError("A price implies a volatility under the lognormal models only.", argument="price")
    found = contract.implied(price)
    value, why = float(found.volatility), REASONS[int(found.reason)]
    formula = f"the volatility at which {panels.model_words(contract)} gives {price:g}"
    if not isfinite(value):
        return Metric("implied by PRICE=", None, "percent", 2, note=why, formula=formula), None
    return Metric("implied by PRICE=", value, "percent", 2, formula=formula), Assumed(
        value, f"implied by {price:g}"
    )


def _tell(context: Context, ref: SecurityRef, found: Assumptions) -> None:
    contract = found.contract
    if found.implied is not None and found.implied.value is None:
        context.note(f"PRICE= implies no volatility: {found.implied.note}.", "warning")
    if contract.dividends and contract.american:
        context.note(
            "Cash dividends: the share itself moves lognormally and falls by each on its day (the spot model)."
        )
    elif contract.dividends:
        context.note("Cash dividends: the spot less their present value moves lognormally (escrowed).")
    if contract.model == "BLACK76":
        context.note(f"The level of {ref.ticker} is taken as the price of the future that the option is on.")


def _form(args: Args, found: Assumptions) -> Form:
    """Every input with where it comes from; editing one prices the option anew."""
    return Form((*_option_fields(args, found), *_market_fields(args, found), *_page_fields(args)))


def _field(
    args: Args, name: str, label: str, text: str, shown: str, basis: str, unit: str = "", help: str = ""
) -> Field:
    return Field(
        name, label, text, shown, unit, help, given=args[name] is not None, basis=basis, group="market"
    )


def _choice(
    args: Args, name: str, label: str, value: str, usual: str, choices: tuple[str, ...], group: str
) -> Field:
    basis = "" if args[name] != "AUTO" else usual
    return Field(name, label, value, value, given=args[name] != "AUTO" and bool(usual), basis=basis, group=group,
                 choices=choices)  # fmt: skip


def _option_fields(args: Args, found: Assumptions) -> tuple[Field, ...]:
    c, days = found.contract, (found.expiry - found.day).days
    d = 4 if abs(c.spot) < 20 else 2
    ahead = "DAYS=" if args["days"] is not None else "the third Friday nearest to three months ahead"
    style = "AMERICAN" if c.american else "EUROPEAN"
    fields = (
        _field(args, "spot", "spot", f"{c.spot:.8g}", f"{c.spot:,.{d}f}", found.spot.basis),
        _field(args, "strike", "strike", f"{c.strike:.8g}", f"{c.strike:,.{d}f}", "the spot: at the money"),
        _field(
            args,
            "expiry",
            "expiry",
            str(found.expiry),
            str(found.expiry),
            ahead,
            f"{days} day" + "s" * (days > 1),
        ),
    )
    return (
        *(replace(field, group="option") for field in fields),
        _choice(args, "kind", "kind", args["kind"], "", ("CALL", "PUT"), "option"),
        _choice(
            args, "style", "style", style, "American on shares and funds", ("EUROPEAN", "AMERICAN"), "option"
        ),
        _choice(args, "model", "model", c.model, "by the kind of security", MODELS, "option"),
    )


def _market_fields(args: Args, found: Assumptions) -> tuple[Field, ...]:
    c, cash = found.contract, found.cash
    volatility_text = f"{c.volatility if c.model == 'BACHELIER' else 100 * c.volatility:.8g}"
    volatility = f"{c.volatility:,.4g}" if c.model == "BACHELIER" else f"{c.volatility:.2%}"
    carry = "foreign rate" if c.model == "GK" else "dividend yield"
    dated = f"YIELD; DECLARED: those announced; or in cash, by ex-date: {found.expiry}:0.50"
    return (
        _field(
            args,
            "volatility",
            "volatility",
            volatility_text,
            volatility,
            found.volatility.basis,
            "a year",
        ),
        _field(
            args,
            "rate",
            "rate",
            f"{100 * c.rate:.8g}",
            f"{c.rate:.3%}",
            found.rate.basis,
            "a year, continuous",
        ),
        _field(
            args,
            "yield",
            carry,
            f"{100 * c.carry:.8g}",
            f"{c.carry:.3%}",
            found.carry.basis,
            "a year, continuous",
        ),
        _field(args, "dividends", "cash dividends", cash.text, cash.shown, cash.basis, help=dated),
    )


def _page_fields(args: Args) -> tuple[Field, ...]:
    paid = "" if args["price"] is None else f"{args['price']:g}"
    told = "implies a volatility, and profits are measured from it"
    return (
        replace(
            _field(args, "price", "price paid", paid, paid or "none", "the model's value", "", told),
            group="page",
        ),
        _choice(args, "map", "map over", args["map"], "", ("VOLATILITY", "DAYS"), "page"),
        _choice(args, "show", "map shows", args["show"], "", ("VALUE", "PROFIT"), "page"),
    )


def needs(context: Context, args: Args) -> Sequence[Need]:
    """A year of prices, the curve of the clock's days, and at NOW the chain."""
    ref, today = context.security, context.today
    wanted = [Need("curve", TREASURY, today - timedelta(days=10), today)] if args["rate"] is None else []
    wanted += price_need(context, ref, Period("Y", 1), 40)
    if context.live and args["volatility"] is None and ref.asset_class in ("equity", "fund", "index"):
        wanted.append(Need("options", ref, today, today, max_age_seconds=_FRESH))
    return wanted


ABOUT = """Prices one option. Spot is the last close known at the clock; the strike is at the money, and the
expiry the third Friday nearest to three months ahead, unless typed: AAPL OVME 450 PUT 2013-06-21. Every
assumption stands in the form with where it comes from, and may be typed: VOLATILITY=30 RATE=4 YIELD=2 (in
per cent) SPOT= DAYS= STYLE= MODEL=.

Models: Black-Scholes-Merton with a continuous dividend yield on shares, funds, indices and coins;
Garman-Kohlhagen on currency pairs, whose two rates are RATE= (of the second currency) and YIELD= (of the first);
Black-76 on commodities, whose level is taken as the future's; Bachelier with MODEL=BACHELIER, where levels may be
negative and the volatility is in money. American options: QuantLib's QdFp engine (Andersen, Lake and Offengenden
2016); with cash dividends finite differences (TR-BDF2, extrapolated) in the spot model. European options with
cash dividends: escrowed (Hull).

Volatility: that implied by the mid of a quote near the option, where the store has a chain of the day; else the
deviation of a year's daily log returns times sqrt(252). Rate: the Treasury's par yield at the option's life, made
continuous; else the factor library's or bills' rate; else zero, told. Dividend yield: what went ex in the twelve
months before, over the spot, those likely special left out. DIVIDENDS=DECLARED takes those announced with an
ex-date before the expiry, DIVIDENDS=2013-05-09:2.65,2013-08-08:3.05 your own, in cash.

PRICE= implies a volatility (Jaeckel 2015 for European options, a bracketed secant for American ones), which the
page then uses unless VOLATILITY= is typed; where it implies none the page says why. Greeks are derivatives per
1.00 and per year, and beside that in the units of books: vega per point, theta per calendar day, rho per basis
point. Those of American options are central differences of prices (0.1% of the spot, 0.001 of the rest; ten times
that with cash dividends), theta by the pricing equation, with cash dividends a difference as well. In the money
is N(kind x d2), a risk-neutral probability, not a forecast.

What the page does not do: smiles (OVDV shows the surface), hours of the day, holidays, stochastic rates or
volatilities, borrowing costs, taxes."""

FUNCTIONS = (
    Function(
        "OVME",
        "price an option: value, Greeks, implied volatility, early exercise, scenarios",
        run,
        arguments=(
            Argument("kind", Kind.CHOICE, "call or put", "CALL", choices={"CALL": ("C",), "PUT": ("P",)}),
            Argument("strike", Kind.NUMBER, "strike; at the money where none is given", minimum=-_MOST,
                     maximum=_MOST),
            Argument("expiry", Kind.DATE, "expiry; else the third Friday nearest to three months ahead"),
            Argument("days", Kind.INTEGER, "calendar days to expiry, in place of a date", minimum=1,
                     maximum=MOST_DAYS, named_only=True),
            Argument("style", Kind.CHOICE, "AUTO: American on shares and funds, else European", "AUTO",
                     choices={"AUTO": (), "EUROPEAN": ("EU",), "AMERICAN": ("AM",)}),
            Argument("model", Kind.CHOICE, "AUTO: by the kind of security", "AUTO",
                     choices={"AUTO": (), "BSM": (), "GK": (), "BLACK76": (), "BACHELIER": ("NORMAL",)},
                     named_only=True),
            Argument("spot", Kind.NUMBER, "level of the underlying; else the last close", minimum=-_MOST,
                     maximum=_MOST, named_only=True),
            Argument("volatility", Kind.NUMBER, "per cent a year (30); in money under BACHELIER", minimum=0.0,
                     maximum=1e6, named_only=True, percent=True),
            Argument("rate", Kind.NUMBER, "continuous rate, per cent a year (4)", minimum=-50, maximum=200,
                     named_only=True, percent=True),
            Argument("yield", Kind.NUMBER, "continuous dividend yield, or a pair's foreign rate, per cent (2)",
                     minimum=-50, maximum=200, named_only=True, percent=True),
            Argument("dividends", Kind.TEXT, "YIELD, DECLARED, or cash as 2013-05-09:2.65,2013-08-08:3.05",
                     named_only=True),
            Argument("price", Kind.NUMBER, "a price paid: implies a volatility", minimum=0.0, maximum=_MOST,
                     named_only=True),
            Argument("map", Kind.CHOICE, "the map's second axis", "VOLATILITY",
                     choices={"VOLATILITY": ("VOL",), "DAYS": ("TIME",)}, named_only=True),
            Argument("show", Kind.CHOICE, "what the map shows", "VALUE", choices={"VALUE": (), "PROFIT": ("PNL",)},
                     named_only=True),
        ),
        security="required",
        asset_classes=frozenset({"equity", "fund", "index", "currency", "commodity", "future", "crypto"}),
        needs=needs,
        examples=(
            ("AAPL OVME", "a call at the money of about three months"),
            ("AAPL OVME 450 PUT 2013-06-21 PRICE=21.5", "a given put, and what its price implies"),
            ("SPX OVME PUT DAYS=30 VOLATILITY=20 MAP=DAYS", "an index put over spot and time"),
            ("EURUSD OVME RATE=4.5 YIELD=3", "a currency option with its two rates"),
        ),
        about=ABOUT,
        order=31,
    ),
)  # fmt: skip
