"""OPT: the best weights by an aim of one's choice, the frontier, and how well such weights did out of sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from engine.errors import CommandError, DataError
from engine.function import Args, Argument, Function, Kind
from engine.functions._arguments import COVARIANCE, FREQUENCY
from engine.needs import Need, price_need
from engine.page import Page, Panel
from engine.period import Period
from engine.portfolios import HOLDINGS, holdings, kept
from engine.returns import Step, returns_of

if TYPE_CHECKING:
    from engine.context import Context

_MOST = 120
AIMS = {
    "MINVAR": ("GMV", "VARIANCE"), "SHARPE": ("TANGENCY",), "RETURN": (), "VOLATILITY": (), "PARITY": ("ERC",),
    "DIVERSIFY": ("MDP",), "CVAR": ("SHORTFALL",), "HRP": (), "BL": ("VIEWS",), "EQUAL": (),
}  # fmt: skip


def needs(context: Context, args: Args) -> Sequence[Need]:
    """Prices of the securities."""
    try:
        refs = kept(context, args["pf"].strip().lower())[0] if args["pf"] else context.securities
    except DataError:
        return ()  # the run says so
    return [need for ref in refs[:40] for need in price_need(context, ref, args["period"], before=10)]


def run(context: Context, args: Args) -> Page:
    from engine.functions import _opt_panels as panels
    from engine.functions._opt_found import found_of
    from engine.quant.portfolio import Infeasible

    held = holdings(context, args)
    if len(held.refs) < 2:
        raise CommandError(
            "OPT takes two securities or more, or PF= and a portfolio that was kept.",
            suggestions=("OPT AAPL MSFT IBM", "OPT PF=growth"),
        )
    if len(held.refs) > _MOST:
        raise DataError(f"OPT takes {_MOST} securities at most; {len(held.refs)} are named.")
    frequency = cast("Step", args["frequency"].lower())
    returns = returns_of(context, held.refs, args["period"], frequency=frequency, least=60)
    if len(returns.refs) < 2:
        raise DataError("Fewer than two of the securities have prices at this clock.")
    held = held.only(returns.refs)
    try:
        found = found_of(context, args, held, returns)
    except Infeasible as fault:
        raise CommandError(
            f"{str(fault)[:1].upper()}{str(fault)[1:]}. LOW= and HIGH= bound each weight in per cent, CAPS= sectors, "
            "TURNOVER= the change."
        ) from fault
    except ValueError as fault:
        raise DataError(f"{held.title}: {fault}.") from fault
    for sentence in found.told:
        context.note(sentence)
    shown = (
        Panel("weights", "weights: a number shows the chart", panels.weights_table(found), 2),
        Panel("facts", panels.aim_title(found), panels.facts(found), 1, side=True),
        Panel("frontier", "expected return over volatility, a year", panels.scatter(found), 3),
        Panel("aims", "what each aim would hold", panels.aims(found), 2, side=True),
        Panel("outside", panels.outside_title(found), panels.outside(found), 1),
        Panel("assumptions", "assumptions: Tab goes to them, Enter applies", panels.form(args, found), 1),
    )
    return Page(f"Optimal weights: {held.title}", shown, security=held.refs[0], securities=held.refs)


ABOUT = """AIM= MINVAR least variance; SHARPE the highest ratio over the risk-free rate; RETURN= least
variance at that expected return; VOLATILITY= the highest expected return at that volatility; PARITY equal
shares of risk; DIVERSIFY the highest diversification ratio; CVAR least expected shortfall at 95% over the
range's returns, with TARGET= among weights expected to earn as much; HRP hierarchical risk parity; BL the
highest Sharpe ratio after VIEWS=; EQUAL alike.

Solved by cvxpy (Clarabel) under LOW= and HIGH= for each weight, TURNOVER= from the weights given, and CAPS=
for sectors, such as CAPS="Energy<=20%,Technology>=10%" (of the profiles known at the clock). PARITY, HRP and
EQUAL are long, add up to one, and take no bounds: with bounds neither shares of risk nor weights that are all
alike can be chosen.

MEANS= HISTORICAL mean returns (arithmetic); SHRUNK towards one another (Jorion 1986); IMPLIED by the given
weights (alike where none are given) at risk aversion 2.5. COVARIANCE= LEDOIT shrunk (Ledoit and Wolf 2004),
OAS (Chen and others 2010), SAMPLE, or EWMA. All by the year, from returns known at the clock.

VIEWS="AAPL=12%,MSFT-IBM=3%" says what securities are expected to earn over the risk-free rate, or one over
another; by Black and Litterman (1992), prior IMPLIED, tau 0.05, each view as sure as its prior, or as
CONFIDENCE= says (Idzorek 2005).

Expected returns are poorly known: an optimum is best on the very past it was chosen on. OUT OF SAMPLE
shows, for each aim, weights chosen on the first two thirds of the range alone and held over the last third."""

FUNCTIONS = (
    Function(
        "OPT",
        "optimal weights: least variance, Sharpe, parity, shortfall, views; the frontier",
        run,
        (
            Argument("period", Kind.PERIOD, "returns used, counted back from the last", Period("Y", 5)),
            Argument("aim", Kind.CHOICE, "what is best", "MINVAR", choices=AIMS),
            *HOLDINGS,
            FREQUENCY,
            Argument(
                "means", Kind.CHOICE, "expected returns", "HISTORICAL",
                choices={"HISTORICAL": (), "SHRUNK": (), "IMPLIED": ()}, named_only=True,
            ),
            replace(COVARIANCE, default="LEDOIT"),
            Argument(
                "low", Kind.NUMBER, "least weight each, per cent", 0.0, minimum=-500, maximum=100, named_only=True,
                percent=True,
            ),
            Argument(
                "high", Kind.NUMBER, "most weight each, per cent", 100.0, minimum=0.1, maximum=500, named_only=True,
                percent=True,
            ),
            Argument(
                "turnover", Kind.NUMBER, "most change from the weights given, per cent in all; 0 for any", 0.0,
                minimum=0, maximum=1000, named_only=True, percent=True,
            ),
            Argument("caps", Kind.TEXT, 'bounds of sectors, "Energy<=20%"', None, named_only=True),
            Argument(
                "target", Kind.NUMBER, "per cent a year: return of RETURN and CVAR, volatility of VOLATILITY", None,
                minimum=-100, maximum=1000, named_only=True, percent=True,
            ),
            Argument("views", Kind.TEXT, '"AAPL=12%,MSFT-IBM=3%" for BL', None, named_only=True),
            Argument(
                "confidence", Kind.NUMBER, "of the views, per cent; 0: as sure as the prior", 0.0, minimum=0,
                maximum=100, named_only=True, percent=True,
            ),
            Argument("others", Kind.SECURITY, "further securities", (), many=True),
        ),
        security="optional",
        asset_classes=frozenset({"equity", "fund", "index", "currency", "crypto", "commodity", "future"}),
        examples=(
            ("OPT AAPL MSFT IBM GE JPM XOM", "least variance of six stocks, and the frontier"),
            ("OPT AAPL MSFT IBM SHARPE HIGH=50", "the highest Sharpe ratio with no weight above a half"),
            ("OPT JPM XOM GE PARITY 10Y", "equal shares of risk"),
            ('OPT AAPL MSFT IBM BL VIEWS="AAPL=15%,MSFT-IBM=3%"', "one's own views"),
        ),
        about=ABOUT,
        needs=needs,
    ),
)  # fmt: skip
