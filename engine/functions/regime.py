"""REGIME: the states a market has gone through, the one it is in, and what each of them earned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from engine.errors import Cancelled, CommandError, DataError
from engine.figures import Field, Form
from engine.function import Args, Argument, Function, Kind
from engine.functions._arguments import FREQUENCY
from engine.needs import Need, price_need
from engine.page import Page, Panel
from engine.period import Period
from engine.returns import Step, benchmark, returns_of

if TYPE_CHECKING:
    from engine.context import Context
    from engine.functions._regime_found import Regimes
    from engine.returns import Returns

_ASSUMED = {"HMM", "MARKOV"}
_LEAST = {"daily": 504, "weekly": 156, "monthly": 96}  # periods before the first walked-forward model


def needs(context: Context, args: Args) -> Sequence[Need]:
    """The prices of the range."""
    ref = context.securities[0] if context.securities else benchmark(context, None)
    return price_need(context, ref, args["period"], before=10)


def run(context: Context, args: Args) -> Page:
    ref = context.securities[0] if context.securities else benchmark(context, None)
    context.restate((ref,), args)
    frequency = cast("Step", args["frequency"].lower())
    returns = returns_of(context, [ref], args["period"], frequency=frequency, least=60)
    try:
        found = _found(context, args, returns)
    except ValueError as fault:
        context.check_cancelled()  # a search that was stopped has found nothing
        raise DataError(f"{ref.label}, {len(returns.dates)} {frequency} returns: {fault}.") from fault
    if context.cancelled():
        raise Cancelled("Cancelled.")
    from engine.functions import _regime_panels as panels

    shown: list[Panel] = [
        Panel("now", f"on {returns.last}", panels.now(found, returns), 1),
        Panel("regimes", panels.chart_title(found, returns), panels.timeline(found, returns), 3, side=True),
        Panel("performance", panels.performance_title(found), panels.performance(context, found, returns), 2),
    ]
    if found.transition is not None:
        title = "what follows a state, by the model: rows today, columns the next period"
        if found.counted:
            title = "what followed a state: rows today, columns the next period"
        shown.append(Panel("transitions", title, panels.transitions(found), 1, side=True))
    if found.segments:
        shown.append(Panel("segments", "segments, newest first", panels.segments(found, returns), 2))
    shown.append(
        Panel(
            "assumptions",
            "assumptions: Tab goes to them, Enter applies",
            _form(args, found, f"{returns.base_date} to {returns.last}"),
        )
    )
    for sentence in (*found.told, *panels.short_lived(found)):
        context.note(sentence)
    return Page(f"{ref.label}  {ref.name}  regimes", tuple(shown), security=ref)


def _found(context: Context, args: Args, returns: Returns) -> Regimes:
    from engine.functions import _regime_found as find

    method, how = args["method"], args["probability"]
    if method not in _ASSUMED and how == "SMOOTHED":
        raise CommandError(
            f"SMOOTHED is of HMM and MARKOV: {method} tells each day by the days up to it.",
            argument="probability",
        )
    if how == "WALK" and method != "HMM":
        raise CommandError("WALK is of METHOD=HMM.", argument="probability")
    if method in ("MARKOV", "EWMA") and args["states"] == 1:
        raise CommandError(
            f"{method} tells states apart: it takes two to four of them. STATES=0 takes the usual number.",
            argument="states", suggestions=("STATES=2",),
        )  # fmt: skip
    match method:
        case "HMM":
            least = _LEAST[returns.step]
            return find.hidden_markov(context, returns, args["states"], how, args["seed"], least)
        case "MARKOV":
            return find.markov(context, returns, args["states"] or 2, how, args["seed"])
        case "EWMA":
            return find.by_volatility(returns, args["states"] or 3, args["decay"])
    return find.by_breaks(returns, args["penalty"])


def _form(args: Args, found: Regimes, span: str) -> Form:
    method = args["method"]
    fields = [
        Field("method", "method", method, method, choices=("HMM", "MARKOV", "EWMA", "BREAKS"),
              help="hidden Markov model, Markov switching, volatility, or change points"),
        Field("period", "range", str(args["period"]), span, help="5Y, 1M, MAX, or two dates"),
        Field("frequency", "returns", args["frequency"], args["frequency"].lower(),
              choices=("DAILY", "WEEKLY", "MONTHLY"), help="of which periods"),
    ]  # fmt: skip
    if method != "BREAKS":
        basis = "" if args["states"] else "lowest BIC" if method == "HMM" else "default"
        fields.append(
            Field("states", "states", str(args["states"]), str(len(found.names)), basis=basis,
                  given=bool(args["states"]), help="2 to 4 (HMM also 1); 0 chooses")
        )  # fmt: skip
    if method in _ASSUMED:
        choices = ("FILTERED", "WALK", "SMOOTHED") if method == "HMM" else ("FILTERED", "SMOOTHED")
        how = args["probability"]
        fields += [
            Field("probability", "probabilities", how, how.lower(), choices=choices,
                  help="FILTERED: days up to each; WALK: parameters too; SMOOTHED: the whole sample"),
            Field("seed", "seed", str(args["seed"]), str(args["seed"]), help="of the random starts"),
        ]  # fmt: skip
    if method == "EWMA":
        fields.append(
            Field(
                "decay", "decay", repr(args["decay"]), f"{args['decay']:g}", help="lambda of the volatility"
            )
        )
    if method == "BREAKS":
        penalty = args["penalty"]
        fields.append(
            Field("penalty", "penalty", repr(penalty), f"{penalty:g}" if penalty else "3 log n", given=bool(penalty),
                  basis="" if penalty else "modified BIC", help="a change must lower the cost by as much")
        )  # fmt: skip
    return Form(tuple(fields))


ABOUT = """A regime is a stretch of time in which returns behave alike. Four ways to tell them:

HMM: a Gaussian hidden Markov model, fitted by expectation-maximisation from many starts (short runs, the
likeliest run to the end). STATES=0 takes the number with the lowest BIC, up to four. States are ordered by
volatility and named by it and by the sign of their mean (flat: within one standard error of zero), so that a
new fit does not swap labels.

MARKOV: Hamilton's (1989) switching mean and variance by maximum likelihood, from many starts.

EWMA: exponentially weighted volatility (RiskMetrics 1996) against the quantiles of its own past: no model, no
fit.

BREAKS: change points of mean and variance (PELT, Killick, Fearnhead and Eckley 2012) of the whole range, beside
the probability, told day by day, that a change lies within the last 20 periods (Adams and MacKay 2007).

FILTERED probabilities of a day use the returns up to that day, with parameters fitted on all that was known
at the clock. WALK also refits the parameters on the past only, every so often, and takes the number of states
from the first returns alone: what could have been told on each day, and what a backtest may use. SMOOTHED ones
use later days too, and describe; nothing could have been traded on them.

Performance gives each return to the state of the period before (lag one). Of WALK and EWMA that state was known
when the return began; of FILTERED its parameters were not yet. Smoothed states, which nobody knew, are held
against their own period. Sharpe ratios are of returns over the risk-free rate known
at the clock."""

FUNCTIONS = (
    Function(
        "REGIME",
        "market regimes: hidden Markov, Markov switching, volatility, change points",
        run,
        (
            Argument(
                "method", Kind.CHOICE, "how regimes are told", "HMM",
                choices={"HMM": (), "MARKOV": (), "EWMA": ("VOLATILITY",), "BREAKS": ("CHANGEPOINTS",)},
            ),
            Argument("period", Kind.PERIOD, "range, counted back from the last session known", Period("Y", 10)),
            FREQUENCY,
            Argument(
                "probability", Kind.CHOICE, "what each day's probabilities may use", "FILTERED",
                choices={"FILTERED": (), "WALK": ("WALKFORWARD",), "SMOOTHED": ()},
            ),
            Argument(
                "states", Kind.INTEGER, "number of states; 0 chooses by BIC (HMM), or the usual", 0,
                minimum=0, maximum=4, named_only=True,
            ),
            Argument(
                "decay", Kind.NUMBER, "lambda of EWMA volatility", 0.94, minimum=0.5, maximum=0.999, named_only=True
            ),
            Argument(
                "penalty", Kind.NUMBER, "what a change point must gain; 0 is 3 log n", 0.0, minimum=0, maximum=1000,
                named_only=True,
            ),
            Argument("seed", Kind.INTEGER, "of the random starts", 0, minimum=0, maximum=1_000_000, named_only=True),
        ),
        security="optional",
        asset_classes=frozenset({"equity", "fund", "index", "currency", "crypto", "commodity", "future"}),
        examples=(
            ("SPX REGIME", "states of the S&P 500 over ten years"),
            ("REGIME SPX WALK STATES=2", "two states, as they could have been told day by day"),
            ("AAPL REGIME EWMA", "by volatility against its own past"),
            ("SPX REGIME BREAKS MAX", "change points"),
        ),
        about=ABOUT,
        needs=needs,
    ),
)  # fmt: skip
