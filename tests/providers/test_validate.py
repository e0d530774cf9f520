"""What may be written and what is set aside, each with its reason."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from providers.base import ProviderError
from providers.validate import Checked, check, check_jumps

DAY, KNOWN = date(2024, 6, 3), datetime(2024, 6, 3, 20, tzinfo=UTC)


def bars(*changes: dict[str, object]) -> pl.DataFrame:
    """One sound bar a change, a day apart, with the change applied."""
    base = {"identity": "x", "open": 10.0, "high": 11.0, "low": 9.0, "close": 10.5, "volume": 100}
    rows = [
        base
        | {"session_date": date(2024, 6, 3 + at), "known_at": datetime(2024, 6, 3 + at, 20, tzinfo=UTC)}
        | change
        for at, change in enumerate(changes)
    ]
    return pl.DataFrame(rows, strict=False).with_columns(known_basis=pl.lit("exact"))


def reasons(result: Checked) -> list[tuple[str, int]]:
    return [(item.reason, 0 if item.rows is None else item.rows.height) for item in result.quarantined]


def test_sound_rows_pass_in_the_tables_columns() -> None:
    result = check("bars", bars({}, {}))
    assert result.good.height == 2
    assert result.quarantined == ()
    assert result.good.columns[:3] == ["identity", "session_date", "open"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"high": 10.2}, "high below open, low or close"),
        ({"low": 10.2}, "low above open, high or close"),
        ({"volume": -1}, "volume below zero"),
        ({"open": 0.0, "low": 0.0}, "price not above zero"),
        ({"close": None}, "close is empty"),
        ({"close": float("nan")}, "close is not a finite number"),
        ({"high": float("inf")}, "high is not a finite number"),
        ({"known_at": datetime(2024, 6, 1, tzinfo=UTC)}, "known before its day"),
        ({"session_date": None}, "session_date is empty"),
    ],
)
def test_a_bad_bar_is_set_aside(change: dict[str, object], reason: str) -> None:
    result = check("bars", bars({}, change))
    assert reasons(result) == [(reason, 1)]
    assert result.good.height == 1


def test_every_row_is_good_or_set_aside() -> None:
    frame = bars({}, {"volume": -1}, {"high": 1.0}, {"volume": -5}, {})
    result = check("bars", frame)
    assert result.good.height + sum(count for _, count in reasons(result)) == frame.height
    assert len(result.quarantined) == 2


def test_oil_may_be_negative_where_it_is_said_to() -> None:
    row = pl.DataFrame(
        {
            "identity": ["commodity:WTI"], "session_date": [DAY], "basis": ["close"], "close": [-36.98],
            "known_at": [KNOWN], "known_basis": ["exact"],
        }
    )  # fmt: skip
    assert check("closes", row, positive=False).good.height == 1
    assert reasons(check("closes", row)) == [("price not above zero", 1)]
    assert "basis is none of" in reasons(check("closes", row.with_columns(basis=pl.lit("guess"))))[0][0]


def test_a_second_row_of_one_key_is_set_aside_and_a_second_version_is_not() -> None:
    twice = bars({}, {"session_date": DAY, "known_at": KNOWN, "close": 9.9})
    result = check("bars", twice)
    assert result.good["close"].to_list() == [10.5]
    assert reasons(result) == [("a second row of the same key known at the same time", 1)]
    later = bars({}, {"session_date": DAY, "close": 9.9})
    assert check("bars", later).good.height == 2


def test_actions_need_what_their_kind_needs() -> None:
    rows = pl.DataFrame(
        {
            "identity": ["x"] * 5,
            "kind": ["split", "split", "dividend", "dividend", "dividend"],
            "ex_date": [date(2024, 6, day) for day in range(1, 6)],
            "ratio": [2.0, None, None, None, None],
            "amount": [None, None, 0.5, -0.5, 0.5],
            "currency": [None, None, "USD", "USD", ""],
            "known_at": [KNOWN] * 5,
            "known_basis": ["exact"] * 5,
        }
    )
    result = check("actions", rows)
    assert result.good["ex_date"].to_list() == [date(2024, 6, 1), date(2024, 6, 3)]
    assert len(result.quarantined) == 3


def test_a_frame_of_another_shape_is_a_fault_of_the_provider() -> None:
    with pytest.raises(ProviderError, match=r"missing.*close"):
        check("bars", bars({}).drop("close"))
    with pytest.raises(ProviderError, match=r"unknown.*vwap"):
        check("bars", bars({}).with_columns(vwap=1.0))


def flat(closes: list[float]) -> pl.DataFrame:
    return bars(*({"open": c, "high": c, "low": c, "close": c} for c in closes))


def split(day: int, ratio: float) -> pl.DataFrame:
    return pl.DataFrame(
        {"identity": ["x"], "kind": ["split"], "ex_date": [date(2024, 6, day)], "ratio": [ratio]}
    )


NO_SPLIT = split(1, 2.0).clear()


def test_a_misplaced_decimal_point_is_set_aside() -> None:
    kept, _ = check_jumps(flat([10.0, 10.2, 1020.0]), NO_SPLIT)
    assert kept.good.height == 2
    assert "without a split" in kept.quarantined[0].reason


def test_a_crash_is_kept_and_a_large_split_explains_its_jump() -> None:
    assert check_jumps(flat([53.5, 25.75]), NO_SPLIT)[0].good.height == 2
    kept, splits = check_jumps(flat([1000.0, 51.0]), split(4, 20.0))
    assert (kept.good.height, splits.good.height) == (2, 1)


def test_a_split_that_no_price_shows_is_set_aside() -> None:
    kept, splits = check_jumps(flat([50.0, 50.5]), split(4, 2.0))
    assert kept.good.height == 2
    assert splits.good.height == 0
    assert splits.quarantined[0].reason == "the traded price does not show this split"


def test_a_split_outside_the_bars_cannot_be_judged_and_stays() -> None:
    assert check_jumps(flat([50.0, 50.5]), split(20, 2.0))[1].good.height == 1


def test_controls_in_outside_text_go_and_letters_stay() -> None:
    names = [
        "\x1b]0;owned\x07Ünïcødé 株式",
        "a\u202egnp.exe",
        "b\x9b31m",
        "\r\n\tc\x7f",
        "[/] [@click=app.bell]x",
    ]
    rows = pl.DataFrame(
        {
            "identity": [f"us-equity:{at}" for at in range(len(names))], "valid_from": [DAY] * len(names),
            "ticker": ["X"] * len(names), "name": names, "market": ["US EQUITY"] * len(names),
            "asset_class": ["equity"] * len(names), "known_at": [KNOWN] * len(names),
            "known_basis": ["exact"] * len(names),
        }
    )  # fmt: skip
    kept = check("securities", rows).good["name"].to_list()
    assert kept == ["]0;ownedÜnïcødé 株式", "agnp.exe", "b31m", "c", "[/] [@click=app.bell]x"]


def test_a_small_stock_dividend_drowns_in_the_days_own_move() -> None:
    """Five for a hundred on a day that falls by three in a hundred: the price proves nothing, the split stays."""
    kept, splits = check_jumps(flat([50.0, 50.0 / 1.05 * 0.97]), split(4, 1.05))
    assert (kept.good.height, splits.good.height) == (2, 1)
    kept, splits = check_jumps(flat([50.0, 50.0 / 1.05 * 1.03]), split(4, 1.05))
    assert splits.good.height == 1
