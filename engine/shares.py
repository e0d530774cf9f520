"""Splits and dividends in words, and amounts a share in the shares of another day."""

from __future__ import annotations

from datetime import date
from math import prod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl


def describe_action(row: dict[str, Any], shares: float = 1.0) -> str:
    """``2:1 split`` or ``0.51 USD dividend``; where one share of then is ``shares`` of the reader's, the
    amount in his: ``0.09464 USD dividend (2.65 as paid)``."""
    if row["kind"] == "split":
        ratio = float(row["ratio"])
        return f"{ratio:g}:1 split" if ratio >= 1 else f"1:{1 / ratio:g} reverse split"
    amount = f"{row['amount']:g}" if shares == 1.0 else f"{row['amount'] / shares:.4g}"
    paid = "" if shares == 1.0 else f" ({row['amount']:g} as paid)"
    return f"{amount} {row['currency'] or ''} {row['kind']}{paid}".replace("  ", " ")


def shares_since(actions: pl.DataFrame, day: date, until: date | None = None) -> float:
    """What one share held on ``day`` has become: the ratios of the splits after it, multiplied.

    A dividend is per share as held on its ex-date, so that a split of the same ex-date does not count.
    """
    splits = actions.filter(actions["kind"] == "split")
    pairs = zip(splits["ex_date"], splits["ratio"], strict=True)
    return prod(float(ratio) for ex, ratio in pairs if ex > day and (until is None or ex <= until))
