"""What price vendors' answers have in common: numbers told as text, rows on their way to a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from providers.base import answer_hash
from providers.errors import Kind, SourceError, malformed
from providers.source import Access, Answer, Reply, Request
from store.batch import Quarantined
from store.schema import CLOCKS, TABLES, polars_type

if TYPE_CHECKING:
    import polars as pl

Row = dict[str, Any]

# How vendors say that there is no value.
_NONE = frozenset({"", "-", "--", ".", "none", "null", "n/a"})
_MICRO = 1_000_000
# A chain's snapshot puts a quote of hours or days ago beside greeks, open interest and a price of the underlying
# that are of now and tell no time.
SNAPSHOT = "estimated: the time of the fetch; open interest, greeks and the underlying's price tell no time"


def number(value: object) -> float | None:
    """A number, told as JSON or as text; None where there is none. NaN stays NaN, for the checks to find."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    text = str(value).strip().replace(",", "")
    if text.lower() in _NONE:
        return None
    try:
        return float(text)
    except ValueError:
        return None


def whole(value: object) -> int | None:
    """A whole number (volumes are told as 1234.0 and as "1234"); None where there is none that the store holds."""
    found = number(value)
    return round(found) if found is not None and abs(found) < 2**63 else None


def words(value: object) -> str | None:
    """Text, or None where the vendor says there is none."""
    text = str(value).strip() if value is not None else ""
    return None if text.lower() in _NONE else text


def segment(symbol: str) -> str:
    """A symbol as one part of an address, so that nothing in it (``../``, ``?``, ``#``) leads to another."""
    if not any(letter.isalnum() for letter in symbol):
        raise SourceError(Kind.NOT_SERVED, f"{symbol!r} is no symbol: type a ticker, an index or a pair")
    return quote(symbol, safe="^=:")


def day_of(value: object) -> date | None:
    """The date that a text begins with (2022-07-18, 2022-07-18T00:00:00Z); None where it names none."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def instant_of(value: object) -> datetime | None:
    """The instant that a text names (RFC 3339, down to nanoseconds, which are cut); None without a zone."""
    try:
        told = datetime.fromisoformat(_cut_nanoseconds(str(value).strip()))
    except ValueError:
        return None
    return None if told.tzinfo is None else told.astimezone(UTC)


def _cut_nanoseconds(text: str) -> str:
    head, dot, tail = text.partition(".")
    digits = len(tail) - len(tail.lstrip("0123456789"))
    return f"{head}.{tail[: min(digits, 6)]:0<6}{tail[digits:]}" if dot and digits else text


def from_epoch(value: object, per_second: int = 1) -> datetime | None:
    """The instant at so many seconds (or thousandths, or nanoseconds) since 1970; None where that is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        micros = (
            int(value) * _MICRO // per_second if isinstance(value, int) else int(value * _MICRO / per_second)
        )
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    except (OverflowError, ValueError):
        return None


def told(value: object, what: str) -> Mapping[str, Any]:
    """``value`` as a JSON object; SourceError (malformed) where it is something else."""
    if not isinstance(value, dict):
        raise malformed(f"{what} is not the object it is documented to be")
    return value


def listed(value: object, what: str) -> list[Any]:
    """``value`` as a JSON list, nothing counting as an empty one; SourceError (malformed) otherwise."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise malformed(f"{what} is not the list it is documented to be")
    return value


def frame_of(table: str, rows: Sequence[Row]) -> pl.DataFrame:
    """Rows in the columns of a table, keyed by identity; what a row does not tell is null."""
    import polars as pl

    spec = TABLES[table]
    clocks = [c for c in CLOCKS if c.name != "deleted"]
    schema: dict[str, Any] = {"identity": pl.String}
    for column in (*spec.columns, *clocks):
        if column.name != "security_id":
            schema[column.name] = polars_type(column.type)
    return pl.DataFrame(list(rows), schema=schema, strict=False)


@dataclass(slots=True)
class Gathered:
    """One answer in the making: what came, canonical rows by table, and what cannot be mapped.

    ``rules`` names the source and the version of its mapping: it goes into the answer's hash.
    """

    request: Request
    access: Access
    rules: str
    contents: list[bytes] = field(default_factory=list)
    frames: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    aside: list[Quarantined] = field(default_factory=list)
    start: date | None = None  # what the answer covers, where that begins later than was asked

    @classmethod
    def by_ticker(cls, request: Request, access: Access, rules: str) -> Gathered:
        """For a vendor that takes a ticker for whoever had it each day: only since it has been the subject's (META
        was a fund before it was Facebook's)."""
        first = request.subject.first_day
        if first is None or (request.start is not None and request.start >= first):
            return cls(request, access, rules)
        if request.end is not None and request.end < first:
            raise SourceError(
                Kind.NOT_SERVED,
                f"{request.subject.ticker} has been the ticker of {request.subject.identity} since {first}; of days "
                "before, this source tells another's under it: ask another source",
            )
        return cls(replace(request, start=first), access, rules, start=first)

    def reaches(self, first: date) -> None:
        """The answer holds nothing before ``first``: what was asked of days before stays open for other sources."""
        if self.request.start is None or self.request.start < first:
            self.start = max(first, self.start or first)

    def read(self, reply: Reply) -> Any:
        """The parsed body of a reply, which counts as part of the answer."""
        self.contents.append(reply.content)
        return reply.json()

    def add(self, table: str, frame: pl.DataFrame, *, clip: bool = True) -> None:
        """Rows of a table. ``clip``: only those about the days that were asked for."""
        import polars as pl

        session = pl.col(TABLES[table].session)
        if clip and self.request.start is not None:
            frame = frame.filter(session.is_null() | (session >= self.request.start))
        if clip and self.request.end is not None:
            frame = frame.filter(session.is_null() | (session <= self.request.end))
        self.frames.setdefault(table, []).append(frame)

    def add_rows(self, table: str, rows: Sequence[Row], *, clip: bool = True) -> None:
        self.add(table, frame_of(table, rows), clip=clip)

    def set_aside(self, table: str, reason: str, rows: Sequence[Row]) -> None:
        """Rows that cannot be mapped, as they came."""
        import polars as pl

        if rows:
            texts = [{name: None if v is None else str(v) for name, v in row.items()} for row in rows]
            self.aside.append(Quarantined(table, reason, pl.DataFrame(texts, infer_schema_length=None)))

    def answer(self, *, positive: bool = True, note: str = "") -> Answer:
        """Canonical frames: repeated rows once, in order of their key, nothing known only after now."""
        import polars as pl

        from providers.validate import check

        frames, aside = {}, list(self.aside)
        for table, parts in self.frames.items():
            whole_frame = pl.concat(parts, how="diagonal_relaxed").unique(maintain_order=True)
            known = pl.col("known_at")
            checked = check(
                table, whole_frame.filter(known.is_null() | (known <= self.access.now)), positive=positive
            )
            key = [name for name in TABLES[table].key if name != "security_id"]
            frames[table] = checked.good.sort("identity", *key)
            aside.extend(checked.quarantined)
        return Answer(
            frames=frames,
            answer_hash=answer_hash(self.rules, *self.contents),
            start=self.start,
            note=note,
            quarantined=tuple(aside),
            positive=positive,
        )
