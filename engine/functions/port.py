"""PORT: a portfolio at the clock: what it holds, what it earned and against what, where its risk lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from engine.errors import CommandError, DataError
from engine.function import Args, Argument, Function, Kind
from engine.functions._arguments import BENCHMARK, FREQUENCY
from engine.needs import Need, price_need
from engine.page import Column, Page, Panel, Table
from engine.period import Period
from engine.portfolios import HOLDINGS, NAME, Holdings, holdings, keep, kept, names
from engine.returns import Step, benchmark, returns_of, tell_indices

if TYPE_CHECKING:
    from engine.context import Context

_MOST_FETCHED = 40


def needs(context: Context, args: Args) -> Sequence[Need]:
    """Prices of the holdings and of the benchmark."""
    if args["list"] is not None or args["delete"]:
        return ()
    try:
        refs = kept(context, args["pf"].strip().lower())[0] if args["pf"] else context.securities
        wanted = (*refs[:_MOST_FETCHED], benchmark(context, args["benchmark"]))
    except DataError:
        return ()  # the run says so
    return [need for ref in wanted for need in price_need(context, ref, args["period"], before=10)]


def run(context: Context, args: Args) -> Page:
    if args["delete"]:
        return _deleted(context, args["delete"])
    if args["list"] is not None or not (context.securities or args["pf"]):
        return _listed(context)
    held = holdings(context, args)
    if args["save"]:
        _save(context, args, held)
    return _shown(context, args, held)


def _shown(context: Context, args: Args, held: Holdings) -> Page:
    from engine.functions import _port_factors as by_factor
    from engine.functions import _port_found as find
    from engine.functions import _port_panels as panels

    frequency = cast("Step", args["frequency"].lower())
    index = benchmark(context, args["benchmark"])
    returns = returns_of(context, [*held.refs, index], args["period"], frequency=frequency)
    if index.security_id not in {ref.security_id for ref in returns.refs}:
        raise DataError(
            f"{index.label}, the benchmark, has no prices at this clock: BENCHMARK= takes another."
        )
    found = find.measured(context, held, returns, index, args["rebalance"].lower())
    shown = [
        Panel("facts", f"{returns.base_date} to {returns.last}, {frequency}", panels.facts(found), 1),
        Panel("growth", panels.growth_title(found), panels.growth(found), 2, side=True),
        Panel("holdings", "holdings: a number shows the chart", panels.holdings_table(found), 2),
        Panel("map", "weights, coloured by return over the range", panels.treemap(found), 1, side=True),
        Panel("risk", "where the volatility comes from", panels.risk_bars(found), 1),
    ]
    against = find.attributed(context, args["against"], found)
    if against is not None:
        title = f"earned more than {against.title}: by {against.by}, linked over {against.spans}"
        shown.append(Panel("attribution", title, panels.attribution(against), 1, side=True))
        shown.append(
            Panel("steps", "from the benchmark's return to the portfolio's", panels.steps(against), 1)
        )
    parts = by_factor.factor_parts(context, found.held, args["period"])
    if parts is not None:
        shown.append(Panel("factors", by_factor.title(parts), by_factor.table(parts), 1))
    shown.append(
        Panel("assumptions", "assumptions: Tab goes to them, Enter applies", panels.form(args, found))
    )
    tell_indices(context, (index,), "the portfolio's returns")
    words = " ".join(ref.ticker for ref in held.refs[:8])
    context.note(f"FACT {words} shows loadings through time; RISK and STRESS say what it may lose.")
    return Page(f"Portfolio: {held.title}", tuple(shown), security=held.refs[0], securities=held.refs)


def _save(context: Context, args: Args, held: Holdings) -> None:
    name = args["save"].strip().lower()
    if not NAME.match(name):
        raise CommandError(
            "A portfolio's name has letters, digits, - and _, forty at most: SAVE=growth.", argument="save"
        )
    keep(context, name, held, shares=held.shares is not None)
    context.note(f"Kept as portfolio {name}: PORT PF={name} shows it at any clock.", passing=True)
    context.restate(held.refs, {**args, "save": None, "pf": None, **_numbers(held)})


def _numbers(held: Holdings) -> dict[str, str | None]:
    """The holdings as their command writes them."""
    written = ",".join(repr(float(each)) for each in (held.weights if held.shares is None else held.shares))
    return (
        {"weights": written, "shares": None} if held.shares is None else {"weights": None, "shares": written}
    )


def _deleted(context: Context, typed: str) -> Page:
    from engine.portfolios import KIND

    name = typed.strip().lower()
    if name not in names(context):
        there = ", ".join(names(context)) or "none is kept"
        raise CommandError(f"No portfolio is called {name}. There are: {there}.", argument="delete")
    context.desk.state.delete(KIND, name)
    context.note(f"Portfolio {name} is deleted.", passing=True)
    return _listed(context)


def _listed(context: Context) -> Page:
    """The portfolios kept, as they are at the clock."""
    from engine.frames import frame_of

    rows = []
    for name in names(context):
        try:
            refs, weights, shares = kept(context, name)
        except DataError as fault:
            rows.append({"name": name, "holds": str(fault), "count": 0, "by": "", "command": ""})
            continue
        tickers = ", ".join(ref.ticker for ref in refs[:8]) + (" ..." if len(refs) > 8 else "")
        by = "shares" if shares else "weights" if weights else "alike"
        rows.append(
            {"name": name, "count": len(refs), "holds": tickers, "by": by, "command": f"PORT PF={name}"}
        )
    context.restate((), {"list": "LIST", "delete": None})
    frame = frame_of(rows, name="text", count="integer", holds="text", by="text", command="text")
    table = Table(
        frame,
        (Column("name", "portfolio"), Column("count", "securities", "integer"), Column("by", "kept by"),
         Column("holds", "holds", least=20)),
        key=("name",), command="command",
        empty="No portfolio is kept. Type PORT AAPL MSFT WEIGHTS=60,40 SAVE=growth to keep one.",
    )  # fmt: skip
    return Page("Portfolios", (Panel("portfolios", "portfolios kept: a number shows one", table),))


ABOUT = """Securities with weights (WEIGHTS=60,40; alike where none are given) or positions (SHARES=100,50), or one
kept by SAVE=name and called by PF=name. Returns are total returns, adjusted for the splits and dividends
known at the clock, over the dates that all holdings and the benchmark share.

REBALANCE says when weights go back to what was asked: NEVER lets them drift from the first day. No costs
are charged. Positions are weighed by their last price as traded.

A holding's contribution to return is the sum over periods of its weight at the period's start times its
return, linked so that contributions add up to the whole return (Carino 1999). Its share of risk is Euler's:
weight times the derivative of volatility by it, over volatility; shares add up to one. Covariance is the
sample's.

AGAINST= names what Brinson's attribution is made against: EQUAL (the same securities alike) or a kept
portfolio. It is by sector where all sectors are known at the clock, else by security: allocation (Brinson
and Fachler 1985), selection and interaction (Brinson, Hood and Beebower 1986), linked over periods (Carino
1999).

By factor, monthly returns over the risk-free rate are regressed on the richest of the Fama-French models
that the clock knew for two years of these months; mean return and volatility are parted by exposure, and
add up.

Sharpe ratios are over the risk-free rate known at the clock, with a standard error that holds for returns
that cluster (Lo 2002; Newey and West 1987). Holdings are those asked for, all along: a portfolio chosen
today and measured on the past has been chosen with knowledge of it."""

FUNCTIONS = (
    Function(
        "PORT",
        "a portfolio: holdings, return and risk, contributions, attribution",
        run,
        (
            Argument("period", Kind.PERIOD, "range, counted back from the last date they share", Period("Y", 5)),
            *HOLDINGS,
            Argument(
                "rebalance", Kind.CHOICE, "when weights go back to what was asked", "MONTHLY",
                choices={"DAILY": ("ALWAYS",), "MONTHLY": (), "QUARTERLY": (), "YEARLY": (), "NEVER": ("HOLD",)},
                named_only=True,
            ),
            FREQUENCY,
            BENCHMARK,
            Argument(
                "against", Kind.TEXT, "EQUAL, or a kept portfolio: what the return is attributed against", "EQUAL",
                named_only=True,
            ),
            Argument("save", Kind.TEXT, "keep the portfolio under this name", None, named_only=True),
            Argument("delete", Kind.TEXT, "forget the portfolio of this name", None, named_only=True),
            Argument("list", Kind.CHOICE, "the portfolios kept", None, choices={"LIST": ()}),
            Argument("others", Kind.SECURITY, "further securities", (), many=True),
        ),
        security="optional",
        asset_classes=frozenset({"equity", "fund", "index", "currency", "crypto", "commodity", "future"}),
        examples=(
            ("PORT AAPL MSFT IBM", "three stocks alike"),
            ("PORT AAPL MSFT WEIGHTS=60,40 SAVE=growth", "with weights, kept under a name"),
            ("PORT JPM XOM GE SHARES=100,50,200 REBALANCE=NEVER", "positions, as they drift"),
            ("PORT LIST", "the portfolios kept"),
        ),
        about=ABOUT,
        needs=needs,
    ),
)  # fmt: skip
