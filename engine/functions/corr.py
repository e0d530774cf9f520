"""CORR: how securities move together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from engine.errors import CommandError, DataError
from engine.figures import Field, Form
from engine.function import Args, Argument, Function, Kind
from engine.functions import _corr_tables as tables
from engine.functions._arguments import FREQUENCY
from engine.needs import Need, price_need
from engine.page import Page, Panel
from engine.period import Period
from engine.portfolios import PORTFOLIO, holdings
from engine.returns import returns_of

if TYPE_CHECKING:
    from engine.context import Context
    from engine.page import SecurityRef
    from engine.returns import Returns, Step

_WORDS = {
    "PEARSON": "Pearson's correlation of simple total returns",
    "SPEARMAN": "Spearman's: Pearson's of ranks",
    "KENDALL": "Kendall's tau b",
    "EWMA": "Pearson's, weights 0.97^age (RiskMetrics 1996)",
}
_LEAST = 20
_MOST = 100


def run(context: Context, args: Args) -> Page:
    from engine.quant.risk import cluster_order, correlations

    refs = _asked(context, args)
    frequency = cast("Step", args["frequency"].lower())
    returns = returns_of(context, refs, args["period"], frequency=frequency, least=_LEAST)
    if len(returns.refs) < 2:
        raise DataError(
            f"Only {returns.refs[0].ticker} has prices in this range: CORR needs two securities or more."
        )
    context.check_cancelled()
    try:
        found = correlations(returns.values, args["method"].lower())
    except ValueError as fault:
        raise DataError(
            f"No correlation can be worked out: {fault}. Take another range or other securities."
        ) from fault
    order = list(cluster_order(found.matrix))
    words = _WORDS[args["method"]]
    count = f"{len(returns.dates):,} {frequency} returns, {returns.first} to {returns.last}"
    panels = [
        Panel("matrix", f"{words}; {count}", tables.heat(returns.refs, found, order, words), 3),
        Panel("pairs", "pairs, the strongest first", tables.pairs(returns.refs, found, words, len(returns.dates)), 2),
        Panel("common", "what is common", tables.common(returns, found), side=True),
    ]  # fmt: skip
    if len(returns.dates) >= args["window"]:
        title = f"over {args['window']} {frequency} returns, Pearson's"
        panels.insert(2, Panel("rolling", title, tables.rolling(returns, args["window"]), 2))
    else:
        context.note(
            f"No moving correlation: {len(returns.dates)} returns are fewer than WINDOW={args['window']}."
        )
    panels.append(Panel("assumptions", "assumptions: Tab goes to them, Enter applies", _form(args, returns)))
    _tell(context, returns, frequency)
    return Page("Correlation of " + _named(returns.refs), tuple(panels), securities=returns.refs)


def _form(args: Args, returns: Returns) -> Form:
    def field(name: str, label: str, shown: str, choices: Mapping[str, object], help: str = "") -> Field:
        return Field(name, label, str(args[name]), shown, help=help, choices=tuple(choices))

    method, window = args["method"], args["window"]
    return Form((
        field("method", "method", method.lower(), _WORDS, _WORDS[method]),
        field("period", "range", f"{returns.first} to {returns.last}", {}, "5Y, 1M, MAX, or two dates"),
        field("frequency", "returns", args["frequency"].lower(), FREQUENCY.choices or {}),
        field("window", "rolling window", f"{window} returns", {}, "returns of each moving correlation"),
    ))  # fmt: skip


def _asked(context: Context, args: Args) -> tuple[SecurityRef, ...]:
    refs = (
        holdings(context, args).refs
        if args["pf"]
        else tuple({ref.security_id: ref for ref in context.securities}.values())
    )
    if len(refs) < 2:
        raise CommandError(
            "CORR takes two securities or more, or PF= and a portfolio that was kept.",
            suggestions=("CORR AAPL MSFT IBM", "CORR SPX EURUSD"),
        )
    if len(refs) > _MOST:
        raise CommandError(f"CORR takes at most {_MOST} securities, not {len(refs)}.")
    return refs


def _named(refs: tuple[SecurityRef, ...]) -> str:
    shown = ", ".join(ref.ticker for ref in refs[:6])
    return shown + (f" and {len(refs) - 6} more" if len(refs) > 6 else "")


def _tell(context: Context, returns: Returns, frequency: str) -> None:
    apart = tables.asynchronous(context, returns.refs)
    if apart and frequency == "daily":
        where = "; ".join(f"{place}: {', '.join(tickers[:6])}" for place, tickers in apart.items())
        context.note(
            f"Their days end at different hours ({where}): daily correlations are too low. FREQUENCY=WEEKLY "
            "is the safer reading.",
            "warning",
        )
    shortest = len(returns.values) / len(returns.refs)
    if shortest < 3:
        context.note(
            f"{len(returns.values)} common returns for {len(returns.refs)} securities are few: much of the "
            "matrix is noise. Take a longer range.",
            "warning",
        )


def needs(context: Context, args: Args) -> tuple[Need, ...]:
    """The range of every security that was typed."""
    return tuple(
        need
        for ref in context.securities[:_MOST]
        for need in price_need(context, ref, args["period"], before=10)
    )


FUNCTIONS = (
    Function(
        "CORR",
        "correlations: a clustered matrix, pairs with their significance, and over time",
        run,
        arguments=(
            Argument("period", Kind.PERIOD, "returns used, counted back from the last", Period("Y", 2)),
            FREQUENCY,
            Argument(
                "method",
                Kind.CHOICE,
                "which correlation",
                "PEARSON",
                choices={"PEARSON": (), "SPEARMAN": ("RANK",), "KENDALL": ("TAU",), "EWMA": ("RISKMETRICS",)},
            ),
            Argument(
                "window",
                Kind.INTEGER,
                "returns of a moving correlation",
                60,
                minimum=10,
                maximum=1000,
                named_only=True,
            ),
            PORTFOLIO,
            Argument("others", Kind.SECURITY, "further securities", (), many=True),
        ),
        security="optional",
        examples=(
            ("CORR AAPL MSFT IBM JPM XOM", "five stocks, two years of daily returns"),
            ("CORR SPX EURUSD 10Y WEEKLY", "weekly, where closes are of different hours"),
            ("CORR JPM BAC XOM CVX KENDALL MAX", "rank correlation over all that is known"),
        ),
        about=(
            "Simple total returns between dates that all have, so that every pair rests on the same days; how "
            "many is told. The matrix stands in the order of a clustering (average linkage over sqrt((1 - r) / "
            "2), Mantegna 1999), so that what moves together stands side by side. Pearson's; Spearman's and "
            "Kendall's tau b by ranks; EWMA weighs days by 0.97^age.\n\n"
            "p is the chance of as strong a correlation where there is none: by Student's t, for Kendall's by "
            "its normal approximation, with days taken as independent; p of all is corrected for the number of "
            "pairs (Holm 1979). Intervals by Fisher's z (Bonett and Wright 2000 for ranks; Fieller et al. 1957 "
            "for tau). EWMA counts as 1 / sum of squared weights.\n\n"
            "The share of the first component says how much of all moves is one; eigenvalues below the edge of "
            "noise (Marchenko and Pastur 1967) say nothing.\n\n"
            "Closes of different hours (New York and Tokyo, a fixing in Frankfurt) make daily correlations too "
            "low: the page warns, weekly returns mend most of it. Correlation is not cause, and it rises in "
            "crises: STRESS CORR= shifts it."
        ),
        order=62,
        needs=needs,
    ),
)
