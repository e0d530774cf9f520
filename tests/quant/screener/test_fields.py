"""Price fields against one security worked out by hand, and fundamental fields against FA's own books."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from engine.quant.fundamentals.figures import Figures
from engine.quant.fundamentals.ratios import RATIOS, read
from engine.quant.fundamentals.shares import Splits
from engine.quant.fundamentals.told import read_books
from engine.quant.fundamentals.valuation import valuation
from engine.quant.screener import FIELDS, Panels, company_fields, price_fields
from tests.quant.facts import APPLE, NVIDIA, SPLITS, fact, figures, recorded_facts

PRICES = [name for name, each in FIELDS.items() if each.group == "price"]
FACTS = [name for name, each in FIELDS.items() if "facts" in each.needs]


def panels(seed: int = 5, rows: int = 400, symbols: int = 4) -> Panels:
    rng = np.random.default_rng(seed)
    moves = rng.normal(0.0005, 0.02, (rows, symbols))
    totals = 40 * np.exp(np.cumsum(moves, axis=0))
    closes = totals * np.linspace(1.05, 1.0, rows)[:, None]
    market = 100 * np.exp(np.cumsum(moves.mean(axis=1)))
    return Panels(
        closes, totals, closes * 2, rng.uniform(1e5, 1e6, (rows, symbols)), market, np.full(symbols, 1.2)
    )


def test_price_fields_by_hand() -> None:
    made = panels()
    found = {name: values[2] for name, values in price_fields(PRICES, made).items()}
    close, level, market = made.closes[:, 2], made.totals[:, 2], made.benchmark
    moves = (level[1:] / level[:-1] - 1)[-252:]
    other = (market[1:] / market[:-1] - 1)[-252:]
    path = level[-252:]
    expected = {
        "close": close[-1],
        "volume": made.volumes[-1, 2],
        "adv_20": float(np.mean([made.traded[k, 2] * made.volumes[k, 2] for k in range(-20, 0)])),
        "ret_1d": level[-1] / level[-2] - 1,
        "ret_1w": level[-1] / level[-6] - 1,
        "ret_1m": level[-1] / level[-22] - 1,
        "ret_3m": level[-1] / level[-64] - 1,
        "ret_6m": level[-1] / level[-127] - 1,
        "ret_1y": level[-1] / level[-253] - 1,
        "mom_12_1": level[-22] / level[-253] - 1,
        "mom_6_1": level[-22] / level[-127] - 1,
        "vol_3m": moves[-63:].std(ddof=1) * 252**0.5,
        "vol_1y": moves.std(ddof=1) * 252**0.5,
        "beta_1y": np.cov(moves, other)[0, 1] / other.var(ddof=1),
        "high_52w_pct": close[-1] / close[-252:].max() - 1,
        "low_52w_pct": close[-1] / close[-252:].min() - 1,
        "drawdown": level[-1] / path.max() - 1,
        "max_drawdown_1y": min(path[k] / path[: k + 1].max() - 1 for k in range(252)),
        "sma_50_dist": close[-1] / close[-50:].mean() - 1,
        "sma_200_dist": close[-1] / close[-200:].mean() - 1,
        "dividend_yield": 1.2 / close[-1],
    }
    assert set(expected) | {"rsi_14"} == set(PRICES)
    for name, each in expected.items():
        assert found[name] == pytest.approx(each, rel=1e-10), name
    assert found["rsi_14"] == pytest.approx(wilder(close[-250:]), rel=1e-9)


def wilder(close: np.ndarray) -> float:
    """Wilder's recursion, step by step (1978, p. 65)."""
    moves = np.diff(close)
    gain, loss = np.maximum(moves[:14], 0).mean(), np.maximum(-moves[:14], 0).mean()
    for move in moves[14:]:
        gain, loss = (13 * gain + max(move, 0)) / 14, (13 * loss + max(-move, 0)) / 14
    return float(100 - 100 / (1 + gain / loss))


def test_a_price_stands_for_five_sessions_and_no_longer() -> None:
    made = panels()
    for gap, known in ((4, True), (5, False)):
        closes, totals = made.closes.copy(), made.totals.copy()
        closes[-gap:, 1] = totals[-gap:, 1] = np.nan
        found = price_fields(
            PRICES, Panels(closes, totals, made.traded, made.volumes, made.benchmark, made.dividends)
        )
        assert np.isfinite(found["close"][1]) == known
        assert np.isfinite(found["ret_1m"][1]) == known
        assert np.isfinite(found["vol_1y"][1]) == known
        assert np.isfinite(found["close"][0])


def test_a_short_history_has_no_long_fields() -> None:
    made = panels(rows=100)
    found = price_fields(PRICES, made)
    assert np.isnan(found["mom_12_1"]).all()
    assert np.isnan(found["high_52w_pct"]).all()
    assert np.isnan(found["beta_1y"]).all()
    assert np.isfinite(found["ret_3m"]).all()
    none = np.full((0, 3), np.nan)
    for values in price_fields(
        PRICES, Panels(none, none, none, none, none[:, 0], np.full(3, np.nan))
    ).values():
        assert np.isnan(values).all()


@pytest.mark.parametrize("cik", [APPLE, NVIDIA])
@pytest.mark.parametrize("day", [date(2015, 6, 30), date(2022, 3, 15)])
def test_books_cut_to_the_last_years_say_what_whole_books_say(cik: str, day: date) -> None:
    """A screen reads 1,300 days of facts; the pages of one company read all."""
    from engine.functions._screen_books import DAYS

    facts = recorded_facts(cik).filter(pl.col("known_at").dt.date() <= day)
    splits = Splits.of(each for each in SPLITS[cik] if each[0] <= day)
    cut = facts.filter(pl.col("period_end") >= day - timedelta(days=DAYS))
    whole = company_fields(FACTS, Figures(read_books(facts, splits)), 50.0, day, "USD")
    short = company_fields(FACTS, Figures(read_books(cut, splits)), 50.0, day, "USD")
    assert {name: each.value for name, each in short.items()} == {
        name: each.value for name, each in whole.items()
    }
    assert sum(each.value is not None for each in whole.values()) > 35


def test_fundamental_fields_are_fas_ratios_and_multiples() -> None:
    day = date(2022, 3, 15)
    facts = recorded_facts(APPLE).filter(pl.col("known_at").dt.date() <= day)
    books = Figures(read_books(facts, Splits.of(each for each in SPLITS[APPLE] if each[0] <= day)))
    found = company_fields(FACTS, books, 155.0, day, "USD")
    multiples = {each.name: each.reading.value for each in valuation(books, 155.0, day)}
    assert found["pe"].value == multiples["price_to_earnings"]
    assert found["mktcap"].value == multiples["market_cap"]
    end = books.periods("trailing", 1)[0].end
    ratios = {each.name: read(books, each, "trailing", end).value for each in RATIOS}
    assert found["roe"].value == ratios["return_on_equity"]
    assert found["gross_margin"].value == ratios["gross_margin"]
    assert found["revenue"].value == books.value("revenue", "trailing", end)
    assert "10-" in found["pe"].formula


def test_what_cannot_be_told_says_why() -> None:
    empty = company_fields(["pe"], figures([]), 10.0, date(2022, 3, 1))
    assert empty["pe"].value is None
    assert "no statement" in empty["pe"].formula
    books = figures([fact("NetIncomeLoss", "2012-01-01", "2012-12-31", 70e6, "2013-02-15", form="10-K")])
    old = company_fields(["net_income"], books, 10.0, date(2016, 1, 1))
    assert "days before the clock" in old["net_income"].formula
    fresh = company_fields(["net_income", "pe", "ev"], books, None, date(2013, 5, 1))
    assert fresh["net_income"].value == 70e6
    assert "no close" in fresh["pe"].formula
    abroad = company_fields(["pe", "net_income"], books, 10.0, date(2013, 5, 1), "EUR")
    assert abroad["net_income"].value == 70e6
    assert "EUR" in abroad["pe"].formula
