"""OVDV: what volatility was over the last months beside what the surface says of the next ones."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

from engine.errors import DataError
from engine.frames import frame_of
from engine.functions._ovdv_data import Fitted
from engine.page import Column, Table

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from engine.context import Context

_HORIZONS = (("1M", 30, 21), ("2M", 61, 42), ("3M", 91, 63), ("6M", 182, 126), ("1Y", 365, 252))
_FRESH = 5  # days between the last price and the quotes
_WHY = "no prices up to the day of the quotes are known: BACKFILL fetches them"


def realised_of(context: Context, fitted: Fitted) -> Table:
    """Implied at constant maturities, realised over as many sessions back, and how far apart they are."""
    surface = fitted.built.surface
    past = _past(context, fitted)
    rows: list[dict[str, Any]] = []
    for name, days, sessions in _HORIZONS:
        years = days / 365
        within = bool(surface.years[0] * 0.5 <= years <= surface.years[-1])
        implied = float(surface.implied_volatility(0.0, years)) if within else None
        closes, ranges = past.get(sessions, (None, None))
        premium = implied**2 - closes**2 if implied is not None and closes is not None else None
        rows.append(
            {
                "horizon": name, "days": days, "sessions": sessions, "implied": implied, "closes": closes,
                "ranges": ranges, "premium": premium,
                "ratio": implied / closes if implied is not None and closes else None,
            }
        )  # fmt: skip
    frame = frame_of(
        rows, horizon="text", days="integer", sessions="integer", implied="number", closes="number", ranges="number",
        premium="number", ratio="number",
    )  # fmt: skip
    columns = (
        Column("horizon", "horizon"),
        Column("implied", "implied", "percent", 2,
               formula="at the money, total variance in a straight line between the expiries around the horizon"),
        Column("closes", "realised", "percent", 2,
               formula="sqrt(252 / n x sum of squared log returns of adjusted closes), n sessions to the quotes"),
        Column("ranges", "Yang-Zhang", "percent", 2,
               formula="overnight + k open-to-close + (1 - k) Rogers-Satchell variance: Yang and Zhang (2000)"),
        Column("premium", "variance apart", "number", 4,
               formula="implied^2 - realised^2, both a year, at the money: a variance swap's rate, of all strikes, "
                       "lies above that where there is skew"),
        Column("ratio", "implied / realised", "ratio", 2),
        Column("days", "days", "integer"),
        Column("sessions", "n", "integer", formula="sessions looked back"),
    )  # fmt: skip
    return Table(frame, columns, ("horizon",))


def _past(context: Context, fitted: Fitted) -> dict[int, tuple[float | None, float | None]]:
    """Realised volatility by sessions looked back: of closes, and by Yang and Zhang where there are whole bars."""
    import polars as pl

    from engine.history import read_history
    from engine.quant.surface import realized_volatility

    try:
        history = read_history(context, context.security, adjust="total", hint=False)
    except DataError:
        context.note(f"Realised volatility is left out: {_WHY}.")
        return {}
    frame = history.frame.filter(pl.col("session_date") <= fitted.session)
    if frame.is_empty() or (fitted.session - frame["session_date"][-1]).days > _FRESH:
        context.note(f"Realised volatility is left out: {_WHY}.")
        return {}
    close = frame["close"].to_numpy()
    bars = history.shape == "bars"
    found = {}
    for _, _, sessions in _HORIZONS:
        ranges = _yang_zhang(frame, sessions) if bars else None
        found[sessions] = (_finite(realized_volatility(close, sessions)[-1]), ranges)
    return found


def _yang_zhang(frame: pl.DataFrame, sessions: int) -> float | None:
    from engine.quant.indicators import compute

    if frame.height <= sessions:
        return None
    columns = {name: frame[name].to_numpy() for name in ("open", "high", "low", "close")}
    return _finite(compute("YANG_ZHANG", columns, timeperiod=sessions)["yang_zhang"][-1])


def _finite(value: float | np.floating[Any]) -> float | None:
    return None if isnan(value) else float(value)
