"""Returns of several securities side by side, as known at the clock: what quant functions compute on.

Levels come from ``read_history`` (few securities, of any kind) or from one panel (many with bars), adjusted for the
splits and dividends known by then. A return runs from one shared date to the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from engine.errors import DataError
from engine.history import read_history
from engine.page import Note, SecurityRef
from engine.period import Period

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from engine.context import Context

Step: TypeAlias = Literal["daily", "weekly", "monthly"]
PERIODS_PER_YEAR: dict[str, float] = {"daily": 252.0, "weekly": 52.0, "monthly": 12.0}
_EVERY = {"weekly": "1w", "monthly": "1mo"}
_SLACK = {"weekly": 3, "monthly": 5}  # days from a period's last session to its end, holidays among them
_MANY = 60  # from so many securities on, one panel is read instead of each history


@dataclass(frozen=True, slots=True)
class Returns:
    """Simple total returns, a column a security.

    ``dates`` datetime64[D] (n,): the day each return ends on. ``values`` float64 (n, k), NaN where there is none.
    ``levels`` (n + 1, k): the first row, on ``base_date``, is the base of the first return.
    """

    refs: tuple[SecurityRef, ...]
    dates: NDArray[np.datetime64]
    values: NDArray[np.float64]
    levels: NDArray[np.float64]
    base_date: date
    step: Step

    @property
    def periods_per_year(self) -> float:
        return PERIODS_PER_YEAR[self.step]

    @property
    def first(self) -> date:
        day: date = self.dates[0].astype(object)
        return day

    @property
    def last(self) -> date:
        day: date = self.dates[-1].astype(object)
        return day

    @property
    def tickers(self) -> tuple[str, ...]:
        return tuple(ref.ticker for ref in self.refs)

    def column(self, ref: SecurityRef) -> NDArray[np.float64]:
        """The returns of one of ``refs``, shape (n,)."""
        place = next(at for at, each in enumerate(self.refs) if each.security_id == ref.security_id)
        return self.values[:, place]


def returns_of(
    context: Context,
    refs: Sequence[SecurityRef],
    period: Period | None = None,
    *,
    start: date | None = None,
    end: date | None = None,
    frequency: Step = "daily",
    join: Literal["inner", "outer"] = "inner",
    least: int = 20,
) -> Returns:
    """Total returns of ``refs`` over ``period`` (counted back from the last date they share), or between two dates.

    ``join`` "inner" keeps the dates on which every security has a level, so that each return of a row covers the
    same days; "outer" keeps all dates, and a return then runs from the security's own level before.
    A week or month that was not over at the clock, or that the data do not reach the end of, is left out.

    Raises
    ------
    DataError
        A security is a rate, nothing is known, or fewer than ``least`` returns are left.
    """
    wanted = tuple({ref.security_id: ref for ref in refs}.values())
    if not wanted:
        raise DataError("No security is named. Type some: AAPL MSFT")
    columns = _panel(context, wanted) if len(wanted) > _MANY else _histories(context, wanted)
    kept = tuple(ref for ref in wanted if ref.security_id in columns)
    if not kept:
        raise DataError(
            f"No price of {_named(wanted)} is known at this clock. DATA shows what the store holds."
        )
    _tell_currencies(context, kept)
    table = _joined([columns[ref.security_id] for ref in kept], join)
    table = _stepped(table, frequency, context.today)
    return _made(kept, _cut(table, period, start, end, frequency), frequency, least, join)


def _named(refs: Sequence[SecurityRef]) -> str:
    shown = ", ".join(ref.label for ref in refs[:5])
    return shown + (f" and {len(refs) - 5} more" if len(refs) > 5 else "")


def _histories(context: Context, refs: Sequence[SecurityRef]) -> dict[int, pl.DataFrame]:
    """Levels by security: columns session_date and the id's own."""
    import polars as pl

    found: dict[int, pl.DataFrame] = {}
    before = list(context.notes)
    for at, ref in enumerate(refs):
        context.check_cancelled()
        context.progress(at, len(refs), ref.ticker)
        try:
            history = read_history(context, ref, adjust="total", hint=False)
        except DataError as fault:
            if len(refs) == 1:
                raise
            context.note(f"{ref.ticker} is left out: {fault}", "warning")
            continue
        if history.rate:
            raise DataError(
                f"{ref.label} is a rate or a factor ({history.unit or history.told}): it has differences, "
                "not returns. Take a price, an index or a currency."
            )
        frame = history.frame.select(
            "session_date", pl.col("close").cast(pl.Float64).alias(str(ref.security_id))
        )
        found[ref.security_id] = frame.filter(pl.col(str(ref.security_id)) > 0)
    context.notes[:] = [*before, *_merged(context.notes[len(before) :])]
    return found


def _merged(notes: Sequence[Note]) -> list[Note]:
    """Notes that say the same of several securities as one."""
    alike: dict[tuple[str, str], list[str]] = {}
    for note in notes:
        who, _, what = note.text.partition(": ")
        alike.setdefault((what or note.text, note.level), []).append(who if what else "")
    return [
        Note(f"{', '.join(dict.fromkeys(who))}: {what}" if who[0] else what, level)  # type: ignore[arg-type]
        for (what, level), who in alike.items()
    ]


def _panel(context: Context, refs: Sequence[SecurityRef]) -> dict[int, pl.DataFrame]:
    """Levels of many securities with bars, read at once; the others one by one."""
    import numpy as np
    import polars as pl

    ids = [ref.security_id for ref in refs]
    sessions = context.reader.sessions(date(1960, 1, 4), context.reader.last_session())
    matrix = context.reader.price_panel("close", ids, sessions, adjust="total")
    found: dict[int, pl.DataFrame] = {}
    others = []
    for at, ref in enumerate(refs):
        held = np.isfinite(matrix[:, at]) & (matrix[:, at] > 0)
        if held.any():
            name = str(ref.security_id)
            columns = {"session_date": sessions[held], name: matrix[held, at]}
            found[ref.security_id] = pl.DataFrame(columns).with_columns(pl.col("session_date").cast(pl.Date))
        else:
            others.append(ref)
    return found | (_histories(context, others) if others else {})


def _joined(columns: list[pl.DataFrame], join: Literal["inner", "outer"]) -> pl.DataFrame:
    import polars as pl

    table = columns[0]
    for column in columns[1:]:
        table = table.join(
            column, on="session_date", how="inner" if join == "inner" else "full", coalesce=True
        )
    return table.sort("session_date").with_columns(pl.col("session_date").cast(pl.Date))


def _stepped(table: pl.DataFrame, frequency: Step, today: date) -> pl.DataFrame:
    """The last levels of each whole week or month."""
    import polars as pl

    if frequency == "daily" or table.is_empty():
        return table
    every = _EVERY[frequency]
    start = pl.col("session_date").dt.truncate(every)
    end = start.dt.offset_by(every) - pl.duration(days=1)
    names = [name for name in table.columns if name != "session_date"]
    return (
        table.with_columns(start.alias("_start"), end.alias("_end"))
        .group_by("_start", maintain_order=True)
        .agg(
            pl.col("session_date").last(), pl.col("_end").last(),
            *(pl.col(name).drop_nulls().last() for name in names),
        )
        .filter(
            (pl.col("_end") < today)
            & (pl.col("_end") - pl.col("session_date") <= pl.duration(days=_SLACK[frequency]))
        )
        .select("session_date", *names)
    )  # fmt: skip


def _cut(
    table: pl.DataFrame, period: Period | None, start: date | None, end: date | None, step: Step
) -> pl.DataFrame:
    """The rows of the range with the one before it, whose levels the first returns are measured from."""
    import polars as pl

    if table.is_empty():
        return table
    last: Any = table["session_date"].max()
    if period is not None:
        start, end = period.bounds(last)
    if end is not None:
        table = table.filter(pl.col("session_date") <= end)
    if start is None or table.is_empty():
        return table
    # 5Y of months are sixty: what is counted back begins at the end of the period that its first day lies in
    counted = period is not None and period.unit in ("D", "W", "M", "Y")
    days, day = pl.col("session_date"), pl.lit(start)
    if step != "daily":
        days, day = days.dt.truncate(_EVERY[step]), day.dt.truncate(_EVERY[step])
    first = table.select((days <= day if counted else days < day).sum()).item()
    return table.slice(max(first - 1, 0))


def _made(refs: tuple[SecurityRef, ...], table: pl.DataFrame, step: Step, least: int, join: str) -> Returns:
    import numpy as np

    days: list[date] = table["session_date"].to_list()
    if len(days) - 1 < least:
        shared = "has" if len(refs) == 1 else "share" if join == "inner" else "have"
        span = f" ({days[0]} to {days[-1]})" if days else ""
        raise DataError(
            f"{_named(refs)} {shared} {max(len(days) - 1, 0)} {step} returns in this range{span}, and at least "
            f"{least} are needed. Take a longer range (MAX), or other securities."
        )
    levels = table.drop("session_date").to_numpy().astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = levels[1:] / _filled(levels)[:-1] - 1.0
    dates = np.asarray(days, dtype="datetime64[D]")
    return Returns(refs, dates[1:], values, levels, days[0], step)


def _filled(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each level carried on over the dates without one."""
    import numpy as np

    rows = np.where(np.isfinite(levels), np.arange(len(levels))[:, None], 0)
    np.maximum.accumulate(rows, axis=0, out=rows)
    filled: NDArray[np.float64] = np.take_along_axis(levels, rows, axis=0)
    return filled


def _tell_currencies(context: Context, refs: Sequence[SecurityRef]) -> None:
    codes = {ref.currency for ref in refs if ref.currency and ref.asset_class in ("equity", "fund")}
    if len(codes) > 1:
        context.note(f"Returns are each in their own currency: {', '.join(sorted(codes))}.", "warning")


def tell_indices(context: Context, refs: Sequence[SecurityRef], beside: str) -> None:
    """Say that an index is a level as published, where it stands ``beside`` total returns."""
    tickers = ", ".join(dict.fromkeys(ref.ticker for ref in refs if ref.asset_class == "index"))
    if tickers:
        context.note(
            f"{tickers}: levels as published. Of a price index dividends are left out, which {beside} have: it looks "
            "worse by about its dividend yield."
        )


def benchmark(context: Context, word: str | None) -> SecurityRef:
    """The security that others are measured against: ``word``, or the S&P 500.

    Raises
    ------
    DataError
        It is not known at the clock.
    """
    from engine.securities import UnknownSecurity

    text = " ".join((word or "SPX").upper().split())
    ticker, _, market = text.partition(" ")
    for among in ("INDEX", "") if word is None else (market,):
        try:
            return context.directory.resolve(ticker, among).security.ref
        except UnknownSecurity:
            continue
    raise DataError(
        f"The benchmark {text} is not known at this clock: BENCHMARK= takes a ticker, such as SPX or SPX INDEX."
    )
