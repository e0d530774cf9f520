"""A year of one underlying's option quotes as decisions knew them: read of the store, and kept beside it.

What is kept follows from the files that hold the year, from the clock where it lies before their newest row, and from
the calendar: its name is the hash of these. A commit of other tables, or another run, finds it; a correction makes
another file and so another name. What is damaged, or cannot be written, is read anew.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.runs.known import instants
from engine.runs.market_days import Axis

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from store.reader import AsOfReader
    from store.reads import Read

MOST_BYTES = 2 << 30  # of all years kept; the longest unused go first
TABLE, SUFFIX = "option_quotes", ".npz"
_PAYLOAD = ("expiry", "strike", "right", "bid", "ask", "multiplier", "exercise")
_CODE = ("runs/_option_years.py", "runs/known.py", "runs/market_days.py")  # what makes a year
_STYLES = ("american", "european")
_FEW = 15  # days whose versions are read one by one: early closes of a year, as a rule


@dataclass(frozen=True, slots=True)
class Year:
    """Quotes (q,) by day, ascending by contract; ``days`` as days since 1970. Contracts (m,) in the order of expiry,
    strike, right and symbol: ``multiplier`` NaN and ``style`` -1 where nobody told. ``late``: the days of versions
    that were known too late for their session's decision.
    """

    days: NDArray[np.int32]
    code: NDArray[np.int32]
    bid: NDArray[np.float64]
    ask: NDArray[np.float64]
    contract: NDArray[np.str_]
    expiry: NDArray[np.int32]
    strike: NDArray[np.float64]
    call: NDArray[np.bool_]
    multiplier: NDArray[np.float64]
    style: NDArray[np.int8]
    late: NDArray[np.int32]


def read_year(reader: AsOfReader, security_id: int, year: int, calendar: str) -> Year:
    """The year's quotes, each as known by its session's deadline; the reads are on the reader's record."""
    folder, name = reader.layout.cache / "chains", name_of(reader, security_id, year, calendar)
    if name is None:  # nothing of that year
        return _made(reader, security_id, year, calendar)
    kept = _load(folder / name)
    if kept is None:
        before = len(reader.reads)
        found = _made(reader, security_id, year, calendar)
        _keep(folder / name, found, reader.reads[before:])
        return found
    found, reads = kept
    again = partial(_reads, reader, security_id, year, calendar)
    for place, told in enumerate(reads):
        reader.enter(_entered(told, security_id, reader, partial(_hash, again, place)))
    return found


def _made(reader: AsOfReader, security_id: int, year: int, calendar: str) -> Year:
    """From the rows as of T; of days on which one was late or was withdrawn, from every version."""
    import polars as pl

    first, last = date(year, 1, 1), date(year, 12, 31)
    rows = reader.narrow(TABLE, security_id, first, last, _PAYLOAD)
    gone = reader.withdrawn(TABLE, security_id, first, last)
    late = instants(rows) > _deadlines(reader, rows, calendar)
    troubled = np.union1d(_days(rows)[late], _days(gone))
    if not len(troubled):
        return _packed(rows, troubled)
    calm = rows.filter(pl.Series(~np.isin(_days(rows), troubled)))
    parts = [reader.vintages(TABLE, security_id, *span) for span in _spans(troubled)]
    versions = pl.concat(parts)
    versions = versions.filter(pl.Series(np.isin(_days(versions), troubled)))
    late = instants(versions) > _deadlines(reader, versions, calendar)
    known = versions.filter(pl.Series(~late)).sort("known_at", "seq")
    keys = ["session_date", "quoted_at", "contract"]
    held = known.unique(keys, keep="last", maintain_order=True).filter(~pl.col("deleted"))
    return _packed(pl.concat([calm, held.select(calm.columns)]), _days(versions)[late])


def _spans(days: NDArray[np.int32]) -> list[tuple[date, date]]:
    """Few days one by one, many as one range."""
    ends = [(day, day) for day in days] if len(days) <= _FEW else [(days[0], days[-1])]
    return [
        (np.datetime64(int(one), "D").item(), np.datetime64(int(other), "D").item()) for one, other in ends
    ]


def _deadlines(reader: AsOfReader, rows: pl.DataFrame, calendar: str) -> NDArray[np.int64]:
    """By when each row must have been known."""
    days, place = np.unique(_days(rows), return_inverse=True)
    found: NDArray[np.int64] = Axis.of(reader, days.astype("datetime64[D]"), [calendar]).until(0)[place]
    return found


def _days(rows: pl.DataFrame) -> NDArray[np.int32]:
    return rows["session_date"].to_physical().to_numpy().astype(np.int32)


def _packed(rows: pl.DataFrame, late: NDArray[np.int32]) -> Year:
    """The last quote of a contract a session, in order; its terms as they were told first, for every decision."""
    import polars as pl

    terms = (
        rows.sort("quoted_at").group_by("contract")
        .agg(pl.col("expiry", "strike", "right").first(), pl.col("multiplier", "exercise").drop_nulls().first())
        .sort("expiry", "strike", "right", "contract")
    )  # fmt: skip
    places = terms.select("contract").with_row_index("place")
    code = rows.select("contract").join(places, on="contract", how="left", maintain_order="left")["place"]
    at, days = code.to_numpy().astype(np.int32), _days(rows)
    order = np.lexsort((rows["quoted_at"].to_physical().to_numpy(), at, days))
    at, days = at[order], days[order]
    newest = np.ones(len(at), dtype=bool)
    newest[:-1] = (at[1:] != at[:-1]) | (days[1:] != days[:-1])
    order = order[newest]
    bid, ask = (rows[side].cast(pl.Float64).fill_null(np.nan).to_numpy()[order] for side in ("bid", "ask"))
    style = [_STYLES.index(each) if each else -1 for each in terms["exercise"].to_list()]
    return Year(
        days[newest], at[newest], bid, ask,
        np.array(terms["contract"].to_list(), dtype=np.str_),
        terms["expiry"].to_physical().to_numpy().astype(np.int32),
        terms["strike"].cast(pl.Float64).to_numpy(),
        (terms["right"] == "call").to_numpy(),
        terms["multiplier"].cast(pl.Float64).fill_null(np.nan).to_numpy(),
        np.array(style, dtype=np.int8),
        late,
    )  # fmt: skip


# kept beside the store --------------------------------------------------------------------------------------


def name_of(reader: AsOfReader, security_id: int, year: int, calendar: str) -> str | None:
    """The hash of all that the year's quotes follow from; None where no file holds any."""
    from engine.runs.source_of import source_of
    from store.answers import Disk
    from store.clock import to_micros
    from store.scan import Request
    from store.schema import table

    span = date(year, 1, 1), date(year, 12, 31)
    request = Request(table(TABLE), (security_id,), *span, reader.asof, reader.snapshot)
    files = Disk(reader.catalog, reader.layout).live(request)
    if not files:
        return None
    asof = to_micros(reader.asof)
    clock = asof if any(file.max_known > asof for file in files) else None
    snapshot = reader.snapshot if any(file.max_seq > reader.snapshot for file in files) else None
    parts = (
        source_of(*_CODE),
        security_id,
        year,
        calendar,
        clock,
        snapshot,
        sorted(file.sha256 for file in files),
    )
    return sha256(repr(parts).encode()).hexdigest()


def _load(path: Path) -> tuple[Year, list[dict[str, Any]]] | None:
    """What was kept and the reads that made it; None where it is not there, or not as it was written."""
    try:
        digest, told, data = path.with_suffix(SUFFIX).read_bytes().split(b"\n", 2)
        if sha256(told + data).hexdigest().encode() != digest:
            return None
        with np.load(io.BytesIO(data), allow_pickle=False) as held:
            found = Year(**{one.name: held[one.name] for one in fields(Year)})
        with contextlib.suppress(OSError):
            os.utime(path.with_suffix(SUFFIX))  # in use
        return found, json.loads(told)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _keep(path: Path, year: Year, reads: Sequence[Read]) -> None:
    """Keeps a year. A store that may only be read, or a full disk, keeps none."""
    from store.errors import StoreError
    from store.paths import make_folder, replace_atomically
    from store.room import make_room

    content = io.BytesIO()
    np.savez(content, **{one.name: getattr(year, one.name) for one in fields(Year)})
    told = json.dumps([_told(read) for read in reads]).encode()
    data = content.getvalue()
    whole = b"\n".join((sha256(told + data).hexdigest().encode(), told, data))
    with contextlib.suppress(OSError, StoreError):
        make_folder(path.parent)
        make_room(path.parent, SUFFIX, len(whole), MOST_BYTES)
        replace_atomically(path.with_suffix(SUFFIX), whole)


def _told(read: Read) -> dict[str, Any]:
    """A read's record as ``store.panel_cache.read_again`` takes it."""
    from store.clock import to_micros

    def day(value: date | None) -> str | None:
        return None if value is None else value.isoformat()

    newest = None if read.newest_known_at is None else to_micros(read.newest_known_at)
    return {
        "table": read.table, "start": day(read.start), "end": day(read.end), "columns": list(read.columns),
        "rows": read.rows, "newest_known_at": newest, "bases": list(read.bases), "sources": list(read.sources),
        "files": read.files,
    }  # fmt: skip


def _entered(told: dict[str, Any], security_id: int, reader: AsOfReader, digest: Any) -> Read:
    from store.panel_cache import read_again

    return read_again(told, (security_id,), reader.asof, digest)


def _reads(reader: AsOfReader, security_id: int, year: int, calendar: str) -> tuple[Read, ...]:
    """The same reads made once more, on no record: for their hashes."""
    fresh = replace(reader, _reads=[])
    _made(fresh, security_id, year, calendar)
    return fresh.reads


def _hash(reads: Any, place: int) -> str:
    found: str = reads()[place].hash
    return found
