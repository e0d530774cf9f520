"""QUANT: a security's return and risk at a glance: performance, drawdowns, months, factors, regime."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from engine.errors import CommandError, DataError
from engine.figures import Field, Form
from engine.function import Args, Argument, Function, Kind
from engine.functions._arguments import BENCHMARK, FREQUENCY
from engine.needs import Need, price_need
from engine.page import Page, Panel
from engine.period import Period
from engine.returns import Step, benchmark, returns_of, tell_indices

if TYPE_CHECKING:
    from engine.context import Context
    from engine.returns import Returns

_WINDOWS = {"daily": 252, "weekly": 52, "monthly": 36}


def needs(context: Context, args: Args) -> Sequence[Need]:
    """Prices of the security and of its benchmark."""
    try:
        refs = (context.security, benchmark(context, args["benchmark"]))
    except DataError:
        return ()  # the run says so
    return [need for ref in refs for need in price_need(context, ref, args["period"], before=10)]


def run(context: Context, args: Args) -> Page:
    from engine.functions import _quant_found as find
    from engine.functions import _quant_panels as panels
    from engine.functions._quant_rules import rules

    if args["window"] == 1:
        raise CommandError("WINDOW= takes two returns at least; 0 is the usual window.", argument="window")
    ref, index = context.security, benchmark(context, args["benchmark"])
    step = cast("Step", args["frequency"].lower())
    refs = [ref] if index.security_id == ref.security_id else [ref, index]
    returns = returns_of(context, refs, args["period"], frequency=step, least=24)
    if returns.refs[0].security_id != ref.security_id:
        raise DataError(f"No price of {ref.label} is known at this clock. DATA shows what the store holds.")
    window = min(args["window"] or _WINDOWS[step], max(len(returns.dates) // 2, 12))
    found = find.summed(context, returns, window)
    context.progress(1, 3, "factors")
    exposure = find.exposure(context, ref, args["period"])
    context.check_cancelled()
    context.progress(2, 3, "regime")
    regime = find.regime(context, returns)
    shown = [
        Panel("performance", panels.performance_title(found), panels.performance(found), 3),
        Panel("beside", f"against {index.label}", panels.beside(found), 2),
        Panel("months", "return by month", panels.months(found), 3),
        Panel("drawdowns", "below the highest value before", panels.drawdowns(found), 2),
        Panel("worst", "deepest drawdowns", panels.worst(found), 1, side=True),
        Panel("volatility", f"volatility of the last {window} returns", panels.rolling_volatility(found), 1),
        Panel(
            "sharpe", f"Sharpe ratio of the last {window} returns", panels.rolling_sharpe(found), 1, side=True
        ),
        Panel("now", "how it stands", panels.now(found, exposure, regime), 1),
    ]
    known_rules = rules(context, ref, returns.base_date, returns.last)
    if known_rules is not None:
        title = "what well-known rules would have made; choosing one opens its BACKTEST"
        shown.append(Panel("rules", title, known_rules, 1))
    shown.append(
        Panel(
            "assumptions",
            "assumptions: Tab goes to them, Enter applies",
            _form(args, returns, index.label, window),
        )
    )
    if found.other is None:
        shown = [panel for panel in shown if panel.name != "beside"]
    if found.other is not None and ref.asset_class != "index":
        tell_indices(context, (index,), f"the returns of {ref.ticker}")
    context.note(f"More: FACT {ref.ticker}, REGIME {ref.ticker}, RISK {ref.ticker}, FLDS {ref.ticker}.")
    return Page(f"{ref.label}  {ref.name}  return and risk", tuple(shown))


def _form(args: Args, returns: Returns, index: str, window: int) -> Form:
    usual = "" if args["window"] else "a year; three of monthly returns"
    return Form((
        Field("period", "range", str(args["period"]), f"{returns.base_date} to {returns.last}",
              help="5Y, 1M, MAX, or two dates"),
        Field("frequency", "returns", args["frequency"], args["frequency"].lower(),
              choices=tuple(FREQUENCY.choices or ())),
        Field("benchmark", "benchmark", args["benchmark"], index, help="a ticker"),
        Field("window", "rolling window", str(args["window"]), f"{window} returns", help="0: by frequency",
              given=bool(args["window"]), basis=usual),
    ))  # fmt: skip


ABOUT = """PERFORMANCE sums up total returns (adjusted for the splits and dividends known at the clock) over one,
three and five years, ten, and the range, side by side with the benchmark where both have returns.

Sharpe ratios are over the risk-free rate known at the clock, with a standard error that holds for returns
that cluster (Lo 2002; Newey and West 1987), and the probability that the true ratio is above zero (Bailey
and Lopez de Prado 2012). Sortino's divides by the deviation below the risk-free rate, Calmar's by the
deepest drawdown. Alpha and beta are least squares of returns over the rate on the benchmark's; capture is
growth in the benchmark's rising and falling periods against its own.

HOW IT STANDS gives the loadings on the richest factor model that the clock knew on monthly returns (FACT
shows all of it), and the state by a two-state hidden Markov model of the range's returns, filtered (REGIME
shows all of it).

RULES sums up what five rules that everybody knows would have made over the range, decided on each close and
filled at the next open, after 5 basis points of commission and 10 of slippage each way. They were fixed
before any security was seen; choosing one opens its BACKTEST."""

FUNCTIONS = (
    Function(
        "QUANT",
        "return and risk at a glance: performance, drawdowns, months, factors, regime",
        run,
        (
            Argument("period", Kind.PERIOD, "range, counted back from the last session known", Period("Y", 10)),
            FREQUENCY,
            BENCHMARK,
            Argument(
                "window", Kind.INTEGER, "returns of each rolling value; 0: a year, or three of months", 0,
                minimum=0, maximum=2520, named_only=True,
            ),
        ),
        security="required",
        asset_classes=frozenset({"equity", "fund", "index", "currency", "crypto", "commodity", "future"}),
        examples=(
            ("AAPL QUANT", "ten years of Apple beside the S&P 500"),
            ("JPM QUANT MAX MONTHLY", "monthly returns, all that is known"),
        ),
        about=ABOUT,
        needs=needs,
    ),
)  # fmt: skip
