"""One security's whole price history known at the clock, whatever kind of series the store holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from engine.errors import DataError
from engine.page import CellSource, SecurityRef
from engine.period import Period
from engine.rolled import Rolling, rolled

if TYPE_CHECKING:
    import polars as pl

    from engine.context import Context

Adjust = Literal["none", "splits", "total"]
Shape = Literal["bars", "closes", "observations"]
Frequency = Literal["daily", "weekly", "monthly", "quarterly", "yearly"]
YEAR_RETURN = "last close / close of the same day a year before, or of the session before that day, - 1"
FRESH_DAYS = 4  # calendar days without a session that no market exceeds but in a crisis
# up to how many days apart, in the middle, values are of a frequency
_SPACING: Mapping[Frequency, int] = {"daily": 4, "weekly": 10, "monthly": 45, "quarterly": 135}
# days after which a newest value, dated by its period's first day, is old: its own period, the one under
# way, and what a statistical office takes to publish
_OLD: Mapping[Frequency, int] = {
    "daily": FRESH_DAYS, "weekly": 24, "monthly": 107, "quarterly": 230, "yearly": 910,
}  # fmt: skip
# how far before a day the value that stood on that day may lie
_REACH: Mapping[Frequency, int] = {
    "daily": 10, "weekly": 14, "monthly": 45, "quarterly": 135, "yearly": 550,
}  # fmt: skip

ADJUSTMENTS: Mapping[str, str] = {
    "none": "as traded",
    "splits": "adjusted for splits known by then",
    "total": "adjusted for splits and dividends known by then",
}
_BASIS_ORDER = ("close", "fixing", "adjusted")
BASES: Mapping[str, str] = {
    "fixing": "one fixing a day: there is no open, high or low to draw",
    "close": "the source has closes only: no open, high or low to draw",
    "adjusted": (
        "the source has closes only, adjusted by its vendor at a later date: shown rebased to 100 at the "
        "first close, since only their ratios were known then"
    ),
}


@dataclass(frozen=True, slots=True)
class History:
    """Rows known at the clock, ascending by ``session_date``.

    ``frame`` has security_id, session_date and close; open, high, low, volume, split_factor and
    dividend_factor too where ``shape`` is "bars"; of a future contract too, the one held on the session, and
    ``rolling`` says how they were joined.
    """

    ref: SecurityRef
    shape: Shape
    frame: pl.DataFrame
    adjust: Adjust = "none"
    basis: str = ""
    unit: str = ""
    rolling: Rolling | None = None

    @property
    def first(self) -> date:
        day: date = self.frame["session_date"][0]
        return day

    @property
    def last(self) -> date:
        day: date = self.frame["session_date"][-1]
        return day

    @property
    def decimals(self) -> int:
        """As many as the field writes: pips for currencies, cents otherwise, more for small prices."""
        last = abs(float(self.frame["close"][-1] or 0))
        if self.ref.asset_class == "currency":
            return 4 if last < 20 else 2
        return 4 if 0 < last < 1 else 2

    @property
    def frequency(self) -> Frequency:
        """How often it has a value, by the distance of most of its rows."""
        import polars as pl

        days = self.frame.select(pl.col("session_date").diff().dt.total_days().median()).item()
        if days is None:
            return "daily" if self.shape != "observations" else "yearly"
        return next((name for name, most in _SPACING.items() if days <= most), "yearly")

    @property
    def counted(self) -> str:
        """What its rows are called."""
        return "values" if self.shape == "observations" else "sessions"

    @property
    def rate(self) -> bool:
        """Whether it is a rate, a factor, or crosses zero: moves are differences, and no level is 100."""
        if self.ref.asset_class in ("factor", "government"):
            return True
        words = self.unit.lower()
        if words.startswith("percent") or "diffusion" in words:
            return True
        return self.shape == "observations" and float(self.frame["close"].min() or 0.0) <= 0.0  # type: ignore[arg-type]

    @property
    def difference_unit(self) -> str:
        """What a difference of two of its values counts."""
        return "percentage points" if self.unit.lower().startswith("percent") else self.unit

    @property
    def told(self) -> str:
        """How its values are to be read, for a title."""
        if self.rolling is not None:
            return self.rolling.told(self.adjust != "none")
        if self.shape == "bars":
            return ADJUSTMENTS[self.adjust] if self.ref.asset_class in ("equity", "fund") else "as published"
        return self.unit or self.basis

    @property
    def formula(self) -> str:
        if self.rolling is not None:
            return self.rolling.formula(self.adjust != "none")
        if self.shape == "bars":
            factors = {
                "none": "",
                "splits": " x split factor as of the clock",
                "total": " x split factor x dividend factor as of the clock",
            }
            return f"price as traded{factors[self.adjust]}"
        if self.basis == "adjusted":
            return "100 x vendor-adjusted close / the first of them"
        return "value as published"

    def source(self, column: str) -> CellSource:
        """Where a cell of ``column`` comes from."""
        key = "period_date" if self.shape == "observations" else "session_date"
        constants: dict[str, object] = {"security_id": self.ref.security_id}
        if self.shape == "closes":
            constants["basis"] = self.basis
        if self.rolling is not None:
            return CellSource("futures_bars", column, {key: key, "contract": "contract"}, constants)
        column = "value" if self.shape == "observations" else column
        return CellSource(self.shape, column, {key: "session_date"}, constants)

    def moves(self) -> pl.Expr:
        """Each row's change against the row before: a fraction, or of rates a difference."""
        import polars as pl

        before = pl.col("close").shift(1)
        if self.rate:
            return pl.col("close") - before
        return pl.when((before > 0) & (pl.col("close") >= 0)).then(pl.col("close") / before - 1)

    def base(self, period: Period, last: date | None = None) -> date | None:
        """The session from whose close a counted range's change is measured: that of the same day a year
        (month, ...) before, or the one before it. None where the range names its dates, or data begin later."""
        start, _ = period.bounds(last or self.last)
        if start is None or not _measured(period):
            return None
        day = start if _counted(period) else start - timedelta(days=1)
        row = self.at(day)
        return None if row is None else row["session_date"].item()

    def at(self, day: date) -> pl.DataFrame | None:
        """The row that stood on ``day``: its own, or the one before it where that is not long before."""
        import polars as pl

        before = self.frame.filter(pl.col("session_date") <= day).tail(1)
        if before.is_empty() or (day - before["session_date"][0]).days > _REACH[self.frequency]:
            return None
        return before

    def year_return(self) -> float | None:
        """Over the twelve months to the last session; None where the history is shorter."""
        begins = self.base(Period("Y", 1))
        row = None if begins is None else self.at(begins)
        if row is None or self.rate or not row["close"][0] or row["close"][0] <= 0:
            return None
        return float(self.frame["close"][-1] / row["close"][0] - 1)

    def within(self, period: Period, last: date | None = None) -> pl.DataFrame:
        """The rows of ``period``, counted back from the last session known (or from ``last``)."""
        import polars as pl

        start, end = period.bounds(last or self.last)
        kept = pl.col("session_date") <= end
        if start is not None:
            kept &= pl.col("session_date") > start if _counted(period) else pl.col("session_date") >= start
        return self.frame.filter(kept)

    def charted(self, period: Period, last: date | None = None) -> pl.DataFrame:
        """The rows of ``period``, after the one that its change is measured from."""
        import polars as pl

        rows, begins = self.within(period, last), self.base(period, last)
        if rows.is_empty() or begins is None:
            return rows
        return pl.concat([self.frame.filter(pl.col("session_date") == begins), rows])

    def nothing_in(self, period: Period) -> DataError:
        """What to say of a range without rows."""
        return DataError(
            f"No {self.counted.removesuffix('s')} of {self.ref.label} lies within {period}. The store holds "
            f"{self.first} to {self.last} at this clock: try {self.ref.ticker} GP MAX."
        )


def _counted(period: Period) -> bool:
    """1Y back from a Friday begins after that day a year ago: 12 months, not 12 and a day."""
    return period.unit in ("D", "W", "M", "Y")


def _measured(period: Period) -> bool:
    """Whether its change is against the close before its first row; typed dates begin where they say."""
    return _counted(period) or period.unit in ("YTD", "MTD")


def read_history(
    context: Context, ref: SecurityRef, adjust: Adjust = "splits", series: str = "AUTO", *, hint: bool = True,
    rolling: Rolling | None = None,
) -> History:  # fmt: skip
    """All of ``ref``'s prices known at the clock: bars where there are any, else closes, else observations; of a
    future its contracts' bars, joined as ``rolling`` says (adjust "none": as traded).
    ``hint``: tell where another series of it is longer, for pages that have SERIES=.

    Raises
    ------
    DataError
        Nothing is known at the clock, or a future's contracts cannot be joined.
    """
    import polars as pl

    reader, found = context.reader, None
    unit = naming_unit(context, ref)
    if series in ("AUTO", "BARS"):
        bars = reader.bars([ref.security_id], adjust=adjust)
        if bars.height:
            found = History(ref, "bars", bars, adjust, unit=unit)
    if found is None and series in ("AUTO", "CLOSES"):
        closes = reader.closes([ref.security_id])
        if closes.height:
            bases = closes["basis"].unique(maintain_order=True).to_list()
            basis = min(bases, key=_BASIS_ORDER.index)
            unit = "index, first close = 100" if basis == "adjusted" else unit
            found = History(ref, "closes", closes.filter(pl.col("basis") == basis), basis=basis, unit=unit)
    if found is None and series == "AUTO":
        values = reader.observations([ref.security_id])
        if values.height:
            renamed = values.rename({"period_date": "session_date", "value": "close"})
            found = History(ref, "observations", renamed, basis="published", unit=unit)
    if found is None and ref.asset_class == "future" and series != "CLOSES":
        rolling = rolling or Rolling()
        frame = rolled(context, ref, rolling, adjust != "none")
        if frame is not None and frame.height:
            found = History(ref, "bars", frame, adjust, unit=unit, rolling=rolling)
    if found is None:
        raise DataError(_nothing(context, ref, series))
    _tell(context, found, hint)
    return found


def naming_unit(context: Context, ref: SecurityRef) -> str:
    """What one of its values counts: the currency alone where it is a price a share."""
    if ref.asset_class in ("equity", "fund"):
        return ref.currency
    security = context.directory.by_id(ref.security_id)
    return (security.current.unit if security else "") or ref.currency


def _nothing(context: Context, ref: SecurityRef, series: str) -> str:
    what = {"BARS": "open, high, low and close", "CLOSES": "close-only series"}.get(series, "price")
    when = "" if context.live else f" as of {context.show(context.asof)}"
    ahead = "DATA shows what the store holds" + ("." if context.live else "; ASOF NOW looks from today.")
    return f"No {what} of {ref.label} is known{when}. {ahead}"


def _tell(context: Context, history: History, hint: bool) -> None:
    """How stale the data is, and why a line is not a candle, stand on the page."""
    ref = history.ref
    if history.shape == "closes":
        context.note(f"{ref.ticker}: {BASES[history.basis]}.")
    if history.shape == "observations":
        context.note(f"{ref.ticker}: one value a period, the latest vintage published by the clock.")
    if history.adjust == "total" and history.shape == "bars" and history.rolling is None:
        _tell_unpriced(context, history)
    age = (context.today - history.last).days
    if age <= (_OLD[history.frequency] if history.shape == "observations" else FRESH_DAYS):
        return
    context.stale.append((ref.ticker, _behind(context, history, age)))
    if hint and history.shape == "bars":
        closes = context.reader.closes([ref.security_id])
        if closes.height and closes["session_date"][-1] > history.last:
            last = closes["session_date"][-1]
            context.note(f"{ref.ticker}: closes alone run on to {last}: add SERIES=CLOSES to see them.")


def _tell_unpriced(context: Context, history: History) -> None:
    """Dividends that a total return leaves out, since the closes stop too long before them."""
    from store.adjust import unpriced

    paid = context.reader.actions([history.ref.security_id], kinds=["dividend"], upcoming=False)
    left_out = unpriced(history.frame, paid)
    if left_out.height:
        days = ", ".join(map(str, left_out["ex_date"].head(3))) + (" ..." if left_out.height > 3 else "")
        context.note(
            f"{history.ref.ticker}: {left_out.height} dividends are not reinvested (ex {days}): the last close "
            "in the store lies too long before them.",
            "warning",
        )


def tell_stale(context: Context) -> None:
    """One warning for all securities that end on the same session."""
    alike: dict[str, list[str]] = {}
    for ticker, words in context.stale:
        if words:
            alike.setdefault(words, []).append(ticker)
    context.stale.clear()
    for words, tickers in alike.items():
        context.note(f"{', '.join(dict.fromkeys(tickers))}: {words}", "warning")
    for words in BASES.values():
        _said_once(context, f": {words}.")


def _said_once(context: Context, end: str) -> None:
    """Notes of several securities that end alike, as one."""
    alike = [note for note in context.notes if note.text.endswith(end)]
    if len(alike) < 2:
        return
    tickers = dict.fromkeys(ticker for note in alike for ticker in note.text.removesuffix(end).split(", "))
    whole = replace(alike[0], text=", ".join(tickers) + end)
    context.notes[:] = [
        whole if note is alike[0] else note for note in context.notes if note is alike[0] or note not in alike
    ]


def _behind(context: Context, history: History, age: int) -> str:
    ref = history.ref
    if history.shape == "observations":
        newest = f"{history.last} ({history.frequency})"
        return f"the last value in the store is of {newest}, {_years(age)} before the clock."
    security = context.directory.by_id(ref.security_id)
    calendar = security.current.calendar if security else ""
    behind = f"{age:,} days"
    if calendar:
        missed = (
            len(context.reader.sessions(history.last, context.reader.last_session(calendar), calendar)) - 1
        )
        if missed <= 0:
            return ""
        behind = f"{missed:,} sessions ({_years(age)})"
    kind = "close" if history.shape == "closes" else "session"  # where a page reads both, both ends are told
    return f"the last {kind} in the store is of {history.last}, {behind} before the clock."


def _years(days: int) -> str:
    return f"{days:,} days" if days < 730 else f"{days / 365.25:.1f} years"
