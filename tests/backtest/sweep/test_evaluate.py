"""Points together are the same runs as one by one, to the last bit; figures are those of one curve at a time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.backtest.inputs import Inputs, RunSpec
from engine.backtest.market import Market
from engine.backtest.result import Costs, Terms
from engine.backtest.run import run
from engine.backtest.sweep import evaluate, figures, read_grid
from engine.quant.performance import cagr, max_drawdown, sharpe_ratio

GRIDS = (
    "{5,10,20}SMA.{30..50/10}EMA",
    "CLOSE>{5..25/5}SMA",
    "long when rsi({7..21/7}) < {30,45}; hold {3,9}",
    "long when close crosses above sma({n:9,20}); exit when close < sma({n}); short when rsi(5) > {60,80}; "
    "delay {1,3}",
    "long when close between sma({5,9}) and {150,400} or not volume > {90,500}; size weight({40%,100%})",
    "long when close > sma({10,20}); stop {3%,6%}; trail 2*atr(5); take 9%; hold 15; rebalance {weekly,monthly}",
    "long when rsi({5,9}) < 45; short when rsi(5) > {60,75}; size shares({10,25}); stop 3*atr({5,9}); delay 2",
    "long when close > sma({10,20}); size volatility_target({5%,20%}); rebalance {weekly,monthly}",
)


def market(rows: int = 260, seed: int = 3, *, actions: bool = False, columns: int = 1) -> Market:
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0.0005, 0.02, (rows, columns)), axis=0))
    open_ = np.vstack([close[:1], close[:-1]]) * np.exp(rng.normal(0, 0.004, (rows, columns)))
    split, dividend, pay = np.ones(close.shape), np.zeros(close.shape), np.zeros(close.shape, dtype=np.int64)
    if actions:
        split[100], dividend[::63], pay[::63] = 2.0, 0.7, 12
        open_[100:] /= 2
        close[100:] /= 2
        for panel in (open_, close):
            panel[40] = np.nan  # a session without a bar
    return Market(
        np.datetime64("2015-01-01") + np.arange(rows),
        tuple(f"S{at}" for at in range(columns)),
        np.arange(columns),
        open_,
        np.maximum(open_, close),
        np.minimum(open_, close),
        close,
        rng.uniform(50, 1000, close.shape),
        split,
        dividend,
        pay,
        np.full(columns, -1),
        np.full(columns, np.nan),
    )


def alone(inputs: Inputs, texts: list[str], spec: RunSpec) -> np.ndarray:
    return np.column_stack([run(inputs, replace(spec, strategy=text)).result.equity for text in texts])


@pytest.mark.parametrize("text", GRIDS)
@pytest.mark.parametrize("actions", [False, True])
@pytest.mark.parametrize("begin", [0, 57])
def test_together_is_one_by_one(text: str, actions: bool, begin: int) -> None:
    grid = read_grid(text)
    texts = [grid.text(point) for point in range(len(grid))]
    inputs = Inputs(market(actions=actions), begin=begin)
    spec = RunSpec("", Costs(per_notional=0.0005, slippage=0.001), Terms(100_000.0), accounts=True)
    found = evaluate(inputs, texts, spec)
    assert not found.failed
    np.testing.assert_array_equal(found.equity, alone(inputs, texts, spec))
    for at, each in enumerate(texts):
        trades = run(inputs, replace(spec, strategy=each)).result.trades
        assert found.trades[at] == len(trades)
        assert found.costs[at] == pytest.approx(trades.costs.sum(), rel=1e-12)


@pytest.mark.parametrize(
    ("costs", "terms", "fill"),
    [
        (
            Costs(slippage_volatility=0.1, borrow_rate=0.03, cash_rate=0.02),
            Terms(50_000, fractional=True),
            "vwap",
        ),
        (Costs(per_share=0.005, minimum=1.0, spread=0.002), Terms(30_000), "close"),
        (Costs(per_notional=0.001, participation=0.05), Terms(30_000), "open"),
        (Costs(), Terms(30_000, initial_margin=0.5, maintenance_margin=0.25), "open"),
    ],
)
def test_whatever_the_terms(costs: Costs, terms: Terms, fill: str) -> None:
    texts = [f"{fast}SMA.{slow}SMA" for fast in (3, 8) for slow in (15, 30)]
    inputs = Inputs(market(150, actions=True))
    spec = RunSpec("", costs, terms, fill, accounts=True)  # type: ignore[arg-type]
    np.testing.assert_array_equal(evaluate(inputs, texts, spec).equity, alone(inputs, texts, spec))


def test_what_was_known_later_decides_nothing_together_either() -> None:
    true = market(200, seed=3)
    seen = replace(true, close=true.close * np.where(np.arange(200) % 50 == 0, 1.4, 1.0)[:, None])
    inputs = Inputs(true, seen=seen)
    texts = [f"CLOSE>{length}SMA" for length in (5, 9, 21)]
    spec = RunSpec("", accounts=True)
    found = evaluate(inputs, texts, spec).equity
    np.testing.assert_array_equal(found, alone(inputs, texts, spec))
    assert not np.array_equal(found, evaluate(Inputs(true), texts, spec).equity)


def test_a_portfolio_runs_point_by_point() -> None:
    inputs = Inputs(market(200, columns=5))
    texts = [f"long top {count} by ret_1m; rebalance monthly" for count in (1, 3)]
    spec = RunSpec("", Costs(per_notional=0.001))
    found = evaluate(inputs, texts, spec)
    np.testing.assert_array_equal(found.equity, alone(inputs, texts, spec))
    assert (found.trades > 0).all()


def test_points_that_cannot_be_run_are_told_and_the_others_are_run() -> None:
    inputs = Inputs(market(80))
    told: list[tuple[int, int]] = []
    found = evaluate(inputs, ["5SMA.20SMA", "0SMA.20SMA", "9SMA.20SMA"], RunSpec("", accounts=True),
                     lambda done, total: told.append((done, total)))  # fmt: skip
    assert [place for place, _ in found.failed] == [1]
    assert "SMA" in found.failed[0][1]
    assert np.isnan(found.equity[:, 1]).all()
    assert np.isfinite(found.equity[:, [0, 2]]).all()
    assert told[-1] == (3, 3)


def test_shapes_that_differ_are_parted() -> None:
    texts = [
        "5SMA.20SMA",
        "long when close > 100",
        "long when rsi(5) < 30; exit when rsi(5) > 60",
        "5SMA<20SMA",
    ]
    inputs, spec = Inputs(market(120)), RunSpec("", accounts=True)
    np.testing.assert_array_equal(evaluate(inputs, texts, spec).equity, alone(inputs, texts, spec))


def test_the_future_changes_no_past_equity() -> None:
    texts = [f"{fast}SMA.{slow}EMA" for fast in (3, 8) for slow in (15, 30)]
    whole, spec = market(200), RunSpec("", accounts=True)
    names = ("open", "high", "low", "close", "volume")
    other = replace(
        whole,
        **{name: getattr(whole, name) * np.where(np.arange(200) < 120, 1.0, 3.0)[:, None] for name in names},
    )
    one, two = (evaluate(Inputs(each), texts, spec).equity for each in (whole, other))
    np.testing.assert_array_equal(one[:120], two[:120])


def test_figures_are_those_of_each_curve() -> None:
    inputs = Inputs(market())
    texts = [f"{length}SMA.60SMA" for length in range(2, 40)]
    equity = evaluate(inputs, texts, RunSpec("", Costs(per_notional=0.001), accounts=True)).equity
    found = figures(equity, 1_000_000.0)
    returns = equity / np.vstack([np.full((1, equity.shape[1]), 1_000_000.0), equity[:-1]]) - 1
    np.testing.assert_allclose(found.sharpe_ratio, sharpe_ratio(returns), rtol=1e-10)
    np.testing.assert_allclose(found.cagr, cagr(returns), rtol=1e-10)
    np.testing.assert_allclose(found.max_drawdown, -np.abs(max_drawdown(returns)), atol=1e-12)
    np.testing.assert_allclose(found.total_return, equity[-1] / 1e6 - 1)


def test_figures_by_hand_and_of_what_never_moved() -> None:
    equity = np.array([[110.0, 100.0, 50.0], [99.0, 100.0, 0.0], [118.8, 100.0, 0.0]])
    found = figures(equity, 100.0, periods=3.0)
    moves = np.array([0.10, -0.10, 0.20])
    assert found.sharpe_ratio[0] == pytest.approx(moves.mean() / moves.std(ddof=1) * np.sqrt(3))
    assert found.max_drawdown[0] == pytest.approx(-0.10)
    assert found.cagr[0] == pytest.approx(0.188)
    assert found.calmar_ratio[0] == pytest.approx(1.88)
    assert np.isnan(found.sharpe_ratio[1])
    assert np.isnan(found.calmar_ratio[1])
    assert found.total_return.tolist() == pytest.approx([0.188, 0.0, -1.0])
    assert found.cagr[2] == -1.0
