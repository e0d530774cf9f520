"""Continuous futures: no choice knows a later row, joins are exact, and real contracts roll when they did."""

from __future__ import annotations

import io
import tarfile
import zipfile
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.rolls import Method, Rule, continuous, schedule

LEAN = Path(__file__).resolve().parents[3] / "shared" / "data" / "equity" / "lean_data_subset.tar.xz"
DAYS = [date(2026, 1, 5) + timedelta(days=n) for n in range(40)]
TERMS = pl.DataFrame(
    {
        "contract": ["A", "B", "C"],
        "delivery_month": [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)],
        "first_notice_date": [None, date(2026, 2, 9), None],
        "last_trade_date": [date(2026, 1, 20), date(2026, 2, 20), date(2026, 3, 20)],
    }
)


def bar(
    day: date, contract: str, close: float, volume: int = 100, open_interest: int = 100
) -> dict[str, object]:
    prices = dict.fromkeys(("open", "high", "low", "close"), close)
    return {
        "session_date": day,
        "contract": contract,
        **prices,
        "volume": volume,
        "open_interest": open_interest,
    }


def table(rows: list[dict[str, object]]) -> pl.DataFrame:
    kinds = {"session_date": pl.Date, "contract": pl.String, "volume": pl.Int64, "open_interest": pl.Int64}
    prices = dict.fromkeys(("open", "high", "low", "close"), pl.Float64)
    return pl.DataFrame(rows, schema={**kinds, **prices})


def every(day: int = 40) -> pl.DataFrame:
    level = {"A": 100.0, "B": 103.0, "C": 107.0}
    return table([bar(d, c, level[c] + n) for n, d in enumerate(DAYS[:day]) for c in level])


def held(frame: pl.DataFrame) -> dict[date, str]:
    return dict(frame.select("session_date", "contract").iter_rows())


def test_by_calendar_before_last_trade_or_first_notice() -> None:
    chosen = held(schedule(every(), TERMS, "calendar", days=5))
    assert chosen[date(2026, 1, 14)] == "A"
    assert chosen[date(2026, 1, 15)] == "B"  # five days before the 20th
    assert chosen[date(2026, 2, 3)] == "B"
    assert chosen[date(2026, 2, 4)] == "C"  # first notice on the 9th


@pytest.mark.parametrize("rule", ["volume", "open_interest"])
def test_by_figures_of_the_session_before(rule: Rule) -> None:
    more = [bar(DAYS[3], "B", 103.0, 900, 900)]
    rows = [r for r in every().to_dicts() if (r["session_date"], r["contract"]) != (DAYS[3], "B")]
    frame = schedule(table(rows + more), TERMS, rule, days=0)
    chosen = held(frame)
    assert (chosen[DAYS[3]], chosen[DAYS[4]]) == ("A", "B")
    assert chosen[DAYS[5]] == "B"  # A has as much again: never back
    assert frame.filter("rolled")["session_date"].to_list()[0] == DAYS[4]


def test_the_calendar_ends_what_figures_would_keep() -> None:
    quiet = table([bar(d, c, 100.0, 1000 if c == "A" else 1) for d in DAYS for c in "AB"])
    chosen = held(schedule(quiet, TERMS, "volume", days=1))
    assert chosen[date(2026, 1, 18)] == "A"
    assert chosen[date(2026, 1, 19)] == "B"


def test_joins_are_exact() -> None:
    bars = every()
    plan = schedule(bars, TERMS, "calendar", days=5)
    raw = continuous(bars, plan, "none")
    added = continuous(bars, plan, "difference")
    times = continuous(bars, plan, "ratio")
    assert raw["close"].diff().max() > 4  # a jump at the roll
    assert added["close"].diff().drop_nulls().to_list() == pytest.approx([1.0] * (added.height - 1))
    assert added["close"][-1] == raw["close"][-1]  # as of the last session
    at = plan["rolled"].arg_max()
    assert at is not None
    before = {
        r["contract"]: r["close"]
        for r in bars.filter(pl.col("session_date") == raw["session_date"][at - 1]).to_dicts()
    }
    step = times["close"][at] / times["close"][at - 1]
    assert step == pytest.approx(raw["close"][at] / before["B"])  # the held contract's own return


def test_negative_prices_join_by_difference_only() -> None:
    bars = every().with_columns(pl.col("close") - 130.0)
    plan = schedule(bars, TERMS)
    assert continuous(bars, plan, "difference")["close"].is_finite().all()
    with pytest.raises(ValueError, match="not above zero"):
        continuous(bars, plan, "ratio")


def test_a_roll_without_a_common_session_is_told() -> None:
    rows = [bar(d, "A", 100.0) for d in DAYS[:10]] + [bar(d, "B", 200.0) for d in DAYS[10:20]]
    frame = continuous(table(rows), schedule(table(rows), TERMS, days=0), "difference")
    assert frame.filter("unmatched").height == 1


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 39),
            st.sampled_from("ABC"),
            st.floats(1, 500),
            st.integers(0, 9),
            st.integers(0, 9),
        ),
        min_size=1,
        max_size=80,
        unique_by=lambda row: row[:2],
    ),
    st.sampled_from(["calendar", "volume", "open_interest"]),
    st.integers(0, 39),
)
def test_no_choice_uses_a_later_row(
    rows: list[tuple[int, str, float, int, int]], rule: Rule, cut: int
) -> None:
    bars = table([bar(DAYS[n], c, p, v, o) for n, c, p, v, o in rows])
    early = bars.filter(pl.col("session_date") <= DAYS[cut])
    whole = schedule(bars, TERMS, rule, days=3).filter(pl.col("session_date") <= DAYS[cut])
    assert whole.equals(schedule(early, TERMS, rule, days=3))
    unadjusted = continuous(bars, schedule(bars, TERMS, rule, days=3), "none")
    truncated = continuous(early, schedule(early, TERMS, rule, days=3), "none")
    assert unadjusted.filter(pl.col("session_date") <= DAYS[cut]).equals(truncated)


@pytest.mark.parametrize("method", ["difference", "ratio"])
def test_returns_within_a_contract_are_its_own(method: Method) -> None:
    """Adjustment moves levels by one figure a contract: differences (or ratios) inside it stay."""
    bars = every()
    plan = schedule(bars, TERMS)
    raw, joined = continuous(bars, plan), continuous(bars, plan, method)
    same = raw["contract"] == raw["contract"].shift(1)
    if method == "difference":
        moved = (joined["close"].diff() - raw["close"].diff()).filter(same)
        assert moved.abs().max() < 1e-9
    else:
        moved = (joined["close"].pct_change() - raw["close"].pct_change()).filter(same)
        assert moved.abs().max() < 1e-12


@pytest.mark.shared
def test_the_december_contract_of_2013_gave_way_in_its_week() -> None:
    """E-mini S&P 500: volume moves to March eight days before the expiry of 20 December, on 12 December."""
    if not LEAN.is_file():
        pytest.skip("../shared/data/equity is not on this machine")
    frames = []
    with tarfile.open(LEAN) as pack:
        member = pack.extractfile("Data/future/cme/daily/es_trade.zip")
        assert member is not None
        archive = zipfile.ZipFile(io.BytesIO(member.read()))
    names = ["day", "open", "high", "low", "close", "volume"]
    for name in archive.namelist():
        text = pl.read_csv(archive.read(name), has_header=False, new_columns=names)
        frames.append(
            text.select(
                pl.col("day").str.slice(0, 8).str.to_date("%Y%m%d").alias("session_date"),
                pl.lit(name[9:15]).alias("contract"),
                pl.col("open", "high", "low", "close").cast(pl.Float64),
                pl.col("volume").cast(pl.Int64),
                pl.lit(None, pl.Int64).alias("open_interest"),
            )
        )
    bars = pl.concat(frames).filter(pl.col("session_date") < date(2013, 12, 31))
    terms = pl.DataFrame(
        {
            "contract": ["201312", "201403", "201406"],
            "delivery_month": [date(2013, 12, 1), date(2014, 3, 1), date(2014, 6, 1)],
            "first_notice_date": [None, None, None],
            "last_trade_date": [date(2013, 12, 20), date(2014, 3, 21), date(2014, 6, 20)],
        },
        schema_overrides={"first_notice_date": pl.Date},
    )
    plan = schedule(bars, terms, "volume", days=0)
    (day,) = plan.filter("rolled")["session_date"].to_list()
    assert date(2013, 12, 11) <= day <= date(2013, 12, 17)
    joined = continuous(bars, plan, "ratio")
    assert joined["close"].pct_change().abs().max() < 0.03
    assert not joined["unmatched"].any()
