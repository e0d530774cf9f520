"""Every declared table through the same life: appended, corrected, withdrawn, compacted, always read the same."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from store import Selection, Store, StoreError
from store.columns import ColumnSpec
from store.schema import TABLES, polars_schema
from tests.store.rows import NOON, append

FIRST = datetime(2024, 2, 1, tzinfo=UTC)  # when the rows became known
LATER = datetime(2024, 3, 1, tzinfo=UTC)  # when one was corrected and another withdrawn


def value_of(column: ColumnSpec, number: int) -> object:
    """A value of the column's type; ``number`` tells rows and versions apart."""
    if column.choices:
        return column.choices[number % len(column.choices)]
    plain: dict[str, object] = {
        "integer": 10 + number,
        "number": 1.5 + number,
        "text": f"{column.name} {number} é",
        "date": date(2024, 1, 1) + timedelta(days=number),
        "instant": datetime(2024, 1, 1, 15, tzinfo=UTC) + timedelta(hours=number),
        "flag": number % 2 == 0,
    }
    return plain[column.type]


def row(
    name: str, number: int, *, version: int = 0, known: datetime = FIRST, deleted: bool = False
) -> dict[str, object]:
    """Row ``number`` of a table; versions differ in what is not key."""
    spec = TABLES[name]
    made = {
        c.name: value_of(c, number if c.name in spec.key else number + 100 * version) for c in spec.columns
    }
    if name == "actions":
        made |= {"kind": "split", "ratio": 2.0 + version}
    stamps = {
        "known_at": known,
        "known_basis": "exact" if version == 0 else "estimated: told later",
        "deleted": deleted,
    }
    return made | {"security_id": 1 + number % 3} | stamps


def rows_of(name: str, *rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=polars_schema(name))


@pytest.mark.parametrize("name", TABLES)
def test_a_table_s_life(store: Store, name: str) -> None:
    spec = TABLES[name]
    append(store, **{name: rows_of(name, *(row(name, number) for number in range(6)))})
    corrected, withdrawn = row(name, 1, version=1, known=LATER), row(name, 2, known=LATER, deleted=True)
    append(store, **{name: rows_of(name, corrected, withdrawn)})

    shown = [*spec.key, *spec.payload, "known_at", "known_basis"]
    first = rows_of(name, *(row(name, n) for n in range(6))).select(shown).sort(spec.order)
    later = rows_of(name, *(row(name, n) for n in (0, 3, 4, 5)), corrected).select(shown).sort(spec.order)
    kept = store.save_snapshot(name, [Selection(name)], NOON)

    def read_all() -> None:
        early, now = store.reader(LATER - timedelta(seconds=1), snapshot=2), store.reader(NOON, snapshot=2)
        assert store.reader(FIRST - timedelta(seconds=1)).rows(name).is_empty()
        assert early.rows(name).select(shown).equals(first)
        assert now.rows(name).select(shown).equals(later)
        assert store.reader(NOON, snapshot=1).rows(name).select(shown).equals(first), (
            "before the correction came"
        )
        some = now.rows(name, (1, 2), columns=spec.payload[:1])
        assert some.columns == [*spec.key, *spec.payload[:1], "known_at", "known_basis"]
        assert some.equals(later.filter(pl.col("security_id").is_in([1, 2])).select(some.columns))
        days = later[spec.session].unique().sort()
        within = now.rows(name, None, days[1], days[2])
        assert within.select(shown).equals(later.filter(pl.col(spec.session).is_between(days[1], days[2])))
        (frame,) = store.load_snapshot(kept.id).frames
        assert frame.select(shown).equals(later)
        assert frame["seq"].to_list() == [2 if basis != "exact" else 1 for basis in frame["known_basis"]]

    read_all()
    store.compact(name, force=True)
    read_all()
    append(store, **{name: rows_of(name, row(name, 0, version=2, known=LATER + timedelta(days=1)))})
    read_all()
    store.compact(name, force=True)
    read_all()
    assert store.reader(NOON).rows(name).height == later.height
    assert store.check() == []


def test_a_column_that_is_not_there_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="bars: no such column: price"):
        store.reader(NOON).rows("bars", columns=("price",))
    with pytest.raises(StoreError, match="no table 'prices'"):
        store.reader(NOON).rows("prices")
