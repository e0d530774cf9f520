"""TREND: what is said of a security and how often it is searched for, by the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.function import Args, Function
from engine.functions._arguments import PERIOD
from engine.needs import Need
from engine.page import CellSource, Column, Lines, Page, Panel, SecurityRef, Series, Table, Text

if TYPE_CHECKING:
    import polars as pl

    from engine.context import Context

_DAY = 86_400.0
_EMPTY = (
    "KEYS shows the sources: Reddit counts mentions and Alpha Vantage scores headlines (both need a key), Google "
    "Trends has search interest (experimental; KEYS ALLOW GOOGLE_TRENDS).",
    "Counts and scores of your own are read by asof import FILE --table sentiment.",
)


def run(context: Context, args: Args) -> Page:
    ref = context.security
    start, end = args["period"].bounds(context.today)
    opinions = context.reader.rows("sentiment", ref.security_id, start, end)
    searches = context.reader.rows("trends", ref.security_id, start, end)
    panels = []
    if opinions.height:
        panels += _opinions(opinions)
    if searches.height:
        panels.append(_searches(searches))
    if opinions.height:
        panels.append(_table(opinions))
    if not panels:
        panels.append(Panel("nothing", "nothing is known", Text((*_held(context, ref), *_EMPTY))))
    return Page(f"{ref.label}  {ref.name}: what is said and searched", tuple(panels))


def _held(context: Context, ref: SecurityRef) -> tuple[str, ...]:
    """What there is of other days, or that there is nothing."""
    held = [context.reader.coverage(table, [ref.security_id]) for table in ("sentiment", "trends")]
    days = [(frame["first"][0], frame["last"][0]) for frame in held if frame.height]
    if not days:
        return ("No sentiment and no search interest of this security is known at this clock.",)
    first, last = min(each[0] for each in days), max(each[1] for each in days)
    return (
        f"Nothing of this range is known; the store holds {first} to {last} at this clock: {ref.ticker} TREND MAX.",
    )


def _opinions(rows: pl.DataFrame) -> list[Panel]:
    """Mentions and scores, a line a channel."""
    import polars as pl

    mentions: list[Series] = []
    scores: list[Series] = []
    for (channel,), part in (
        rows.sort("session_date").partition_by("channel", as_dict=True, maintain_order=True).items()
    ):
        constants = {"security_id": part["security_id"][0], "channel": channel}
        days = part["session_date"].to_numpy().astype("datetime64[D]")
        for into, column, formula in (
            (mentions, "mentions", "posts or headlines of the day that name it"),
            (scores, "score", "mean over the day's mentions, from -1 to 1, by the channel's own scorer"),
        ):
            values = part[column].cast(pl.Float64).fill_null(float("nan")).to_numpy()
            source = CellSource("sentiment", column, {"session_date": "session_date"}, constants)
            into.append(Series(str(channel), days, values, formula=formula, source=source))
    return [
        Panel("mentions", "mentions a day, by channel", Lines(tuple(mentions), "mentions", 0), 2),
        Panel("score", "sentiment, -1 to 1, by channel", Lines(tuple(scores), "score", 2), 2),
    ]


def _searches(rows: pl.DataFrame) -> Panel:
    """Search interest: a line a scale, since values of two requests are not comparable."""
    import polars as pl

    lines = []
    for (term, scale), part in (
        rows.sort("period_date").partition_by("term", "scale", as_dict=True, maintain_order=True).items()
    ):
        constants = {"security_id": part["security_id"][0], "term": term, "scale": scale}
        lines.append(
            Series(
                _called(str(term), str(scale)),
                part["period_date"].to_numpy().astype("datetime64[D]"),
                part["value"].cast(pl.Float64).to_numpy(),
                formula=f"share of searches, 100 at the peak of its own request: {scale}",
                source=CellSource("trends", "value", {"period_date": "session_date"}, constants),
            )
        )
    title = "search interest, 100 at the peak of each request: lines are not comparable with one another"
    return Panel("searches", title, Lines(tuple(lines), "of 100", 0), 2)


def _called(term: str, scale: str) -> str:
    """A short name of a line: the term, the region and the last day of its request."""
    words = scale.split()
    return f"{term} {words[0]} to {words[2]}" if len(words) > 2 else f"{term} {scale}"


def _table(rows: pl.DataFrame) -> Panel:
    import polars as pl

    keys = {name: name for name in ("security_id", "session_date", "channel")}

    def source(column: str) -> CellSource:
        return CellSource("sentiment", column, keys)

    frame = rows.sort("session_date", "channel", descending=[True, False]).with_columns(
        pl.when(pl.col("score") > 0).then(pl.lit("up")).when(pl.col("score") < 0).then(pl.lit("down"))
        .otherwise(pl.lit("")).alias("tone")
    )  # fmt: skip
    columns = (
        Column("session_date", "day", "date"),
        Column("channel", "channel"),
        Column("mentions", "mentions", "integer", source=source("mentions")),
        Column("positive", "positive", "integer", source=source("positive")),
        Column("negative", "negative", "integer", source=source("negative")),
        Column("score", "score", "number", 3, source=source("score")),
        Column("known_at", "known at", "instant"),
        Column("note", "note", width=40),
    )
    return Panel(
        "days", "by day and channel", Table(frame, columns, ("session_date", "channel"), emphasis="tone")
    )


def needs(context: Context, args: Args) -> tuple[Need, ...]:
    """Sentiment and search interest of the range, a day old at most."""
    ref = context.security
    start, end = args["period"].bounds(context.today)
    age = _DAY if context.live else None
    return tuple(Need(dataset, ref, start, end, max_age_seconds=age) for dataset in ("sentiment", "trends"))


FUNCTIONS = (
    Function(
        "TREND",
        "sentiment, mentions and search interest by the clock",
        run,
        arguments=(PERIOD,),
        security="required",
        examples=(("AAPL TREND", "a year of it"), ("AAPL TREND 1M", "a month")),
        about=(
            "Mentions and scores are counts of a day, known when the day is over. Reddit's score is by a small list "
            "of words and is crude; a vendor's score is the vendor's. Search interest is scaled by Google anew for "
            "each request, known only when its window had ended, and never comparable between two requests. None of "
            "this is a measure of value: read it beside GP."
        ),
        order=51,
        needs=needs,
    ),
)
