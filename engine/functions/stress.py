"""STRESS: bad times replayed, shocks carried over, correlations shifted, options revalued, and what loses 20%."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.errors import DataError
from engine.figures import Field, Form
from engine.function import Args, Argument, Function, Kind
from engine.functions import _stress_episodes as episodes
from engine.functions import _stress_options as options
from engine.functions import _stress_shocks as tables
from engine.functions._arguments import BENCHMARK, COVARIANCE, FREQUENCY
from engine.functions._stress_joint import Joint, Shock, joint, shocks
from engine.needs import Need, price_need
from engine.page import Page, Panel, SecurityRef
from engine.period import Period
from engine.portfolios import HOLDINGS, Holdings, holdings
from engine.returns import benchmark

if TYPE_CHECKING:
    from engine.context import Context


_AS_TYPED = ("shock", "legs", "benchmark")


def run(context: Context, args: Args) -> Page:
    asked, legs = shocks(context, args["shock"]), options.typed(context, args["legs"])
    held = holdings(context, args)
    market = _benchmark(context, args)
    context.progress(0, 4, "covariance")
    known = joint(context, held.refs, (*(s.ref for s in asked), *(leg.ref for leg in legs)), args)
    held = _kept(held, known)
    panels: list[Panel] = []
    if args["corr"]:
        panels, known = _shift(held, known, args["corr"])
    context.check_cancelled()
    context.progress(1, 4, "shocks")
    returns = None
    if asked:
        shown, returns = tables.shocked(context, held, known, asked, args["horizon"])
        panels = [*shown, *panels]
    if legs:
        context.progress(2, 4, "options")
        panels += _options(context, args, held, known, legs, returns)
    context.progress(3, 4, "episodes")
    panels += episodes.panels(context, held, market, _replayed(context, held, market, args))
    panels.append(tables.reversed_(held, known, args["reverse"] / 100, args["horizon"]))
    panels.append(Panel("assumptions", "assumptions: Tab goes to them, Enter applies", _form(args, known)))
    _tell(context, held, asked)
    return Page(f"Stress of {held.title}", tuple(panels), securities=held.refs)


def _kept(held: Holdings, known: Joint) -> Holdings:
    """Holdings whose returns are known, in the matrix's order."""
    present = {ref.security_id for ref in known.refs}
    return held.only([ref for ref in held.refs if ref.security_id in present])


def _benchmark(context: Context, args: Args) -> SecurityRef | None:
    """What stands in for the market in an episode; without it, holdings alone tell of one another."""
    found = None
    try:
        found = benchmark(context, None if args["benchmark"] == "SPX" else args["benchmark"])
    except DataError as fault:
        if args["benchmark"] != "SPX":
            raise
        context.note(str(fault))
    return found


def _replayed(context: Context, held: Holdings, market: SecurityRef | None, args: Args) -> Joint:
    """The covariance of daily log returns that fills an episode's gaps, benchmark included."""
    daily: dict[str, Any] = {**args, "frequency": "DAILY"}
    return joint(context, held.refs, () if market is None else (market,), daily, logs=True)


def _shift(held: Holdings, known: Joint, shift: float) -> tuple[list[Panel], Joint]:
    from engine.quant.risk import shift_correlations

    try:
        found = shift_correlations(known.covariance, shift)
    except ValueError as fault:
        raise DataError(f"Correlations cannot be shifted: {fault}.") from fault
    return tables.shifted(held, known, shift, found), replace(known, covariance=found.covariance)


def _options(
    context: Context,
    args: Args,
    held: Holdings,
    known: Joint,
    legs: tuple[options.Leg, ...],
    returns: Any | None,
) -> list[Panel]:
    from engine.quant.risk import VolatilityShock

    if held.shares is None:
        context.note("The book is its options alone: SHARES= adds the stock to it.")
    book = options.book(context, held, known, legs, args["rate"] / 100)
    shock = VolatilityShock(args["vol"] / 100, args["skew"] / 100, args["term"] / 100)
    return options.panels(book, shock, returns, args["reverse"] / 100, args["horizon"], args["seed"])


def _tell(context: Context, held: Holdings, asked: tuple[Shock, ...]) -> None:
    weights = ", ".join(
        f"{ref.ticker} {w:.1%}" for ref, w in zip(held.refs[:8], held.weights[:8], strict=True)
    )
    context.note(f"Weights {weights}{' ...' if len(held.refs) > 8 else ''}.")
    if not asked:
        context.note('SHOCK="SPX=-20%" carries a shock over to the others; CORR=0.3 shifts correlations.')


def _form(args: Args, known: Joint) -> Form:
    def field(name: str, label: str, group: str, unit: str = "", choices: tuple[str, ...] = ()) -> Field:
        text = (
            ""
            if args[name] is None
            else f"{args[name]:g}"
            if isinstance(args[name], float)
            else str(args[name])
        )
        shown = (text if name in _AS_TYPED else text.lower()) or "none"
        return Field(name, label, text, shown, unit, group=group, choices=choices)

    return Form((
        field("shock", "shocks", "shock"),
        field("horizon", "horizon", "shock", "days"),
        field("corr", "correlations plus", "shock"),
        field("reverse", "a loss of", "reverse", "%"),
        replace(field("period", "range", "covariance"), shown=known.span),
        field("frequency", "returns", "covariance", choices=tuple(FREQUENCY.choices or ())),
        field("covariance", "covariance", "covariance", choices=tuple(COVARIANCE.choices or ())),
        field("benchmark", "benchmark", "covariance"),
        field("legs", "option legs", "options"),
        field("vol", "volatilities plus", "options", "points"),
        field("skew", "skew", "options", "points"),
        field("term", "term", "options", "points"),
        field("rate", "rate", "options", "%"),
    ))  # fmt: skip


def needs(context: Context, args: Args) -> tuple[Need, ...]:
    """As far back as there is: episodes reach to 1987."""
    return tuple(need for ref in context.securities for need in price_need(context, ref, Period("MAX")))


def _number(name: str, help_: str, default: float, low: float, high: float) -> Argument:
    percent = name in ("reverse", "vol", "rate")
    return Argument(
        name, Kind.NUMBER, help_, default, minimum=low, maximum=high, named_only=True, percent=percent
    )


FUNCTIONS = (
    Function(
        "STRESS",
        "bad times replayed, shocks carried over, correlations shifted, options revalued, what loses 20%",
        run,
        arguments=(
            Argument("period", Kind.PERIOD, "returns that the covariance is estimated from", Period("Y", 5)),
            FREQUENCY,
            COVARIANCE,
            Argument(
                "shock", Kind.TEXT, "what moves and by how much: SPX=-20%, AAPL=-10%", None, named_only=True
            ),
            Argument(
                "horizon",
                Kind.INTEGER,
                "days that a shock takes",
                21,
                minimum=1,
                maximum=252,
                named_only=True,
            ),
            _number("corr", "added to every correlation", 0.0, -1, 1),
            _number("reverse", "the loss to look for, percent", 20.0, 0.1, 100),
            Argument("legs", Kind.TEXT, "options: AAPL 120 C 2026-12-18 x10 @35%", None, named_only=True),
            _number("vol", "points added to every implied volatility", 0.0, -100, 300),
            _number("skew", "points a unit of ln(strike / spot) / sqrt(years)", 0.0, -200, 200),
            _number("term", "points that one month gains, fading with the root of time", 0.0, -200, 200),
            _number("rate", "interest rate of the options, percent a year, continuous", 0.0, -10, 50),
            Argument(
                "seed", Kind.INTEGER, "seed of the search", 0, minimum=0, maximum=2**31 - 1, named_only=True
            ),
            BENCHMARK,
            *HOLDINGS,
            Argument("others", Kind.SECURITY, "further securities of the portfolio", (), many=True),
        ),
        security="optional",
        examples=(
            ("STRESS AAPL MSFT IBM", "bad times replayed, and what loses 20%"),
            ('STRESS JPM XOM WEIGHTS=60,40 SHOCK="SPX=-20%"', "a fall of the index carried over"),
            ("STRESS JPM XOM PG CORR=0.3 REVERSE=10", "correlations up, and the likeliest way to lose 10%"),
            (
                'STRESS AAPL SHARES=1000 LEGS="AAPL 120 P 2026-12-18 x10" VOL=10',
                "a hedged position, volatilities up",
            ),
        ),
        about=(
            "Everything rests on what was known at the clock: an episode is shown once it was over (that its "
            "last day was the low was clear only later), and the covariance is of returns until then.\n\n"
            "Episodes: dated windows, from the S&P 500's peak (or the close before the event) to its low; why "
            "and by whom so dated stands behind each row (WHY). Weights are bought at the first close and "
            "held. A holding that did not trade then is estimated: the expectation of its log return given "
            "those of the benchmark and of the holdings that did, jointly normal with today's daily covariance "
            "times the days of the window; it is marked, and its deviation told. Betas of today are taken for "
            "those of then.\n\n"
            "Shocks: what is not shocked moves by its conditional expectation Sba Saa^-1 s (Kupiec 1998), not "
            "by a multiple of its own; +/- is the deviation that the shocks leave, sqrt of Sbb - Sba Saa^-1 "
            "Sab. The shocks' Mahalanobis distance says how far they are from usual. Factors of the library "
            "(SMB=-5%) may be shocked where their returns are known: FREQUENCY=MONTHLY for monthly ones. Rates "
            "have no returns and are not shocked.\n\n"
            "Correlations: every one plus CORR, within -1 and 1, then the nearest positive semi-definite "
            "matrix (Higham 2002); volatilities stay. Shocks and the reverse stress then use it.\n\n"
            "Reverse stress: of all returns that lose REVERSE percent the likeliest, nearest in Mahalanobis "
            "distance: -loss S w / (w' S w). A book of options bends, so that a search finds the nearest "
            "(SLSQP from several starts by SEED).\n\n"
            "Options: each leg, contracts of 100, is revalued by Black, Scholes and Merton as European and "
            "without dividends, at once, strikes keeping their volatility plus VOL + SKEW ln(K/S)/sqrt(T) + "
            "TERM sqrt(1/12/T) points. Its volatility is the newest quote's of a week, else as typed after @, "
            "else realised (told).\n\n"
            "What it does not do: normal conditions say too little of tails and nothing of liquidity; American "
            "exercise and dividends of legs are left out."
        ),
        order=61,
        needs=needs,
    ),
)
