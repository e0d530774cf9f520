"""The as-of reader: the only way that functions reach data.

A reader is pinned to a clock T and a snapshot S. The same question asked of the same pair has the same
answer for ever, whatever is appended or compacted later. Every read is recorded, whether the files answer it
or memory does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal, TypeAlias
from zoneinfo import ZoneInfo

from store import adjust as adjustment
from store import answers, lineage, panels
from store import files as listing
from store.answers import Ids
from store.catalog import Catalog
from store.errors import StoreError
from store.hot import HotCache, remembered
from store.paths import Layout
from store.reads import Read
from store.schema import table
from store.sessions import Calendars

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from store.price_panel import Price

Adjust: TypeAlias = Literal["none", "splits", "total"]

# A session belongs to the day it has in New York. East of it, days begin earlier: an action is then
# applied hours late at most, never early.
_ZONE = "America/New_York"


@dataclass(frozen=True, slots=True)
class AsOfReader:
    """Reads of one store as of ``asof`` in ``snapshot``; ``recorded`` is what narrowed the snapshot.
    ``hot``, where given, answers from memory what it was asked before."""

    catalog: Catalog
    layout: Layout
    calendars: Calendars
    asof: datetime
    snapshot: int
    recorded: datetime | None = None
    hot: HotCache | None = None
    _reads: list[Read] = field(default_factory=list)

    @property
    def reads(self) -> tuple[Read, ...]:
        """What was read so far, in order."""
        return tuple(self._reads)

    @property
    def session_date(self) -> date:
        """The day of T: actions with a later ex-date do not apply yet."""
        return self.asof.astimezone(ZoneInfo(_ZONE)).date()

    def bars(
        self,
        ids: Ids | None,
        start: date | None = None,
        end: date | None = None,
        *,
        adjust: Adjust = "splits",
    ) -> pl.DataFrame:
        """Daily bars, adjusted by the actions known at T whose ex-date is not after T's session."""
        if adjust not in ("none", "splits", "total"):
            raise StoreError(f"adjust is none, splits or total, not {adjust!r}")
        question = ("bars", answers.one_or_more(ids), start, end, adjust, self.session_date)

        def make(reader: AsOfReader) -> pl.DataFrame:
            return reader._adjusted_bars(ids, start, end, adjust)

        return remembered(self, ("bars", "actions"), question, make)

    def _adjusted_bars(
        self, ids: Ids | None, start: date | None, end: date | None, adjust: Adjust
    ) -> pl.DataFrame:
        import polars as pl

        # A dividend after ``end`` needs the close before it, so that a total adjustment reads on to T.
        until = None if adjust == "total" else end
        bars = answers.rows(self, "bars", ids, start, until)
        if adjust == "none":
            factors = [pl.lit(1.0).alias("split_factor"), pl.lit(1.0).alias("dividend_factor")]
            bars = bars.with_columns(factors)
        else:
            kinds = ("split",) if adjust == "splits" else ("split", "dividend")
            actions = self.actions(ids, start, None, kinds=kinds, upcoming=False)
            bars = adjustment.with_factors(bars, actions)
            bars = adjustment.adjusted(bars, total=adjust == "total")
        if until != end:
            bars = bars.filter(pl.col("session_date") <= end)
        return bars.select(
            "security_id",
            "session_date",
            *adjustment.PRICES,
            "volume",
            "split_factor",
            "dividend_factor",
            "known_at",
        )

    def closes(
        self, ids: Ids | None, start: date | None = None, end: date | None = None, *, basis: str | None = None
    ) -> pl.DataFrame:
        """Single-valued series. Vendor-adjusted ones come rebased to 100 at the first visible row:
        of those only ratios are point in time, the vendor's level holds later dividends."""
        import polars as pl

        # The base is the series' own first row, whatever window is asked for.
        frame = answers.rows(self, "closes", ids, start if basis in ("fixing", "close") else None, end)
        if basis is not None:
            frame = frame.filter(pl.col("basis") == basis)
        first = pl.col("close").first().over("security_id", "basis")
        rebased = pl.when(pl.col("basis") == "adjusted").then(pl.col("close") / first * 100.0)
        frame = frame.with_columns(rebased.otherwise(pl.col("close")).alias("close"))
        if start is not None:
            frame = frame.filter(pl.col("session_date") >= start)
        return frame.select("security_id", "session_date", "basis", "close", "known_at")

    def actions(
        self,
        ids: Ids | None,
        start: date | None = None,
        end: date | None = None,
        *,
        kinds: Sequence[str] | None = None,
        upcoming: bool = True,
    ) -> pl.DataFrame:
        """Splits and dividends; ``upcoming=False`` leaves out those whose ex-date is after T's session."""
        import polars as pl

        if not upcoming:
            end = self.session_date if end is None else min(end, self.session_date)
        frame = answers.rows(self, "actions", ids, start, end, ("known_basis",))
        if kinds is not None:
            frame = frame.filter(pl.col("kind").is_in(list(kinds)))
        spec = table("actions")
        return frame.select("security_id", "kind", "ex_date", *spec.payload, "known_at", "known_basis")

    def rows(
        self,
        table_name: str,
        ids: Ids | None = None,
        start: date | None = None,
        end: date | None = None,
        *,
        columns: Sequence[str] | None = None,
    ) -> pl.DataFrame:
        """Rows of any table as they stand in it: the key, ``columns`` (all), known_at and known_basis."""
        spec = table(table_name)
        payload = spec.payload if columns is None else tuple(columns)
        unknown = set(payload) - set(spec.names)
        if unknown:
            raise StoreError(f"{spec.name}: no such column: {', '.join(sorted(unknown))}")
        frame = answers.rows(self, spec.name, ids, start, end, ("known_basis",), only=payload)
        return frame.select(*dict.fromkeys((*spec.key, *payload)), "known_at", "known_basis")

    def observations(
        self, ids: Ids | None, start: date | None = None, end: date | None = None
    ) -> pl.DataFrame:
        """Macro observations: of each period the latest vintage known at T."""
        frame = answers.rows(self, "observations", ids, start, end)
        return frame.select("security_id", "period_date", "value", "known_at")

    def securities(self, ids: Ids | None = None) -> pl.DataFrame:
        """Who was called what, and since when: the latest version of each (security, valid_from)."""
        frame = answers.rows(self, "securities", ids, None, None, ("known_basis",))
        return frame.select(*table("securities").names, "known_at", "known_basis")

    def versions(self, table_name: str, key: Mapping[str, object]) -> pl.DataFrame:
        """Every version of one key known at T, oldest first, with the commits that brought them."""
        spec = table(table_name)
        if set(key) != set(spec.key):
            raise StoreError(f"{spec.name}: a key is {', '.join(spec.key)}, not {', '.join(sorted(key))}")
        session = key[spec.session]
        if not isinstance(session, date):
            raise StoreError(f"{spec.name}: {spec.session} is a date, not {session!r}")
        others = {name: key[name] for name in spec.key if name not in ("security_id", spec.session)}
        return answers.versions(self, spec.name, int(str(key["security_id"])), session, session, others)

    def vintages(
        self, table_name: str, ids: Ids, start: date | None = None, end: date | None = None
    ) -> pl.DataFrame:
        """Every version known at T of the rows of ``ids``, withdrawn ones too (``deleted``), oldest first a key,
        with the commits that brought them."""
        return answers.versions(self, table_name, ids, start, end)

    def withdrawn(
        self, table_name: str, ids: Ids | None, start: date | None = None, end: date | None = None
    ) -> pl.DataFrame:
        """Keys that were withdrawn by T, with the instant that was known at: what ``rows`` no longer answers."""
        return answers.withdrawn(self, table_name, ids, start, end)

    def coverage(self, table_name: str, ids: Ids | None = None) -> pl.DataFrame:
        """What a table holds as of T of all securities, or of ``ids``: a row a security."""
        import polars as pl

        spec = table(table_name)
        frame = answers.rows(self, spec.name, ids, None, None, (), keys_only=True, seq=True)
        by_commit = frame.group_by("security_id", "seq").agg(
            pl.len().cast(pl.Int64).alias("rows"),
            pl.col(spec.session).min().alias("first"),
            pl.col(spec.session).max().alias("last"),
            pl.col("known_at").max().alias("newest_known_at"),
        )
        return (
            lineage.with_sources(self.catalog, by_commit)
            .group_by("security_id")
            .agg(
                pl.col("rows").sum(),
                pl.col("first").min(),
                pl.col("last").max(),
                pl.col("newest_known_at").max(),
                pl.col("source").unique().sort().str.join(", "),
            )
            .sort("security_id")
        )

    def panel(
        self, table_name: str, column: str, ids: Sequence[int], sessions: Sequence[date] | np.ndarray
    ) -> np.ndarray:
        """A float64 matrix (sessions, ids) of one column as it stands in the table; NaN where none."""
        import numpy as np

        spec = table(table_name)
        if column not in spec.payload:
            raise StoreError(f"{spec.name}: there is no column {column!r} to make a panel of")
        days = np.asarray(sessions, dtype="datetime64[D]")
        if not len(days) or not len(ids):
            return np.full((len(days), len(ids)), np.nan)
        start, end = days.min().item(), days.max().item()
        frame = answers.rows(self, spec.name, tuple(ids), start, end, only=(column,))
        return panels.scatter(frame, spec.session, column, np.asarray(ids, dtype=np.int64), days)

    def price_panel(
        self,
        column: Price,
        ids: Sequence[int],
        sessions: Sequence[date] | np.ndarray,
        *,
        adjust: Adjust = "total",
    ) -> np.ndarray:
        """A float64 matrix (sessions, ids) of one price, adjusted as ``bars`` adjusts it; NaN where none.

        ``sessions`` ascend. A large panel may be read-only: copy what you want to change.
        """
        from store.price_panel import price_panel

        return price_panel(self, column, ids, sessions, adjust)

    def narrow(
        self, name: str, ids: Ids | None, start: date | None, end: date | None, only: tuple[str, ...]
    ) -> pl.DataFrame:
        """Rows with the key, a few columns and known_at: what panels are made of."""
        return answers.rows(self, name, ids, start, end, only=only)

    def enter(self, read: Read) -> None:
        """Record a read whose rows came from what an earlier read of the same had made."""
        self._reads.append(read)

    def size(self, table_name: str) -> int:
        """Rows of a table in the snapshot, all versions: of two sorted copies the one that is there counts."""
        with self.catalog.read() as connection:
            files = listing.live(connection, table(table_name).name, self.snapshot)
        return sum(file.rows for file in files if file.layout != "by_year")

    def sessions(self, start: date, end: date, calendar: str = "XNYS") -> np.ndarray:
        """Sessions of an exchange, both ends included: datetime64[D]."""
        return self.calendars.get(calendar).between(start, end)

    def last_session(self, calendar: str = "XNYS") -> date:
        """The last session that was over at T."""
        return self.calendars.get(calendar).last_closed(self.asof)
