"""Cells: what each kind looks like, and that no value whatever makes one raise."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import get_args
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.format import compact_number, format_cell
from engine.page import BLANK_GLYPHS, Blank, ColumnKind
from engine.sanitize import clean

KINDS = get_args(ColumnKind)
NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("value", "kind", "decimals", "shown"),
    [
        (1234567, "integer", None, "1,234,567"),
        (1234567.0, "integer", None, "1,234,567"),
        (-1234.5, "number", None, "-1,234.50"),
        (0.0123, "number", None, "0.0123"),
        (0.00012, "number", None, "0.000120"),
        (173.5, "price", None, "173.50"),
        (0.5, "price", None, "0.5000"),
        (173.456, "price", 1, "173.5"),
        (0.05, "percent", None, "5.00%"),
        (-0.5, "percent", 0, "-50%"),
        (0.0123, "change", None, "▲ +1.23%"),
        (-0.0123, "change", None, "▼ -1.23%"),
        (-0.000001, "change", None, "0.00%"),
        (-0.001, "price", 2, "0.00"),
        (12.345, "ratio", None, "12.35"),
        (Decimal("1.5"), "number", None, "1.50"),
        (date(2008, 9, 15), "date", None, "2008-09-15"),
        (np.datetime64("2008-09-15"), "date", None, "2008-09-15"),
        (np.float32(1.5), "number", None, "1.50"),
        (np.int64(12345), "integer", None, "12,345"),
        (float("inf"), "number", None, "∞"),
        (float("-inf"), "change", None, "▼ -∞"),
        (1e300, "price", None, "1e+300"),
        (True, "text", None, "yes"),
        ("restated", "mark", None, "restated"),
        ("evil\x1b]0;title\x07 name", "text", None, "evil name"),
    ],
)
def test_each_kind_reads_as_it_should(
    value: object, kind: ColumnKind, decimals: int | None, shown: str
) -> None:
    assert format_cell(value, kind, decimals) == shown


def test_instants_are_shown_in_the_zone_asked_for() -> None:
    close = datetime(2008, 9, 15, 20, tzinfo=UTC)
    assert format_cell(close, "instant") == "2008-09-15 20:00 UTC"
    assert format_cell(close, "instant", tz=NEW_YORK) == "2008-09-15 16:00 EDT"
    assert format_cell(datetime(2008, 9, 16, 3, 59, 59, 999999, UTC), "instant", tz=NEW_YORK) == (
        "2008-09-15 23:59:59 EDT"
    )
    assert format_cell(datetime(2008, 9, 16, 2, tzinfo=UTC), "date", tz=NEW_YORK) == "2008-09-15"


@pytest.mark.parametrize("blank", list(Blank))
@pytest.mark.parametrize("value", [None, float("nan"), np.datetime64("NaT")])
def test_the_three_blanks_are_told_apart(value: object, blank: Blank) -> None:
    assert format_cell(value, "price", blank=blank) == BLANK_GLYPHS[blank]
    assert len(set(BLANK_GLYPHS.values())) == 3


def test_units_follow_the_number_and_never_a_blank() -> None:
    assert format_cell(10.0, "price", unit="USD") == "10.00 USD"
    assert format_cell(1.5, "ratio", unit="x") == "1.50x"
    assert format_cell(None, "price", unit="USD") == "—"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (999, "999"),
        (1000, "1.00K"),
        (12345, "12.3K"),
        (999_499, "999K"),
        (999_500, "1.00M"),
        (1_234_567, "1.23M"),
        (-4.56e9, "-4.56B"),
        (7.89e12, "7.89T"),
        (0.5, "0.50"),
    ],
)
def test_compact(value: float, shown: str) -> None:
    assert compact_number(value) == shown
    assert format_cell(value, "number", compact=True) == shown


class Broken:
    def __str__(self) -> str:
        raise RuntimeError

    def __float__(self) -> float:
        raise OverflowError


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.just(10**5000),
    st.floats(),
    st.text(),
    st.binary(max_size=20),
    st.dates(),
    st.datetimes(),
    st.datetimes(timezones=st.just(UTC)),
    st.decimals(),
    st.just(Broken()),
    st.lists(st.integers(), max_size=3),
)


@given(
    ANYTHING,
    st.sampled_from([*KINDS, "no such kind"]),
    st.none() | st.integers(-5, 400),
    st.text(max_size=5),
    st.sampled_from(list(Blank)),
    st.sampled_from([None, UTC, NEW_YORK]),
    st.booleans(),
)
def test_never_raises_and_is_always_inert(value, kind, decimals, unit, blank, tz, compact) -> None:
    shown = format_cell(value, kind, decimals, unit, blank, tz=tz, compact=compact)
    assert isinstance(shown, str)
    assert clean(shown) == shown


@given(st.floats(min_value=1e-4, max_value=1e9))
def test_up_and_down_are_told_by_sign_and_arrow(size: float) -> None:
    assert format_cell(size, "change").startswith("▲ +")
    assert format_cell(-size, "change").startswith("▼ -")


@given(st.floats(min_value=-1e14, max_value=1e14))
def test_a_price_reads_back(value: float) -> None:
    assert abs(float(format_cell(value, "price", 4).replace(",", "")) - value) <= 0.51e-4 + abs(value) * 1e-15
