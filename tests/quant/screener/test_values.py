"""What expressions say: against plain Python over one security after another, in three values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.screener import KINDS, explain, numbers, ordering, parse, screen, truth

NAN = float("nan")
T, F, U = 1, -1, 0


def day(**columns: list[Any]) -> dict[str, Any]:
    return {
        name: np.array(values, dtype=object if KINDS[name] == "text" else np.float64)
        for name, values in columns.items()
    }


def told(text: str, **columns: list[Any]) -> list[int]:
    return truth(parse(text, KINDS), day(**columns)).tolist()


def value(text: str, **columns: list[Any]) -> list[float]:
    return numbers(parse(text, KINDS, want="number"), day(**columns)).tolist()


@pytest.mark.parametrize("sign", ["and", "or"])
def test_kleenes_tables(sign: str) -> None:
    """Every pair of true, false and unknown; written out by hand from Kleene's strong tables."""
    table = {
        "and": {(T, T): T, (T, F): F, (T, U): U, (F, T): F, (F, F): F, (F, U): F, (U, T): U, (U, F): F, (U, U): U},
        "or": {(T, T): T, (T, F): T, (T, U): T, (F, T): T, (F, F): F, (F, U): U, (U, T): T, (U, F): U, (U, U): U},
    }[sign]  # fmt: skip
    as_value = {T: 1.0, F: -1.0, U: NAN}
    pairs = list(table)
    found = told(
        f"pe > 0 {sign} roe > 0", pe=[as_value[a] for a, _ in pairs], roe=[as_value[b] for _, b in pairs]
    )
    assert found == [table[pair] for pair in pairs]


def test_not_of_the_unknown_is_unknown() -> None:
    assert told("not pe > 0", pe=[1.0, -1.0, NAN]) == [F, T, U]
    assert told("pe not between 0 and 2", pe=[1.0, 3.0, NAN]) == [F, T, U]
    assert told("sector not in ('energy')", sector=["Energy", "Tech", ""]) == [F, T, U]


def test_between_is_false_where_one_end_settles_it() -> None:
    assert told("pe between roe and 5", pe=[7.0, 3.0, 3.0], roe=[NAN, NAN, 3.0]) == [F, U, T]


def test_in_is_unknown_only_where_no_item_settles_it() -> None:
    assert told("pe in (1, roe)", pe=[1.0, 2.0, 2.0, NAN], roe=[NAN, NAN, 2.0, 1.0]) == [T, U, T, U]


def test_text_is_compared_in_any_case_and_is_never_code() -> None:
    names = ["Energy", " ENERGY ", "[bold]Tech[/]", "", "x' or 1=1"]
    assert told("sector = 'energy'", sector=names) == [T, T, F, U, F]
    assert told('sector in ("[BOLD]tech[/]", "x\' or 1=1")', sector=names) == [F, F, T, U, T]
    assert told("sector = industry", sector=["a", "b"], industry=["A", ""]) == [T, U]


def test_what_is_not_finite_is_unknown() -> None:
    assert np.isnan(value("1 / pe", pe=[0.0])).all()
    assert np.isnan(value("log(pe)", pe=[0.0, -1.0])).all()
    assert np.isnan(value("sqrt(pe)", pe=[-1.0])).all()
    assert np.isnan(value("pe * 1e300", pe=[1e300])).all()
    assert told("1 / pe > 0 or roe > 0", pe=[0.0, 0.0], roe=[1.0, -1.0]) == [T, U]


def test_known_asks_whether_a_value_is_known() -> None:
    assert told("known(pe)", pe=[1.0, NAN]) == [T, F]
    assert told("not known(sector)", sector=["a", ""]) == [F, T]


FLOAT = st.one_of(st.just(NAN), st.integers(-5, 5).map(float))
ROWS = st.lists(st.tuples(FLOAT, FLOAT, st.sampled_from(("", "a", "b"))), min_size=1, max_size=14)


def slow_extreme(
    values: list[float], groups: list[str] | None, side: str, count: int, percent: bool
) -> list[int]:
    found = []
    for at, each in enumerate(values):
        if math.isnan(each) or (groups is not None and not groups[at]):
            found.append(U)
            continue
        peers = [
            v for k, v in enumerate(values)
            if not math.isnan(v) and (groups is None or groups[k] == groups[at])
        ]  # fmt: skip
        room = -(-count * len(peers) // 100) if percent else count
        better = sum(v > each if side == "top" else v < each for v in peers)
        found.append(T if better < room else F)
    return found


@settings(max_examples=150, deadline=None)
@given(ROWS, st.sampled_from(("top", "bottom")), st.integers(1, 100), st.booleans(), st.booleans())
def test_top_and_bottom_against_counting(
    rows: list[tuple[float, float, str]], side: str, count: int, percent: bool, grouped: bool
) -> None:
    values, groups = [row[0] for row in rows], [row[2] for row in rows]
    text = f"pe {side} {count}{'%' * percent}{' within sector' * grouped}"
    expected = slow_extreme(values, groups if grouped else None, side, count, percent)
    assert told(text, pe=values, sector=groups) == expected


@settings(max_examples=100, deadline=None)
@given(ROWS)
def test_ranks_and_percentiles_against_counting(rows: list[tuple[float, float, str]]) -> None:
    values, groups = [row[0] for row in rows], [row[2] for row in rows]
    ranks = value("rank(pe) within sector", pe=values, sector=groups)
    shares = value("percentile(pe)", pe=values)
    known = [v for v in values if not math.isnan(v)]
    for at, each in enumerate(values):
        if math.isnan(each):
            assert math.isnan(shares[at])
            assert math.isnan(ranks[at])
            continue
        below, same = sum(v < each for v in known), sum(v == each for v in known)
        assert shares[at] == pytest.approx((below + same / 2) / len(known))
        peers = [v for v, g in zip(values, groups, strict=True) if g == groups[at] and not math.isnan(v)]
        rank = sum(v < each for v in peers) + (sum(v == each for v in peers) + 1) / 2
        assert math.isnan(ranks[at]) if not groups[at] else ranks[at] == pytest.approx(rank)


def test_z_scores_are_those_of_the_textbook() -> None:
    values = [1.0, 2.0, 3.0, 4.0, 100.0, NAN]
    known = np.array(values[:5])
    plain = value("z(pe, 0%)", pe=values)
    assert plain[:5] == pytest.approx(((known - known.mean()) / known.std(ddof=1)).tolist())
    assert math.isnan(plain[5])
    drawn = np.clip(known, *np.quantile(known, [0.1, 0.9]))
    assert value("winsorize(pe, 10%)", pe=values)[:5] == pytest.approx(drawn.tolist())
    assert value("z(pe, 10%)", pe=values)[:5] == pytest.approx(
        ((drawn - drawn.mean()) / drawn.std(ddof=1)).tolist()
    )


def test_a_score_is_a_sum_over_the_universe() -> None:
    pe, roe = [8.0, 12.0, 30.0, 18.0], [0.1, 0.3, 0.2, NAN]
    found = value("0.5*z(-pe) + 0.5*z(roe)", pe=pe, roe=roe)
    one, other = np.array(value("z(-pe)", pe=pe)), np.array(value("z(roe)", roe=roe))
    assert found == pytest.approx((0.5 * one + 0.5 * other).tolist(), nan_ok=True)
    assert math.isnan(found[3])


def slow(text_of: list[tuple[str, str, float]], joint: str, row: dict[str, float]) -> int:
    """A chain of comparisons of one security, value by value."""
    found = []
    for name, sign, bound in text_of:
        x = row[name]
        if math.isnan(x):
            found.append(U)
            continue
        held = {
            "<": x < bound,
            "<=": x <= bound,
            ">": x > bound,
            ">=": x >= bound,
            "=": x == bound,
            "!=": x != bound,
        }
        found.append(T if held[sign] else F)
    if joint == "and":
        return F if F in found else U if U in found else T
    return T if T in found else U if U in found else F


PARTS = st.lists(
    st.tuples(st.sampled_from(("pe", "roe")), st.sampled_from(("<", "<=", ">", ">=", "=", "!=")), st.integers(0, 4)),
    min_size=1, max_size=4,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(PARTS, st.sampled_from(("and", "or")), ROWS)
def test_conditions_against_one_security_after_another(
    conditions: list[tuple[str, str, int]], joint: str, rows: list[tuple[float, float, str]]
) -> None:
    text = f" {joint} ".join(f"{name} {sign} {bound}" for name, sign, bound in conditions)
    columns = {"pe": [row[0] for row in rows], "roe": [row[1] for row in rows]}
    plain = [(name, sign, float(bound)) for name, sign, bound in conditions]
    expected = [slow(plain, joint, {"pe": row[0], "roe": row[1]}) for row in rows]
    assert told(text, **columns) == expected


@settings(max_examples=100, deadline=None)
@given(PARTS, ROWS)
def test_the_funnel_counts(
    conditions: list[tuple[str, str, int]], rows: list[tuple[float, float, str]]
) -> None:
    text = " and ".join(f"{name} {sign} {bound}" for name, sign, bound in conditions)
    columns = day(pe=[row[0] for row in rows], roe=[row[1] for row in rows])
    tree = parse(text, KINDS)
    found = screen(tree, columns)
    assert len(found.conditions) == len(conditions)
    assert explain(tree, columns) == found.conditions
    left = [len(rows), *(each.left for each in found.conditions)]
    assert left == sorted(left, reverse=True)
    assert left[-1] == int(found.passes.sum())
    for each in found.conditions:
        assert each.passes + each.fails + each.unknown == len(rows)
    assert found.told.tolist() == truth(tree, columns).tolist()


def test_the_order_of_conditions_does_not_matter() -> None:
    rng = np.random.default_rng(3)
    columns = {"pe": rng.normal(size=60), "roe": rng.normal(size=60)}
    one = screen(parse("pe top 30% and roe top 50%", KINDS), columns)
    other = screen(parse("roe top 50% and pe top 30%", KINDS), columns)
    assert (one.told == other.told).all()


def test_ordering_puts_the_unknown_last_and_keeps_ties() -> None:
    keys, places = np.array([3.0, NAN, 1.0, 3.0]), np.arange(4)
    assert ordering(keys, places, descending=True).tolist() == [0, 3, 2, 1]
    assert ordering(keys, places, descending=False).tolist() == [2, 0, 3, 1]


def test_an_empty_universe_is_no_error() -> None:
    found = screen(parse("pe < 1 and pe top 5 and z(roe) > 0", KINDS), day(pe=[], roe=[]))
    assert found.told.tolist() == []
    assert [each.left for each in found.conditions] == [0, 0, 0]
