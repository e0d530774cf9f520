"""GP: the price chart."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from engine.function import Args, Argument, Function, Kind
from engine.functions._arguments import ADJUST, COMPARE, PERIOD, SERIES
from engine.history import ADJUSTMENTS, Adjust, History, read_history
from engine.page import Candles, Event, Figure, Lines, Page, Panel, Series

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from engine.context import Context
    from engine.quant.resample import Period as CalendarPeriod
    from engine.values import Overlay

_EVERY = {"D": "daily", "W": "weekly", "M": "monthly"}
_CALENDAR: dict[str, CalendarPeriod] = {"W": "week", "M": "month"}
_SCALE: dict[str, Any] = {"LINEAR": "linear", "LOG": "log"}


def run(context: Context, args: Args) -> Page:
    adjust = cast("Adjust", args["adjust"].lower())
    histories = []
    for at, ref in enumerate(context.securities):
        context.check_cancelled()
        context.progress(at, len(context.securities), ref.ticker)
        histories.append(read_history(context, ref, adjust, args["series"]))
    if len(histories) > 1:
        return _comparison(context, histories, args)
    return _single(context, histories[0], args)


def _single(context: Context, history: History, args: Args) -> Page:
    import polars as pl

    shown = history.within(args["period"])
    if shown.is_empty():
        return _empty(history, args)
    whole = _resampled(history, args["interval"])
    visible = whole.filter(pl.col("session_date") >= shown["session_date"][0]).filter(
        pl.col("session_date") <= shown["session_date"][-1]
    )
    overlays = _overlays(history, whole, visible, args["overlays"])
    span = f"{shown['session_date'][0]} to {shown['session_date'][-1]}"
    line = args["style"] == "LINE" or history.shape != "bars"
    figure: Figure
    if line:
        main = _series(history, visible, history.ref.ticker)
        figure = Lines(
            (main, *overlays),
            history.unit,
            history.decimals,
            _SCALE[args["scale"]],
            _events(context, history, shown),
        )
    else:
        figure = Candles(
            visible,
            history.ref.ticker,
            history.unit,
            history.decimals,
            _SCALE[args["scale"]],
            overlays,
            _events(context, history, shown),
            history.source("close"),
            history.formula,
        )
    title = f"{history.ref.label}  {history.ref.name}"
    panel = Panel("price", f"{_EVERY[args['interval']]}, {span}, {history.told}", figure)
    return Page(title, (panel,))


def _empty(history: History, args: Args) -> Page:
    from engine.page import Text

    text = Text(
        (
            f"No session of {history.ref.label} lies within {args['period']}.",
            f"The store holds {history.first} to {history.last}: try {history.ref.ticker} GP MAX.",
        )
    )
    return Page(f"{history.ref.label}  {history.ref.name}", (Panel("price", "nothing in this range", text),))


def _resampled(history: History, interval: str) -> pl.DataFrame:
    """Bars of the asked length; of closes, the last of each week or month."""
    import polars as pl

    if interval == "D":
        return history.frame
    if history.shape == "bars":
        from engine.quant.resample import resample_frame

        return resample_frame(history.frame, _CALENDAR[interval])
    every = {"W": "1w", "M": "1mo"}[interval]
    last = history.frame.group_by(
        pl.col("session_date").dt.truncate(every).alias("bucket"), maintain_order=True
    )
    return last.agg(pl.all().last()).drop("bucket")


def _series(history: History, frame: pl.DataFrame, name: str, values: np.ndarray | None = None) -> Series:
    return Series(
        name,
        frame["session_date"].to_numpy().astype("datetime64[D]"),
        frame["close"].to_numpy() if values is None else values,
        history.unit,
        history.formula,
        history.source("close"),
    )


def _overlays(
    history: History, whole: pl.DataFrame, visible: pl.DataFrame, asked: tuple[Overlay, ...]
) -> tuple[Series, ...]:
    """Lines computed over the whole history, so that a short range starts with a full average."""
    if not asked:
        return ()
    import numpy as np

    from engine.quant.overlays import overlay

    close = whole["close"].to_numpy()
    keep = np.isin(whole["session_date"].to_numpy(), visible["session_date"].to_numpy())
    dates = visible["session_date"].to_numpy().astype("datetime64[D]")
    return tuple(
        Series(label, dates, values[keep], history.unit, f"{label} of the closes shown")
        for each in asked
        for label, values in overlay(each.name, each.length, close).items()
    )


def _events(context: Context, history: History, shown: pl.DataFrame) -> tuple[Event, ...]:
    if history.ref.asset_class not in ("equity", "fund"):
        return ()
    actions = context.reader.actions(
        [history.ref.security_id], shown["session_date"][0], shown["session_date"][-1], upcoming=False
    )
    return tuple(
        Event(row["ex_date"], row["kind"], describe_action(row))
        for row in actions.sort("ex_date").iter_rows(named=True)
    )


def describe_action(row: dict[str, Any]) -> str:
    """``2:1 split`` or ``0.51 USD dividend``."""
    if row["kind"] == "split":
        ratio = float(row["ratio"])
        return f"{ratio:g}:1 split" if ratio >= 1 else f"1:{1 / ratio:g} reverse split"
    return f"{row['amount']:g} {row['currency'] or ''} {row['kind']}".replace("  ", " ")


def _comparison(context: Context, histories: list[History], args: Args) -> Page:
    """Closes of several securities, each 100 at the first session that all have in the range."""
    import polars as pl

    last = max(history.last for history in histories)
    start, end = args["period"].bounds(last)
    frames = []
    for history in histories:
        frame = _resampled(history, args["interval"]).filter(pl.col("session_date") <= end)
        frames.append(frame if start is None else frame.filter(pl.col("session_date") >= start))
    empty = [h for h, frame in zip(histories, frames, strict=True) if frame.is_empty()]
    for history in empty:
        context.note(
            f"{history.ref.ticker} is left out: the store holds {history.first} to {history.last} of it.",
            "warning",
        )
    pairs = [(h, frame) for h, frame in zip(histories, frames, strict=True) if not frame.is_empty()]
    if not pairs:
        return _empty(histories[0], args)
    base = max(frame["session_date"][0] for _, frame in pairs)
    lines = []
    for history, frame in pairs:
        kept = frame.filter(pl.col("session_date") >= base)
        if kept.is_empty():
            context.note(f"{history.ref.ticker} ends before {base}, where the others begin.", "warning")
            continue
        rebased = kept["close"].to_numpy() / kept["close"][0] * 100.0
        series = _series(history, kept, history.ref.ticker, rebased)
        lines.append(
            replace(
                series,
                unit="",
                formula=f"100 x close / close of {kept['session_date'][0]}; {history.formula}",
            )
        )
    if args["overlays"]:
        context.note("Overlays are drawn on one security's chart, not on a comparison.")
    names = " / ".join(history.ref.ticker for history in histories)
    figure = Lines(tuple(lines), "", 2, _SCALE[args["scale"]])
    title = f"{_EVERY[args['interval']]}, each 100 on {base}, {ADJUSTMENTS[histories[0].adjust]}"
    return Page(f"{names}  compared", (Panel("price", title, figure),))


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
            Argument("overlays", Kind.OVERLAY, "moving averages and Bollinger bands", (), many=True),
            COMPARE,
        ),
        aliases=("CHART",),
        security="required",
        examples=(
            ("AAPL GP 5Y", "five years of Apple, split-adjusted with what was known at the clock"),
            ("GP AAPL 2008-01-01 2009-06-30 W LOG", "two dates, weekly bars, logarithmic axis"),
            ("AAPL GP 1Y 50SMA 200SMA", "with two moving averages"),
            ("GP AAPL MSFT IBM 5Y", "compared, each 100 at the first common session"),
            ("AAPL GP 2000-03-01 2001-03-01 RAW", "as traded: the split of June 2000 shows"),
        ),
        about=(
            "Ranges are counted back from the last session known at the clock, not from today. Prices are stored "
            "as traded; adjustment is computed as of the clock from the splits (and, with TOTAL, dividends) known "
            "and ex by then, so a later split never bends an earlier chart. Where the store holds closes only, "
            "the chart is a line: no open, high or low is invented. Moving averages are computed over the whole "
            "history, so that a short range starts with a full average."
        ),
        order=10,
    ),
)
