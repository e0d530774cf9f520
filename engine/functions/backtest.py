"""BACKTEST: a strategy over the years as they were known day by day, and how far to believe it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.errors import DataError
from engine.figures import Form
from engine.function import Args, Function
from engine.functions._backtest_about import ABOUT, ARGUMENTS, EXAMPLES, PAGES
from engine.needs import Need, price_need
from engine.page import Page, Panel
from engine.returns import benchmark
from engine.runs.phrase import begins
from engine.runs.phrase_words import words

if TYPE_CHECKING:
    from engine.context import Context
    from engine.functions._backtest_found import Found
    from engine.page import SecurityRef
    from engine.rates import RiskFree
    from engine.runs.carry import Run
    from engine.runs.trials import Counted, Counting

_SHOWN = 12  # trades of the report
_SHORT = 63  # sessions below which figures a year say little


def needs(context: Context, args: Args) -> Sequence[Need]:
    """Prices of what is named and of its benchmark, over the range and the sessions in which the rules warm up."""
    from engine.runs.wanted import days_before

    refs = list(context.securities)
    with suppress(DataError):  # the page says so
        refs.append(benchmark(context, args["benchmark"]))
    before = days_before([args["strategy"]] if args["strategy"] else [])
    return [need for ref in refs for need in price_need(context, ref, args["period"], before=before)]


def run(context: Context, args: Args) -> Page:
    from engine.functions._backtest_found import rate_of, summed
    from engine.runs import asked as asking
    from engine.runs.carry import TOO_FEW, carried
    from engine.runs.rule_files import of_file, told_by_line

    refs = context.securities
    args, file = of_file(context, args)
    with told_by_line(file):
        asked = asking.ask(context, args, refs)
        if not asked.refs and not asked.universes:
            refs = asking.nothing_named(context)
            asked = asking.ask(context, args, refs)
    made = carried(context, asked)
    if len(made.market.dates) < 2:
        raise DataError(TOO_FEW)
    rate = rate_of(context, made)
    counting = _counted(context, args, made, rate)
    benchmark = _against(context, args)

    def told(counted: Counted) -> tuple[Panel, ...]:
        _restate(context, args, made, counted)
        return tuple(_panels(context, args, summed(context, made, benchmark, rate, counted)))

    for text, level in made.notes:
        context.note(text, level)  # type: ignore[arg-type]
    if len(made.market.dates) < _SHORT:
        context.note(
            f"{len(made.market.dates)} sessions: what is told a year is scaled up from less than a quarter.",
            "warning",
        )
    _tell(context, made)
    panels = told(counting.expected)
    entered = counting.entered()
    if entered != counting.expected:  # somebody counted at the same moment
        panels = told(entered)
    return Page(_title(made), panels, security=refs[0] if refs else None)


def _against(context: Context, args: Args) -> SecurityRef | None:
    try:
        return benchmark(context, args["benchmark"])
    except DataError as fault:
        context.note(str(fault), "warning")
        return None


def _counted(context: Context, args: Args, made: Run, rate: RiskFree) -> Counting:
    """What the line says of this run's trials; else the book's count, in which this run is entered."""
    from engine.runs import trials

    asked, result = made.asked, made.outcome.result
    name = repr((asked.text, asked.spec, str(asked.period), *asked.more))
    if (found := trials.told(args["trials"], name)) is not None:
        return trials.Counting(found, lambda: found)
    key = trials.data_key(tuple(ref.security_id for ref in asked.refs), asked.universes)
    excess = trials.judged_by(result, rate.values)
    counting, of = trials.counting(context, key, {name: excess}, made.step), trials.mark(name)
    return trials.Counting(replace(counting.expected, of=of), lambda: replace(counting.entered(), of=of))


def _restate(context: Context, args: Args, made: Run, counted: Counted) -> None:
    """The command with the strategy as it was read, the source as it was and the trials as they were counted."""
    asked, changed = made.asked, {"trials": str(counted), "compare": ()}
    if asked.scores is not None:
        changed["scores"] = asked.scores.digest
    if asked.kind == "code":
        from engine.backtest.inputs import Code
        from engine.runs.code import keep

        if isinstance(asked.spec.strategy, Code):
            changed["code"] = keep(context, asked.spec.strategy)
    context.restate(asked.refs, {**args, **changed})


def _title(made: Run) -> str:
    asked = made.asked
    if asked.refs:
        names = ", ".join(ref.ticker for ref in asked.refs[:4])
        names += f" and {len(asked.refs) - 4} more" if len(asked.refs) > 4 else ""
    else:
        names = ", ".join(word.upper() for word, _ in asked.universes)
    return f"Backtest  {names}  {made.first} to {made.last}"


def _tell(context: Context, made: Run) -> None:
    """What happened that a reader must know of, in one note: delistings, margin calls, cut orders."""
    from engine.functions._backtest_inputs import happened

    if told := happened(made.outcome.result.events):
        grave = any(event.kind in ("ruin", "liquidation") for event in made.outcome.result.events)
        context.note(f"On the way: {told}. PAGE=INPUTS lists them.", "warning" if grave else "info")


def _panels(context: Context, args: Args, found: Found) -> list[Panel]:
    match args["page"]:
        case "TRADES":
            return _trades(context, args, found)
        case "ATTRIBUTION":
            return _attribution(context, args, found)
        case "HONESTY":
            return _honesty(context, args, found)
        case "INPUTS":
            return _inputs(context, args, found)
    return _report(context, args, found)


def _report(context: Context, args: Args, found: Found) -> list[Panel]:
    from engine.functions import _backtest_report as report
    from engine.functions import _backtest_tables as tables
    from engine.functions._backtest_exposed import titles
    from engine.functions._backtest_headline import headline
    from engine.functions._backtest_universe import universe

    held_title, traded_title = titles(found)
    window = min(252, max(20, len(found.returns) // 3))
    held = found.run.outcome.result.trades
    panels = [
        Panel("headline", found.run.asked.text, headline(found), 2),
        Panel("universe", "who could be chosen", universe(found), 1),
        Panel("equity", _equity_title(found), report.equity(found), 3),
        Panel("drawdown", "below the highest before, %", report.drawdown(found), 2),
    ]
    timeline = report.timeline(found)
    if timeline is not None and found.states is not None:
        panels.append(
            Panel(
                "regimes", f"equity over the market's states, by volatility of {found.states.of}", timeline, 2
            )
        )
        panels.append(
            Panel("underwater", "drawdown over the market's states, %", report.underwater(found), 2)
        )
    panels += [
        Panel("months", "returns of months, %", report.months(found), 2),
        Panel("rolling", f"Sharpe ratio of the last {window} sessions", report.rolling(found, window), 2),
        Panel("exposure", held_title, report.exposure(found), 1),
        Panel("turnover", traded_title, report.turnover(found), 1, side=True),
        Panel("trades", _trades_title(len(held)), tables.trades(context, found, _SHOWN), 2),
        Panel("drawdowns", "the deepest drawdowns", tables.drawdowns(found), 1),
        Panel("tails", "returns: shape and tails", tables.tails(found), 1, side=True),
        Panel("costs", "what it cost", tables.costs(found), 1),
        *_form(args, found),
    ]
    return panels


def _equity_title(found: Found) -> str:
    result = found.run.outcome.result
    currency = found.run.currency
    return f"{result.capital:,.0f} became {result.equity[-1]:,.2f} {currency}".rstrip()


def _trades_title(count: int) -> str:
    if count <= _SHOWN:
        return _all_trades(count)
    return f"the last {_SHOWN} of {count:,} trades; PAGE=TRADES lists all, choosing one opens its chart"


def _all_trades(count: int) -> str:
    if not count:
        return "no trades"
    return f"{count:,} {'trade' if count == 1 else 'trades'}, newest first; choosing one opens its chart"


def _trades(context: Context, args: Args, found: Found) -> list[Panel]:
    from engine.functions import _backtest_figures as figures
    from engine.functions import _backtest_tables as tables

    count = len(found.run.outcome.result.trades)
    panels = [Panel("trades", _all_trades(count), tables.trades(context, found), 4)]
    if count:
        panels.append(
            Panel(
                "excursions",
                "how far trades went against and how they ended",
                figures.excursions(context, found),
                3,
            )
        )
        panels.append(Panel("spread", "how many trades ended where", figures.spread(found), 2, side=True))
    return [*panels, *_form(args, found)]


def _attribution(context: Context, args: Args, found: Found) -> list[Panel]:
    from engine.functions import _backtest_factors as factors
    from engine.functions import _backtest_who as who

    panels = [
        Panel(
            "symbols",
            "by symbol: what its trades made",
            who.by_symbol(found, factors.traded(found), "symbol"),
            3,
        )
    ]
    sectors = factors.sectors(context, found)
    if sectors is not None:
        panels.append(
            Panel(
                "sectors",
                "by sector at the entry; the first that was told where that came later",
                who.by_symbol(found, sectors, "sector"),
                2,
            )
        )
    by_state = who.by_state(found)
    if by_state is not None:
        panels.append(Panel("states", "by state of the market, told at the close before", by_state, 1))
    explained = factors.explained(context, found) if found.traded else None
    if explained is not None:
        title, table = explained
        panels.append(Panel("factors", title, table, 2))
    elif found.traded:
        context.note(
            "No factor returns are known for two years of these months: there is no attribution to factors."
        )
    panels.append(Panel("years", "by year, %", who.by_year(found), 2))
    return [*panels, *_form(args, found)]


def _honesty(context: Context, args: Args, found: Found) -> list[Panel]:
    from engine.functions import _backtest_honesty as honest

    return [*honest.panels(context, found, args["seed"]), *_form(args, found)]


def _inputs(context: Context, args: Args, found: Found) -> list[Panel]:
    from engine.functions import _backtest_inputs as inputs
    from engine.functions._backtest_proof import proof

    panels = [
        Panel("times", "when decisions are made, and what they get", inputs.times(found), 2),
        Panel("facts", "what was read", inputs.facts(found), 3),
    ]
    panels += [
        Panel(
            "proof", "the future altered: decisions proved by trial", proof(context, found, args["seed"]), 1
        ),
        Panel("reads", "every read on record", inputs.reads(context), 2),
        Panel("events", "what happened on the way", inputs.events(found), 2),
    ]
    return [*panels, *_form(args, found)]


def _form(args: Args, found: Found) -> list[Panel]:
    from engine.functions._backtest_form import fields

    form = Form(fields(args, found, tuple(PAGES)))
    return [Panel("assumptions", "assumptions: Tab goes to them, Enter applies", form)]


FUNCTIONS = (
    Function(
        "BACKTEST",
        "a strategy over the years, as they were known day by day",
        run,
        arguments=ARGUMENTS,
        aliases=("BT", "EQBT"),
        examples=EXAMPLES,
        about=ABOUT,
        order=420,
        needs=needs,
        phrase=("strategy", begins),
        phrase_words=words,
        proof=("page", "INPUTS", ("times", "proof", "facts", "events")),
    ),
)
