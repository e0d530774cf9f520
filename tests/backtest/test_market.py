"""Bars as traded made comparable through time, without knowing a later action."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.backtest.market import Market


def market(days: int = 8) -> Market:
    """One symbol: 100, then two for one at session 3, a dividend of 1 at session 5, and a session without a bar."""
    close = np.array([[100.0], [102.0], [104.0], [52.5], [53.0], [52.0], [np.nan], [54.0]])[:days]
    split, dividend = np.ones((days, 1)), np.zeros((days, 1))
    split[3], dividend[5] = 2.0, 1.0
    volume = np.where(np.isfinite(close), 1000.0, np.nan)
    return Market(
        np.datetime64("2020-01-01") + np.arange(days), ("AAA",), np.array([1]), close, close, close, close, volume,
        split, dividend, np.zeros((days, 1), dtype=np.int64), np.array([-1]), np.array([np.nan]),
    )  # fmt: skip


def test_splits_make_prices_comparable() -> None:
    close = market().signal_prices()["close"][:, 0]
    assert close[:5].tolist() == [100.0, 102.0, 104.0, 105.0, 106.0]
    assert market().signal_prices()["volume"][4, 0] == 500.0  # in shares of the first session


def test_dividends_are_reinvested_on_the_ex_date() -> None:
    total = market().signal_prices(dividends=True)["close"][:, 0]
    # 53 before, 52 after a dividend of 1: a holder lost nothing
    assert total[5] / total[4] == pytest.approx(52.0 / 52.0)
    plain = market().signal_prices()["close"][:, 0]
    assert plain[5] / plain[4] == pytest.approx(52.0 / 53.0)


def test_no_day_knows_a_later_action() -> None:
    whole = market()
    for cut in range(2, 8):
        part = whole.signal_prices(dividends=True)["close"][:cut]
        later = replace(whole, split=whole.split.copy(), dividend=whole.dividend.copy())
        later.split[cut:], later.dividend[cut:] = 7.0, 3.0
        np.testing.assert_array_equal(later.signal_prices(dividends=True)["close"][:cut], part)


def test_a_session_without_a_bar_stays_blank_and_harms_nothing() -> None:
    total = market().signal_prices(dividends=True)["close"][:, 0]
    assert np.isnan(total[6])
    assert np.isfinite(total[7])


@pytest.mark.parametrize("name", ["close", "split", "last"])
def test_shapes_that_disagree_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        replace(market(), **{name: np.ones((3, 2))})


def test_sessions_ascend() -> None:
    whole = market()
    with pytest.raises(ValueError, match="ascend"):
        replace(whole, dates=whole.dates[::-1])
