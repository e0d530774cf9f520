"""What weights may be: bounds, the budget, turnover, gross exposure, and groups such as sectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def modelling() -> Any:
    """cvxpy, imported where the first problem is set up: it takes most of a second, and its types are its own."""
    import cvxpy

    return cvxpy


class Infeasible(ValueError):
    """No weights fulfil what is asked; the message says which wishes may collide."""


@dataclass(frozen=True, slots=True)
class Group:
    """A set of assets (by place) whose weights add up to between ``low`` and ``high``."""

    name: str
    members: tuple[int, ...]
    low: float = -np.inf
    high: float = np.inf


@dataclass(frozen=True, slots=True)
class Constraints:
    """``low`` and ``high`` bound each weight (a number, or one each). ``turnover`` bounds the sum of absolute changes
    from ``current``; ``gross`` that of absolute weights. Weights add up to ``budget``."""

    low: ArrayLike = 0.0
    high: ArrayLike = 1.0
    budget: float = 1.0
    gross: float | None = None
    turnover: float | None = None
    current: ArrayLike | None = None
    groups: tuple[Group, ...] = ()

    def bounds(self, count: int) -> tuple[Floats, Floats]:
        """Lower and upper bounds, (k,) each.

        Raises
        ------
        Infeasible
            A lower bound lies above its upper one, or they cannot add up to the budget.
        """
        low = np.broadcast_to(np.asarray(self.low, dtype=np.float64), (count,))
        high = np.broadcast_to(np.asarray(self.high, dtype=np.float64), (count,))
        if (low > high).any():
            raise Infeasible("a lower bound lies above its upper bound")
        if low.sum() > self.budget + 1e-9 or high.sum() < self.budget - 1e-9:
            raise Infeasible(
                f"{count} weights between their bounds add up to {low.sum():.4g} to {high.sum():.4g}, "
                f"and {self.budget:.4g} is asked"
            )
        if self.turnover is not None and self.current is None:
            raise Infeasible("turnover is measured from current weights, and none are given")
        return low, high

    def of(self, weights: Any, scale: Any = 1.0) -> list[Any]:
        """As cvxpy constraints on ``weights``, or on ``weights / scale`` where scaled ones are solved for."""
        cp = modelling()

        count = int(weights.shape[0])
        low, high = self.bounds(count)
        rules = [cp.sum(weights) == self.budget * scale]
        rules += [weights >= low * scale] if np.isfinite(low).any() else []
        rules += [weights <= high * scale] if np.isfinite(high).any() else []
        if self.gross is not None:
            rules.append(cp.norm1(weights) <= self.gross * scale)
        if self.turnover is not None:
            held = np.asarray(self.current, dtype=np.float64)
            rules.append(cp.norm1(weights - held * scale) <= self.turnover * scale)
        for group in self.groups:
            total = cp.sum(weights[list(group.members)])
            rules += [total >= group.low * scale] if np.isfinite(group.low) else []
            rules += [total <= group.high * scale] if np.isfinite(group.high) else []
        return rules


def sector_groups(
    sectors: Sequence[str], low: Mapping[str, float] | None = None, high: Mapping[str, float] | None = None
) -> tuple[Group, ...]:
    """Groups of the assets of each sector named in ``low`` or ``high``."""
    least, most = low or {}, high or {}
    return tuple(
        Group(
            name,
            tuple(at for at, each in enumerate(sectors) if each == name),
            least.get(name, -np.inf),
            most.get(name, np.inf),
        )
        for name in dict.fromkeys(sectors)
        if name in least or name in most
    )
