"""STRESS: bad times replayed on the holdings, with what the store knows at the clock."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from engine.errors import DataError
from engine.figures import Heatmap
from engine.frames import frame_of
from engine.functions._stress_joint import Joint
from engine.history import History, read_history
from engine.page import Column, Panel, SecurityRef, Table

if TYPE_CHECKING:
    from engine.context import Context
    from engine.portfolios import Holdings
    from engine.quant.risk import Episode, Replay


def panels(context: Context, held: Holdings, market: SecurityRef | None, known: Joint) -> list[Panel]:
    """The episodes that were over before the clock's day."""
    import numpy as np

    from engine.quant.risk import episodes_by, replay

    histories = {ref.security_id: _histories(context, ref) for ref in known.refs}
    rows, grid, guesses, names = [], [], [], []
    for episode in episodes_by(context.today - timedelta(days=1)):
        context.check_cancelled()
        realised = np.array([_over(histories[ref.security_id], episode) for ref in known.refs])
        days = int(np.busday_count(episode.start, episode.end))
        found = replay(realised, known.covariance, days)
        rows.append(_row(episode, held, market, known, found))
        if np.isfinite(found.returns).all():
            grid.append(held.weights * found.returns[: len(held.refs)])
            names.append(f"{episode.key} {episode.name}")
            guesses += _guesses(episode, held, known, found)
    shown = [Panel("episodes", "bad times replayed: buy and hold, close to close", _table(rows, held), 3)]
    if grid:
        title = "profit and loss by holding, of the portfolio"
        shown.append(Panel("replay", title, _heat(names, held, np.array(grid)), 2))
    if guesses:
        title = "not traded then: expected from what was, with the deviation of that"
        shown.append(Panel("estimates", title, _guess_table(guesses), 1))
    return shown


def _histories(context: Context, ref: SecurityRef) -> tuple[History, ...]:
    """Every series of a security that may cover an episode: bars first, then closes."""
    found = []
    for series in ("AUTO", "CLOSES"):
        try:
            found.append(read_history(context, ref, "total", series, hint=False))
        except DataError:
            continue  # a security without closes has bars, or the other way round
    return tuple(found)


def _over(histories: tuple[History, ...], episode: Episode) -> float:
    """The return from close to close; NaN where no series reaches over the episode."""
    for history in histories:
        start, end = history.at(episode.start), history.at(episode.end)
        if start is None or end is None or end["session_date"].item() <= start["session_date"].item():
            continue
        first, last = float(start["close"].item()), float(end["close"].item())
        if first > 0 and last > 0 and not history.rate:
            return last / first - 1
    return float("nan")


def _row(
    episode: Episode, held: Holdings, market: SecurityRef | None, known: Joint, found: Replay
) -> dict[str, Any]:
    import numpy as np

    k = len(held.refs)
    own = found.returns[:k]
    row: dict[str, Any] = {
        "key": episode.key, "episode": episode.name, "start": episode.start, "end": episode.end,
        "why": f"{episode.rationale}. Source: {episode.source}", "emphasis": "",
    }  # fmt: skip
    if market is not None and not found.estimated[at := known.place(market)]:
        row["market"] = float(found.returns[at])
    if not np.isfinite(own).all():
        return row | {"basis": "nothing was known of any of them", "emphasis": "muted"}
    change = float(held.weights @ own)
    guessed = [ref.ticker for ref, is_guess in zip(held.refs, found.estimated[:k], strict=True) if is_guess]
    row |= {
        "change": change, "deviation": float(np.sqrt(held.weights @ found.covariance[:k, :k] @ held.weights)),
        "basis": _basis(guessed),
        "emphasis": "down" if change < 0 else "up",
    }  # fmt: skip
    if held.value is not None:
        row["money"] = change * held.value
    return row


def _basis(guessed: list[str]) -> str:
    if not guessed:
        return "own prices"
    return f"estimated: {', '.join(guessed[:4])}" + (" ..." if len(guessed) > 4 else "")


def _table(rows: list[dict[str, Any]], held: Holdings) -> Table:
    frame = frame_of(
        rows, key="text", episode="text", start="date", end="date", change="number", deviation="number",
        money="number", market="number", basis="text", why="text", emphasis="text",
    )  # fmt: skip
    money = () if held.value is None else (
        Column("money", "P&L", "price", 0, held.currency, "loss x what the portfolio is worth"),
    )  # fmt: skip
    columns = (
        Column("key", "key"),
        Column("episode", "episode", width=34, least=14, formula_from="why"),
        Column("start", "from", "date", formula_from="why"),
        Column("end", "to", "date", formula_from="why"),
        Column(
            "change",
            "portfolio",
            "change",
            1,
            formula="sum of weight x return of the holding, bought and held",
        ),
        *money,
        Column("market", "benchmark", "change", 1, formula="its return, close to close"),
        Column(
            "deviation",
            "+/-",
            "percent",
            1,
            formula="deviation of what is estimated; 0 where all were traded",
        ),
        Column("basis", "basis", width=44),
    )
    empty = "None of the episodes was over at this clock: an earlier clock has not heard of them."
    return Table(frame, columns, key=("key",), emphasis="emphasis", empty=empty)


def _heat(names: list[str], held: Holdings, grid: Any) -> Heatmap:
    return Heatmap(
        tuple(names), tuple(ref.ticker for ref in held.refs), grid, kind="percent", decimals=1,
        formula="weight x return over the episode", row_title="episode", column_title="holding",
    )  # fmt: skip


def _guesses(episode: Episode, held: Holdings, known: Joint, found: Replay) -> list[dict[str, Any]]:
    from_ = [ref.ticker for ref, guess in zip(known.refs, found.estimated, strict=True) if not guess]
    return [
        {
            "key": episode.key, "ticker": ref.ticker, "change": float(found.returns[i]),
            "deviation": float(found.deviation[i]), "given": ", ".join(from_[:6]),
        }
        for i, ref in enumerate(held.refs)
        if found.estimated[i]
    ]  # fmt: skip


def _guess_table(rows: list[dict[str, Any]]) -> Table:
    frame = frame_of(rows, key="text", ticker="text", change="number", deviation="number", given="text")
    formula = "exp(E[log return | those of the others]) - 1, with today's daily covariance x the days of the episode"
    columns = (
        Column("key", "key"),
        Column("ticker", "holding"),
        Column("change", "expected", "change", 1, formula=formula),
        Column("deviation", "+/-", "percent", 1, formula="conditional deviation of the return"),
        Column("given", "given what was done by", width=40),
    )
    return Table(frame, columns, key=("key", "ticker"))
