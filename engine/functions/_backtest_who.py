"""BACKTEST's tables of who made the money: symbols or sectors, states of the market, years. They add up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.frames import frame_of
from engine.functions._backtest_found import Found
from engine.page import Bars, Column, Table
from engine.quant import performance as perf

_IDLE = 0.05  # mean exposure below which an account is as good as out of the market


def by_symbol(found: Found, groups: Sequence[str], word: str) -> Table:
    """What trades made, by symbol or sector (``groups``, one a trade), and what no trade did: adds up to the
    account's profit."""
    result = found.run.outcome.result
    held, symbols = result.trades, list(dict.fromkeys(groups))
    at_of = {name: at for at, name in enumerate(symbols)}
    place = np.array([at_of[each] for each in groups], dtype=np.int64)
    made = np.bincount(place, held.pnl, len(symbols)) if len(held) else np.zeros(len(symbols))
    count = np.bincount(place, minlength=len(symbols)) if len(held) else np.zeros(len(symbols), dtype=int)
    won = np.bincount(place, held.pnl > 0, len(symbols)) if len(held) else made
    paid = np.bincount(place, held.costs, len(symbols)) if len(held) else made
    total = float(result.equity[-1] - result.capital)
    rows = [
        {
            "name": name,
            "made": float(made[at]),
            "share": float(made[at]) / result.capital,
            "trades": int(count[at]),
            "won": float(won[at] / count[at]),
            "costs": float(paid[at]),
        }
        for at, name in enumerate(symbols)
        if count[at]
    ]
    rows.sort(key=lambda row: -float(str(row["made"])))
    rest = total - float(made.sum())
    if abs(rest) >= 0.005:
        rows.append(
            {
                "name": "interest and what no trade made",
                "made": rest,
                "share": rest / result.capital,
                "tone": "muted",
            }
        )
    rows.append(
        {
            "name": "together",
            "made": total,
            "share": total / result.capital,
            "trades": len(held),
            "tone": "strong",
            "won": float((held.pnl > 0).mean()) if len(held) else None,
            "costs": float(held.costs.sum()),
        }
    )
    frame = frame_of(
        rows,
        name="text",
        made="number",
        share="number",
        trades="integer",
        won="number",
        costs="number",
        tone="text",
    )
    columns = (
        Column("name", word),
        Column(
            "made",
            "made",
            "number",
            0,
            unit=found.run.currency,
            formula="sum of trades' profits after costs",
        ),
        Column("share", "of capital", "change", 1, formula="made / capital at the start"),
        Column("trades", "trades", "integer"),
        Column("won", "won", "percent", 0),
        Column("costs", "costs", "number", 0, unit=found.run.currency),
    )
    return Table(frame, columns, key=("name",), emphasis="tone")


def by_state(found: Found) -> Table | None:
    """What was made in each state of the market; a session counts to the state told at the close before it."""
    states = found.states
    if states is None:
        return None
    result = found.run.outcome.result
    before = np.concatenate([[result.capital], result.equity[:-1]])
    gained = result.equity - before
    told = np.concatenate([[-1], states.values[:-1]])
    rows = []
    for code, name in [*enumerate(states.names), (-1, "none told")]:
        inside = told == code
        if not inside.any():
            continue
        values = found.returns[inside]
        enough = found.traded and inside.sum() >= 20
        invested = float(result.gross[inside].mean()) >= _IDLE  # else the ratio would be the rate's alone
        rows.append(
            {
                "state": name,
                "sessions": int(inside.sum()),
                "made": float(gained[inside].sum()),
                "mean": float(values.mean()) * found.run.periods,
                "volatility": float(perf.realized_volatility(values, found.run.periods)) if enough else None,
                "sharpe": float(perf.sharpe_ratio(values, found.rate[inside], periods=found.run.periods))
                if enough and invested
                else None,
                "gross": float(result.gross[inside].mean()),
            }
        )
    frame = frame_of(
        rows,
        state="text",
        sessions="integer",
        made="number",
        mean="number",
        volatility="number",
        sharpe="number",
        gross="number",
    )
    columns = (
        Column("state", "state", formula=states.told),
        Column("sessions", "sessions", "integer"),
        Column(
            "made",
            "made",
            "number",
            0,
            unit=found.run.currency,
            formula="change of equity in those sessions",
        ),
        Column("mean", "mean a year", "change", 1),
        Column("volatility", "volatility", "percent", 1),
        Column("sharpe", "Sharpe", "ratio", 2),
        Column("gross", "exposure", "percent", 0),
    )
    return Table(frame, columns, key=("state",))


def by_year(found: Found) -> Bars:
    years = found.dates.astype("datetime64[Y]").astype(int) + 1970
    labels = np.unique(years).tolist()
    values = [float(np.prod(1 + found.returns[years == each]) - 1) * 100 for each in labels]
    return Bars(tuple(str(each) for each in labels), tuple(values), "%", 1)
