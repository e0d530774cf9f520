"""FACT: what a security or a portfolio owes to known factors, and what is its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.errors import CommandError
from engine.function import Args, Argument, Function, Kind
from engine.functions._arguments import COMPARE
from engine.needs import Need, price_need
from engine.page import Page, Panel, SecurityRef
from engine.period import Period
from engine.portfolios import HOLDINGS

if TYPE_CHECKING:
    from engine.context import Context
    from engine.functions._fact_data import Study

_DAY = 86_400.0
_WEEK = 7 * _DAY
# A file of the library holds several factors: one of each file is asked for.
_FILES = {"CAPM": ("MKTRF",), "FF3": ("MKTRF",), "FF3MOM": ("MKTRF", "MOM"), "FF5": ("MKTRF", "SMB5")}
_ALL = ("MKTRF", "SMB5", "MOM")
_BESIDE = {"MKTRF": ("SMB", "HML", "RF"), "SMB5": ("RMW", "CMA"), "MOM": ()}


def needs(context: Context, args: Args) -> Sequence[Need]:
    """Prices of the range, and the factors' files where the last answer is older than a week."""
    if args["view"] != "LOADINGS":
        return _universe_needs(context, args)
    names = _FILES.get(args["model"], _ALL)
    if args["factors"]:
        words = {word.strip().upper() for word in args["factors"].split(",")}
        names = tuple(name for name, others in _BESIDE.items() if words & {name, *others})
    factors = [
        Need("factors", SecurityRef(0, name, "MACRO", name, "factor"), max_age_seconds=_WEEK)
        for name in names
    ]
    refs = [*context.securities, *_traded(context, args["factors"])]
    return (*factors, *(need for ref in refs for need in price_need(context, ref, args["period"], before=40)))


def _traded(context: Context, words: str | None) -> list[SecurityRef]:
    """The securities among FACTORS=; what is none of the store's is told by the run."""
    from engine.securities import UnknownSecurity

    found = []
    for word in filter(None, (each.strip() for each in (words or "").split(","))):
        try:
            ref = context.directory.resolve(word).security.ref
        except UnknownSecurity:
            continue
        if ref.asset_class != "factor":
            found.append(ref)
    return found


def _universe_needs(context: Context, args: Args) -> Sequence[Need]:
    """Prices and filings of securities that were typed, and the membership of an index; the members' own data are
    many, and BACKFILL brings them."""
    from engine.universe import index_of

    found: list[Need] = []
    number = index_of(args["universe"], context.directory) if args["universe"] else None
    index = None if number is None else context.directory.by_id(number)
    if index is not None:
        found.append(Need("membership", index.ref, max_age_seconds=_DAY))
    for ref in context.securities:
        found += price_need(context, ref, Period("Y", 3) if args["view"] == "CHAR" else args["period"])
        if args["view"] == "CHAR" and ref.asset_class == "equity":
            found += [Need("facts", ref, max_age_seconds=_DAY), Need("filings", ref, max_age_seconds=_DAY)]
    return found


def run(context: Context, args: Args) -> Page:
    if args["view"] == "CHAR":
        from engine.functions import _fact_char

        return _fact_char.page(context, args)
    if args["view"] == "IC":
        from engine.functions import _fact_ic

        return _fact_ic.page(context, args)
    if args["universe"]:
        raise CommandError(
            "UNIVERSE= is of FACT CHAR and FACT IC; loadings take securities.", argument="universe",
            suggestions=(f"FACT CHAR UNIVERSE={args['universe']}",),
        )  # fmt: skip
    return _loadings(context, args)


def _loadings(context: Context, args: Args) -> Page:
    from engine.functions import _fact_panels as panels
    from engine.functions._fact_data import study
    from engine.functions._fact_found import find
    from engine.functions._fact_model import told_at

    rows = study(context, args)
    context.check_cancelled()
    found = find(rows)
    single = len(rows.held.refs) == 1
    name = rows.held.refs[0].label if single else rows.held.title
    known = told_at(context, rows.model, rows.last)
    shown = [
        Panel("loadings", f"loadings: {rows.model.title}", panels.loadings(rows, found), 3),
        Panel("fit", f"{rows.first} to {rows.last}", panels.fit(rows, found, known), 2),
        Panel("intervals", "loadings with their 95% intervals", panels.intervals(rows, found), 2, side=True),
    ]
    if not single:
        shown += [
            Panel("exposures", "loadings by symbol", panels.exposures(rows, found), 2),
            Panel("symbols", "what each symbol adds", panels.symbols(rows, found), 2),
        ]
    lines, quality = panels.rolling(rows, found), panels.rolling_fit(rows, found)
    years = panels.through_time(rows, found)
    if lines is not None and quality is not None and years is not None:
        shown += [
            Panel("rolling", f"loadings over {rows.window} {rows.step} returns", lines, 3),
            Panel(
                "rolling_fit",
                "alpha, residual volatility and R squared over the same windows",
                quality,
                2,
                side=True,
            ),
            Panel("through", f"loadings through time: windows of {rows.window}", years, 2),
        ]
    else:
        context.note(
            f"{len(rows.dates)} {rows.step} returns are too few for windows of {rows.window}: no rolling loadings. "
            "WINDOW= takes shorter ones, MAX a longer range."
        )
    shown += [
        Panel("risk", "from factors to volatility", panels.risk(rows, found), 2),
        Panel(
            "earned", "from the risk-free rate to the mean return", panels.earned(rows, found), 2, side=True
        ),
        Panel("assumptions", "assumptions: Tab goes to them, Enter applies", panels.form(args, rows)),
    ]
    _tell(context, rows)
    return Page(f"{name}  factor loadings", tuple(shown), security=rows.held.refs[0] if single else None)


def _tell(context: Context, rows: Study) -> None:
    model = rows.model
    if model.source != "as given":
        context.note(
            f"Model: {model.source}. Factors are returns of the library's vintage known at the clock."
        )
    if len(rows.held.refs) > 1:
        context.note("The portfolio is set back to its weights each period, without costs.")
    indices = [ref.ticker for ref in (*rows.held.refs, *model.traded) if ref.asset_class == "index"]
    if indices:
        context.note(f"{', '.join(indices)}: levels of a price index, whose dividends are left out.")


ABOUT = """Excess returns are regressed on factor returns by least squares: r - rf = alpha + b' f + e. A loading says
how far the security moves with the factor, the others held still; alpha is what they leave, shown a year (times
periods a year, not compounded). R squared and residual volatility are of the whole range.

Standard errors come in two kinds: ordinary ones, which take residuals as unrelated and alike, and Newey and
West's (1987), which allow for changing variance and for correlation over some lags (Bartlett weights;
floor(4 (T / 100)^(2/9)) lags unless LAGS= says otherwise; scaled by n / (n - f - 1)). p-values are two-sided,
by Student's t.

Factors are those of Ken French's library: FF3 (MKTRF SMB HML; Fama and French 1993), FF3MOM with momentum
(Carhart 1997), FF5 (MKTRF SMB5 HML RMW CMA; 2015), FF5MOM, and CAPM with the market alone. AUTO takes the
richest model, and the finest frequency, that is known at the clock; where none is, the S&P 500 stands for the
market. The library is published about two months late: rows after the last known factor are left out, and the
page says how many. Its files tell the whole history anew each month; what is shown is the vintage known here.
FACTORS= takes any of them, or tickers, whose excess returns then are the factors (FACTORS=SPX,MTUM).

Several securities make a portfolio: alike, by WEIGHTS= or SHARES=, or one that PORT SAVE kept (PF=). It is set
back to its weights each period. Contributions to volatility are Euler's: loading x covariance of the factor with
the portfolio / volatility, and the residuals' share; they add up to the volatility of the range. Contributions to
the mean return add up to it with the risk-free rate. Both describe the range and forecast nothing.

CHAR shows a universe on the last day: size, book to market, profitability, investment, momentum 12-1, low
volatility and quality, from prices and from filings accepted by the clock. Tails are drawn in to TAIL and 1 - TAIL,
then scores are deviations from the day's mean (from the sector's with NEUTRAL=SECTOR), turned so that more is
better. IC takes the scores that prices alone make, day by day over the range, each on what was known that day, among
those that belonged to the index then: Spearman's correlation with the returns that followed, each put on the day on
which it became known, fifths formed at each month's end, and what the book turns over. No costs.

Rolling loadings use the windows' own returns only. What the page does not do: factors of other countries, costs,
and returns of securities whose history ended before the range."""

FUNCTIONS = (
    Function(
        "FACT",
        "factor loadings, alpha, and contributions to risk and return",
        run,
        arguments=(
            COMPARE,
            Argument("view", Kind.CHOICE, "loadings, a universe's characteristics, or what scores were worth",
                     "LOADINGS", choices={"LOADINGS": (), "CHAR": ("CHARACTERISTICS",), "IC": ()}),
            Argument("universe", Kind.TEXT, "of CHAR and IC: SP500, a watchlist, a file of tickers", None,
                     named_only=True),
            Argument("neutral", Kind.CHOICE, "of CHAR: scores within sectors", "NONE",
                     choices={"NONE": (), "SECTOR": ()}, named_only=True),
            Argument("tail", Kind.NUMBER, "of CHAR and IC: per cent of each tail that is drawn in", 1.0, minimum=0.0,
                     maximum=25, named_only=True, percent=True),
            Argument("model", Kind.CHOICE, "which factors; AUTO: the richest known at the clock", "AUTO",
                     choices={"AUTO": (), "CAPM": ("MARKET",), "FF3": (), "FF3MOM": ("CARHART", "FF4"), "FF5": (),
                              "FF5MOM": ("FF6",)}),
            Argument("factors", Kind.TEXT, "own factors parted by commas: MKTRF,SMB or tickers", None,
                     named_only=True),
            Argument("period", Kind.PERIOD, "range, counted back from the last date with every factor",
                     Period("Y", 10)),
            Argument("frequency", Kind.CHOICE, "returns of days, weeks or months; AUTO: the finest known", "AUTO",
                     choices={"AUTO": (), "DAILY": (), "WEEKLY": (), "MONTHLY": ()}),
            Argument("window", Kind.INTEGER, "returns of a rolling window; 0: 252 days, 104 weeks or 36 months", 0,
                     minimum=0, maximum=5000, named_only=True),
            Argument("lags", Kind.INTEGER, "lags of Newey-West's errors", None, minimum=0, maximum=250,
                     named_only=True),
            *HOLDINGS,
        ),
        aliases=("FACTORS",),
        security="optional",
        asset_classes=None,
        needs=needs,
        examples=(
            ("AAPL FACT", "loadings on the richest model known at the clock"),
            ("FACT AAPL MSFT WEIGHTS=60,40", "a portfolio: loadings by symbol, what each adds to risk and return"),
            ("JPM FACT FF3 MAX MONTHLY", "three factors, months, all there is"),
            ("JPM FACT FACTORS=SPX,VLUE,MTUM 5Y", "securities for factors"),
            ("FACT CHAR UNIVERSE=SP500 NEUTRAL=SECTOR", "the day's universe by size, value, momentum and the like"),
            ("FACT IC UNIVERSE=SP500 10Y", "what momentum and low volatility were worth, by horizon and by fifths"),
        ),
        about=ABOUT,
        order=52,
    ),
)  # fmt: skip
