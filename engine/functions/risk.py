"""RISK: value at risk and expected shortfall of a security or a portfolio, with their tests and their parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import CommandError
from engine.figures import Field, Form
from engine.function import Args, Argument, Function, Kind
from engine.functions import _risk_backtests as backtests
from engine.functions import _risk_tables as tables
from engine.functions._arguments import COVARIANCE
from engine.functions._risk_methods import METHODS, Asked, chosen, estimates
from engine.needs import Need, price_need
from engine.page import Page, Panel
from engine.period import Period
from engine.portfolios import HOLDINGS, holdings
from engine.returns import returns_of

if TYPE_CHECKING:
    from engine.context import Context
    from engine.portfolios import Holdings
    from engine.quant.risk import RollingRisk
    from engine.returns import Returns

_LEAST = 60


def run(context: Context, args: Args) -> Page:
    levels = _levels(args["level"])
    held = holdings(context, args)
    returns = returns_of(context, held.refs, args["period"], least=_LEAST)
    held = held.only(returns.refs)
    asked = Asked(
        returns.values, held.weights, levels, chosen(args["method"]), args["horizon"], args["seed"],
        args["simulations"],
    )  # fmt: skip
    found = estimates(context, asked)
    level, estimator = max(levels), args["covariance"]
    made = backtests.forecasts(context, asked, args["window"], level)
    days = f"{args['horizon']} day" + "s" * (args["horizon"] > 1)
    risk_title = f"loss over {days}, {len(returns.dates):,} returns to {returns.last}"
    parts_title = f"whose risk: {level * 100:g}%, one day, covariance {estimator.lower()}"
    panels = [
        Panel("answer", f"what may be lost over {days}", tables.answer(found, held), 1),
        Panel("risk", risk_title, tables.estimated(found, held), 3),
        Panel("components", parts_title, tables.components(asked, held, level, estimator), 2),
    ]
    if made:
        panels += _tested(returns, asked, made, level)
    if len(held.refs) > 1:
        heat = tables.heat(asked, held, estimator)
        panels.append(Panel("correlation", f"correlation, {estimator.lower()}", heat))
    panels.append(
        Panel("volatility", "volatility by covariance estimator, a year", tables.volatilities(asked))
    )
    panels.append(Panel("assumptions", "assumptions: Tab goes to them, Enter applies", _form(args, returns)))
    _tell(context, held)
    return Page(f"Risk of {held.title}", tuple(panels), securities=held.refs)


def _tested(returns: Returns, asked: Asked, made: dict[str, RollingRisk], level: float) -> list[Panel]:
    drawn = backtests.drawn(returns.dates, asked.portfolio, made, level)
    table = backtests.verdicts(asked.portfolio, made, level, asked.seed)
    return [
        Panel("rolling", f"returns against the {level * 100:g}% VaR of the evening before", drawn, 2),
        Panel("backtests", f"backtests of the {level * 100:g}% forecasts, out of sample", table, 2),
    ]


def _levels(text: str) -> tuple[float, ...]:
    """ "95,99" or "0.975": fractions, ascending."""
    try:
        found = {float(word.strip().removesuffix("%")) for word in str(text).split(",") if word.strip()}
    except ValueError as fault:
        raise CommandError(
            "LEVEL= takes numbers parted by commas: 95,99 or 0.975.", argument="level"
        ) from fault
    levels = tuple(sorted(round(each / 100 if each > 1 else each, 8) for each in found))
    if not levels or not all(0.8 <= each <= 0.9999 for each in levels) or len(levels) > 4:
        raise CommandError("LEVEL= takes one to four levels from 80 to 99.99: 95,99.", argument="level")
    return levels


def _tell(context: Context, held: Holdings) -> None:
    weights = ", ".join(
        f"{ref.ticker} {w:.1%}" for ref, w in zip(held.refs[:8], held.weights[:8], strict=True)
    )
    context.note(f"Weights {weights}{' ...' if len(held.refs) > 8 else ''}, restored every day.")
    if held.value is not None:
        context.note(f"Worth {held.value:,.0f} {held.currency} at the last closes known.")


def _form(args: Args, returns: Returns) -> Form:
    def field(name: str, label: str, group: str, unit: str = "", choices: tuple[str, ...] = ()) -> Field:
        text = str(args[name])
        shown = f"{returns.first} to {returns.last}" if name == "period" else text.lower()
        return Field(name, label, text, shown, unit, group=group, choices=choices)

    return Form((
        field("period", "range", "VaR and ES"),
        field("level", "levels", "VaR and ES", "%"),
        field("horizon", "horizon", "VaR and ES", "day" + "s" * (args["horizon"] > 1)),
        field("method", "method", "VaR and ES", choices=tuple(METHODS)),
        field("covariance", "covariance", "parts", choices=tuple(COVARIANCE.choices or ())),
        field("window", "a forecast looks back", "backtest", "days"),
        field("simulations", "simulations", "simulation"),
        field("seed", "seed", "simulation"),
    ))  # fmt: skip


def needs(context: Context, args: Args) -> tuple[Need, ...]:
    """The range of every security that was typed."""
    return tuple(
        need for ref in context.securities for need in price_need(context, ref, args["period"], before=10)
    )


PERIOD = Argument("period", Kind.PERIOD, "returns used, counted back from the last", Period("Y", 5))
OTHERS = Argument("others", Kind.SECURITY, "further securities of the portfolio", (), many=True)
WINDOW = Argument(
    "window", Kind.INTEGER, "days that a backtest's forecasts look back", 500, minimum=250, maximum=2500,
    named_only=True,
)  # fmt: skip
SIMULATIONS = Argument(
    "simulations", Kind.INTEGER, "simulated joint returns or paths", 20_000, minimum=1000, maximum=200_000,
    named_only=True,
)  # fmt: skip
SEED = Argument(
    "seed", Kind.INTEGER, "seed of what is simulated", 0, minimum=0, maximum=2**31 - 1, named_only=True
)

FUNCTIONS = (
    Function(
        "RISK",
        "value at risk and expected shortfall, backtested, and whose risk it is",
        run,
        arguments=(
            PERIOD,
            Argument(
                "method", Kind.CHOICE, "one method, or all of them", "ALL", choices=METHODS, named_only=True
            ),
            COVARIANCE,
            Argument("level", Kind.TEXT, "one to four levels, per cent: 95,99", "95,99", named_only=True),
            Argument("horizon", Kind.INTEGER, "days ahead", 1, minimum=1, maximum=60, named_only=True),
            WINDOW,
            SIMULATIONS,
            SEED,
            *HOLDINGS,
            OTHERS,
        ),
        aliases=("VAR",),
        security="optional",
        examples=(
            ("AAPL RISK", "one security, every method, five years of returns"),
            ("RISK AAPL MSFT IBM WEIGHTS=50,30,20", "a portfolio, and whose risk it is"),
            ("RISK AAPL MSFT SHARES=100,50 HORIZON=10 LEVEL=99", "in money, over ten days"),
            ("RISK JPM XOM COVARIANCE=LEDOIT METHOD=FILTERED", "one method, a shrunk covariance"),
        ),
        about=(
            "The answer at the head is the median of the methods at each level, with the least and the most that one "
            "of them says: methods that disagree are the message, not a fault.\n\n"
            "Losses are positive. Value at risk at 99% is the loss that one day in a hundred exceeds; expected "
            "shortfall is the mean of what lies beyond. Past portfolio returns are those of today's weights "
            "restored every day, with splits and dividends known at the clock.\n\n"
            "Historical: the sample quantile of type 7 and the mean of the worst (1 - level) n returns, the "
            "last in part (Acerbi and Tasche 2002). Age-weighted: weights 0.995^age (Boudoukh, Richardson and "
            "Whitelaw 1998). Volatility-scaled: each return in tomorrow's EWMA 0.94 volatility (Hull and White "
            "1998). Filtered: surprises of a GARCH(1,1) with tomorrow's deviation (Barone-Adesi et al. 1999). "
            "Normal (ddof 1) and Student's t by maximum likelihood. Cornish-Fisher: skewness and kurtosis bend "
            "the normal quantile (Zangari 1996). Copulas: simulated joint returns, each asset with its own "
            "past quantiles, tied by a Gaussian copula of normal scores or a t copula of Kendall's tau. Peaks "
            "over threshold: a generalised Pareto tail over the worst tenth (McNeil 1997), and the same on "
            "GARCH surprises (McNeil and Frey 2000).\n\n"
            "Intervals are of 95%: order statistics for sample quantiles, bootstrap (returns taken as "
            "independent) or delta method as each row says; those of the GARCH methods take the filter as "
            "known, so they are too narrow. Over several days: normal scales mean and deviation, filtered runs "
            "paths through its own recursion, every other method takes the one-day figure times the square "
            "root of the days.\n\n"
            "Parts (Euler; Litterman 1996) add up to the whole: of the normal VaR with the covariance chosen, "
            "of the shortfall from the worst past days. Incremental is the VaR less that with the holding "
            "turned into cash.\n\n"
            "Backtests use forecasts made each evening from the WINDOW days before; what is fitted by a search "
            "is fitted anew every 20 days. Kupiec 1995, Christoffersen 1998, Basel's zones of 1996 (the "
            "binomial for the days there are), Acerbi and Szekely 2014 Z1 and Z2 against 5,000 simulations of "
            "a right model with an exponential tail beyond the forecast. At 99% few exceptions are expected: "
            "their tests have little power.\n\n"
            "What it does not do: no liquidity, no options in the portfolio (STRESS LEGS= has them), no drift "
            "but the sample's own."
        ),
        order=60,
        needs=needs,
    ),
)
