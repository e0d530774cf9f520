"""GP: the price chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from engine.function import Args, Argument, Function, Kind
from engine.functions import _gp_marks
from engine.functions._arguments import ADJUST, COMPARE, PERIOD, SERIES
from engine.functions._compare import SCALE, comparison
from engine.functions._gp_overlays import bars_before, drawn
from engine.functions._gp_rolls import ROLLS, roll_events, rolling_of
from engine.functions._lines import every, in_bars, line
from engine.history import Adjust, History, read_history
from engine.needs import Need, price_need
from engine.page import Candles, Event, Figure, Lines, Page, Panel
from engine.shares import describe_action, shares_since

if TYPE_CHECKING:
    import polars as pl

    from engine.context import Context


def run(context: Context, args: Args) -> Page:
    adjust = cast("Adjust", args["adjust"].lower())
    histories, rolling = [], rolling_of(context, args)
    for at, ref in enumerate(context.securities):
        context.check_cancelled()
        context.progress(at, len(context.securities), ref.ticker)
        histories.append(read_history(context, ref, adjust, args["series"], rolling=rolling))
    if len(histories) > 1:
        if args["mark"]:
            context.note("Marks are drawn on one security's chart, not on a comparison.")
        return comparison(context, histories, args)
    return _single(context, histories[0], args)


def _single(context: Context, history: History, args: Args) -> Page:
    import polars as pl

    period, interval = args["period"], args["interval"]
    shown = history.charted(period)
    if shown.is_empty():
        raise history.nothing_in(period)
    first, last = shown["session_date"][0], shown["session_date"][-1]
    visible = in_bars(history, shown, interval, history.base(period))
    # a last bar that the range cuts short has no closes after the range in its averages either
    whole = in_bars(history, history.frame.filter(pl.col("session_date") <= last), interval)
    overlays, panes = drawn(context, history, whole, visible, args["overlays"])
    marks = _gp_marks.parsed(args["mark"])
    events = _events(context, history, shown)
    if marks:
        marked = _gp_marks.events(history, marks, shown)
        events = tuple(sorted((*events, *marked), key=lambda event: event.date))
    figure: Figure
    if args["style"] == "LINE" or history.shape != "bars":
        main = line(history, visible, history.ref.ticker)
        scale = SCALE[args["scale"]]
        if history.rate and scale == "log":
            scale = "linear"
            context.note("A rate or factor may be zero or below: its axis is linear.")
        figure = Lines((main, *overlays), history.unit, history.decimals, scale, events)
    else:
        figure = Candles(
            visible,
            history.ref.ticker,
            history.unit,
            history.decimals,
            SCALE[args["scale"]],
            overlays,
            events,
            history.source("close"),
            history.formula,
        )
    title = f"{every(history, interval)}, {first} to {last}, {history.told}"
    return Page(
        f"{history.ref.label}  {history.ref.name}",
        (Panel("price", title, figure, 2), *_gp_marks.panel(history, marks), *panes),
    )


def _events(context: Context, history: History, shown: pl.DataFrame) -> tuple[Event, ...]:
    """Splits and dividends of the range, amounts in the chart's own shares; of a future its rolls."""
    if history.rolling is not None:
        return roll_events(shown)
    if history.ref.asset_class not in ("equity", "fund"):
        return ()
    first, last = shown["session_date"][0], shown["session_date"][-1]
    actions = context.reader.actions([history.ref.security_id], first, upcoming=False)
    scaled = history.shape == "bars" and history.adjust != "none"
    return tuple(
        Event(
            row["ex_date"],
            row["kind"],
            describe_action(row, shares_since(actions, row["ex_date"]) if scaled else 1.0),
        )
        for row in actions.filter(actions["ex_date"] <= last).sort("ex_date").iter_rows(named=True)
    )


_DAYS = {"D": 1.5, "W": 7.5, "M": 31.0}  # calendar days a bar, for the bars before that an average needs


def needs(context: Context, args: Args) -> tuple[Need, ...]:
    """The range, and before it what the longest average and the first change look back on."""
    before = 31 + round(bars_before(args["overlays"]) * _DAYS[args["interval"]])
    return tuple(
        need for ref in context.securities for need in price_need(context, ref, args["period"], before)
    )


FUNCTIONS = (
    Function(
        "GP",
        "price chart, alone or compared",
        run,
        arguments=(
            PERIOD,
            Argument(
                "interval",
                Kind.CHOICE,
                "one bar a day, week or month",
                "D",
                choices={"D": ("DAILY",), "W": ("WEEKLY",), "M": ("MONTHLY",)},
            ),
            Argument(
                "scale",
                Kind.CHOICE,
                "price axis",
                "LINEAR",
                choices={"LINEAR": ("LIN",), "LOG": ("LOGARITHMIC",)},
            ),
            ADJUST,
            Argument(
                "style",
                Kind.CHOICE,
                "candles, or a line of closes",
                "CANDLES",
                choices={"CANDLES": ("CANDLE", "OHLC"), "LINE": ("LINES",)},
            ),
            SERIES,
            Argument(
                "overlays",
                Kind.OVERLAY,
                "indicators: averages and bands over prices, others below",
                (),
                many=True,
            ),
            COMPARE,
            Argument(
                "mark",
                Kind.TEXT,
                "marks on the chart: date, LONG, SHORT or EXIT, price as traded, of what; several with ; between",
                None,
                named_only=True,
            ),
            *ROLLS,
        ),
        aliases=("CHART",),
        security="required",
        examples=(
            ("AAPL GP 5Y", "five years of Apple, split-adjusted with what was known at the clock"),
            ("GP AAPL 2008-01-01 2009-06-30 W LOG", "two dates, weekly bars, logarithmic axis"),
            ("AAPL GP 1Y 50SMA 200SMA", "with two moving averages"),
            ("AAPL GP 1Y 20KC 14RSI MACD", "with Keltner channels, and two indicators below"),
            ("GP AAPL MSFT IBM 5Y", "compared, each 100 at the first common session"),
            ("AAPL GP 2000-03-01 2001-03-01 RAW", "as traded: the split of June 2000 shows"),
            (
                'AAPL GP 2000-03-01 2001-03-01 MARK="2000-03-22 LONG 144.19; 2000-09-01 EXIT 63.44"',
                "a trade marked, at its prices as traded and as drawn",
            ),
        ),
        about=(
            "Ranges are counted back from the last session known at the clock, not from today. Prices are stored "
            "as traded; adjustment is computed as of the clock from the splits (and, with TOTAL, dividends) known "
            "and ex by then, so a later split never bends an earlier chart. Where the store holds closes only, "
            "the chart is a line: no open, high or low is invented. Indicators are computed over the whole "
            "history, so that a short range starts with a full average; those in the price's unit are drawn over the "
            "prices, others in panes below (FLDS says more of each, with its settings). A counted range (1Y) "
            "begins with the close that its change is measured from: the same day a year before, or the session "
            "before that day; in weekly and monthly charts that session stands alone. Compared securities are "
            "each 100 at the first common session: prices with prices, total returns with total returns. Rates "
            "and factors are never rebased. A future is drawn as the contract to hold on each session, left by "
            "ROLL= and ROLLDAYS= as a backtest leaves it (by the calendar, five sessions before its end, unless "
            "said); at each roll (R) the step between the two contracts' closes, by JOIN= their ratio or "
            "difference, is taken off what lies before, as of the clock, so that the newest contract stands as it "
            "trades; RAW draws contracts as traded, steps and all. Choosing a trade of a backtest opens this page "
            "with the trade marked (MARK=): arrows at its entry and exit, and its prices as traded and as drawn, "
            "which differ where a split or a roll lies between; of an option its underlying is drawn and the "
            "premium told."
        ),
        order=10,
        needs=needs,
    ),
)
