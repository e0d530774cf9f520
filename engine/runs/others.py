"""Runs of what is no plain security: strategies of options, futures, currency pairs, coins."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from engine.errors import CommandError, DataError
from engine.runs.asked import DERIVED_CLASSES, Asked
from engine.runs.faults import as_command

if TYPE_CHECKING:
    from datetime import date
    from typing import TypeAlias

    from engine.backtest.futures import Margin
    from engine.backtest.inputs import Outcome
    from engine.backtest.market import Market
    from engine.context import Context
    from engine.runs.carry import Run
    from engine.runs.derived import Told
    from engine.runs.options import Rates

    Ran: TypeAlias = tuple[Outcome, Told, Market, str]


_ROLLS: dict[str, Literal["calendar", "volume", "open_interest"]] = {
    "CALENDAR": "calendar",
    "VOLUME": "volume",
    "INTEREST": "open_interest",
}


def of_options(context: Context, asked: Asked, start: date | None, end: date) -> Run:
    """Legs of options on one underlying.

    Raises
    ------
    CommandError, DataError, Cancelled
        The rules cannot be read, or no chain is known.
    """
    from engine.backtest.rules import RuleError
    from engine.runs.carry import Run
    from engine.runs.market_told import Telling
    from engine.runs.options import EVERY, option_trial, telling_of

    if len(asked.refs) != 1:
        taken = [ref.ticker for ref in asked.refs if ref.asset_class not in DERIVED_CLASSES]
        lines = tuple(f"BACKTEST {ticker} {asked.text}" for ticker in taken[:3])
        raise CommandError("Legs of options are on one underlying: name one security.", suggestions=lines)
    if asked.refs[0].asset_class in DERIVED_CLASSES:
        raise CommandError(
            f"Legs of options are on a stock, a fund or an index, and {asked.refs[0].label} is none: its rules say "
            "long and short.",
            suggestions=(f"BACKTEST {asked.refs[0].ticker} 50SMA.200SMA",),
        )
    try:
        trial = option_trial(
            context.reader, asked.refs[0].security_id, asked.text, start, end, asked.spec.costs,
            asked.spec.terms, rates=_rates(context, start, end), progress=context.progress,
            cancelled=context.cancelled,
        )  # fmt: skip
        telling = Telling(context.progress, context.cancelled)
        outcome = trial.simulated(told=telling_of(telling, "sessions", EVERY))
    except RuleError as fault:
        raise as_command(fault, asked.text, asked.refs) from fault
    except ValueError as fault:
        raise DataError(f"{fault}.") from fault
    ready = trial.ready
    return Run(asked, outcome, ready.market, ready.gathered.notes, ready.gathered.facts, trial=trial)


def of_derived(context: Context, asked: Asked, kind: str, start: date | None, end: date) -> Run:
    """Futures, currency pairs or coins, each by its own rules of cash and margin.

    Raises
    ------
    CommandError, DataError, Cancelled
        The rules cannot be read, or the store cannot serve them.
    """
    from engine.backtest.rules import RuleError
    from engine.runs.carry import Run

    runs = {"future": _future, "currency": _pairs, "crypto": _coins}
    if asked.panels:
        raise CommandError(f"{asked.panels[0]} is told of stocks and funds only.", argument="strategy")
    if asked.spec.accounts and len(asked.refs) > 1:
        raise CommandError(
            "EACH=ALONE is for stocks and funds: futures, currencies and coins share one account. SWEEP runs each by "
            "itself.",
            argument="each",
        )
    try:
        outcome, told, market, account = runs[kind](context, asked, start, end)
    except RuleError as fault:
        raise as_command(fault, asked.text, asked.refs) from fault
    except ValueError as fault:
        raise CommandError(f"{str(fault).rstrip('.')}.", argument=_option_in(str(fault))) from fault
    return Run(asked, outcome, market, told.notes, told.facts, told.inputs, account, told.traded)


def _option_in(told: str) -> str:
    """The option of the line that a fault is about, by its name there; none where it names none."""
    found = re.search(r"\b([A-Z]{3,})=", told)
    return found[1].lower() if found else ""


def _future(context: Context, asked: Asked, start: date | None, end: date) -> Ran:
    from engine.backtest.futures import Roll
    from engine.runs.futures import futures_run

    more = dict(asked.terms_of)
    rule = _ROLLS[str(more["roll"])]
    account = str(more["account"] or "").upper()
    outcome, told, market = futures_run(
        context.reader, [ref.security_id for ref in asked.refs], asked.text, start, end, asked.spec.costs,
        asked.spec.terms, roll=Roll(rule, int(str(more["rolldays"]))), account=account,
        margin=_margin(more["contractmargin"]), settle="close" if more["settle"] == "CLOSE" else "settlement",
        multiplier=None if more["multiplier"] is None else float(str(more["multiplier"])), fill=asked.spec.fill,
        join="difference" if more.get("join") == "DIFFERENCE" else "ratio", progress=context.progress,
        cancelled=context.cancelled,
    )  # fmt: skip
    return outcome, told, market, account


def _margin(text: object) -> Margin | dict[str, Margin] | None:
    """Initial and maintenance margin of a contract, or of each root's (ES=13200/12000,NQ=18700/17000); None where
    none is given."""
    from engine.backtest.futures import Margin

    if text is None:
        return None
    try:
        if "=" not in str(text):
            initial, maintenance = (float(each) for each in str(text).split(","))
            return Margin(initial, maintenance, "contract")
        found = {}
        for part in str(text).split(","):
            ticker, _, told = part.partition("=")
            initial, maintenance = (float(each) for each in told.split("/"))
            found[ticker.strip().upper()] = Margin(initial, maintenance, "contract")
        return found
    except ValueError as fault:
        raise CommandError(
            "CONTRACTMARGIN= takes initial and maintenance margin of a contract: 5060,4600, or by root "
            f"ES=13200/12000,NQ=18700/17000, not {text}.",
            argument="contractmargin",
        ) from fault


def _pairs(context: Context, asked: Asked, start: date | None, end: date) -> Ran:
    from engine.runs.fx import fx_run

    more = dict(asked.terms_of)
    account = str(more["account"] or "USD").upper()
    outcome, told, market = fx_run(
        context.reader, [ref.security_id for ref in asked.refs], asked.text, start, end, asked.spec.costs,
        asked.spec.terms, account=account, pips=float(str(more["pips"])), lot=float(str(more["lot"] or 1.0)),
        rates=_short_rates(context, str(more["shortrates"] or "")), fill=asked.spec.fill, progress=context.progress,
        cancelled=context.cancelled,
    )  # fmt: skip
    return outcome, told, market, account


def _coins(context: Context, asked: Asked, start: date | None, end: date) -> Ran:
    from engine.backtest.crypto import CryptoTerms
    from engine.runs.crypto import crypto_run

    more = dict(asked.terms_of)
    funding = None if more["funding"] is None else float(str(more["funding"])) * 1e-4
    inverse = more["contract"] == "INVERSE"
    if more["multiplier"] is not None and not inverse:
        raise CommandError(
            "MULTIPLIER= is money of a contract: of coins with CONTRACT=INVERSE only.", argument="multiplier"
        )
    if funding is not None and more["contract"] == "SPOT":
        raise CommandError(
            "Coins pay no funding: FUNDING= is for CONTRACT=PERPETUAL or INVERSE.", argument="funding"
        )
    face = None if more["multiplier"] is None else float(str(more["multiplier"]))
    step = float(str(more["lot"] or (1e-8 if asked.spec.terms.fractional else 1.0)))
    outcome, told, market = crypto_run(
        context.reader, [ref.security_id for ref in asked.refs], asked.text, start, end, asked.spec.costs,
        asked.spec.terms, crypto=CryptoTerms(more["contract"] != "SPOT", face=face, step=step), inverse=inverse,
        funding=funding, interval=str(more["bars"]).lower(), fill=asked.spec.fill, progress=context.progress,
        cancelled=context.cancelled,
    )  # fmt: skip
    return outcome, told, market, ""


def _short_rates(context: Context, text: str) -> dict[str, float | int] | None:
    """Rates by currency, as fractions, or the series that tells them; None where none are given."""
    found: dict[str, float | int] = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        code, equals, value = (each.strip().upper() for each in part.partition("="))
        try:
            if not equals or len(code) != 3 or not code.isalpha():
                raise ValueError
            found[code] = _series(context, value) if value[:1].isalpha() else float(value.rstrip("%")) / 100
        except ValueError:
            raise CommandError(
                f"{part} is no short rate: SHORTRATES=USD=4.5,EUR=2 gives per cent a year by currency, "
                "SHORTRATES=USD=TBILRATE a series of them as it was known each day.",
                argument="shortrates",
            ) from None
    return found or None


def _series(context: Context, ticker: str) -> int:
    """A series of observations by its ticker."""
    from engine.securities import UnknownSecurity

    try:
        return context.directory.resolve(ticker, "MACRO").security.ref.security_id
    except UnknownSecurity as fault:
        raise CommandError(
            f"{ticker} is no series of rates that is known at this clock. ECO lists the series.",
            argument="shortrates",
        ) from fault


def _rates(context: Context, start: date | None, end: date) -> Rates:
    """The risk-free rate a year, continuously compounded, as the clock knows it."""
    from datetime import date as day

    import numpy as np

    from engine.rates import risk_free
    from engine.runs.options import Rates

    sessions = context.reader.sessions(start or day(1990, 1, 2), end)
    found = risk_free(context, sessions, "daily")
    return Rates(sessions, np.log1p(found.values) * 252.0, found.source)
