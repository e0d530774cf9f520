"""What PORT measures: held returns, contributions, shares of risk, and attribution against other weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from engine.errors import CommandError, DataError
from engine.page import SecurityRef
from engine.portfolios import Holdings, kept, names
from engine.quant.portfolio import Held, RiskShares, brinson, hold, linked, risk_shares
from engine.rates import RiskFree, risk_free

if TYPE_CHECKING:
    from engine.context import Context
    from engine.quant.portfolio.holding import Rebalance
    from engine.returns import Returns

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Found:
    """A portfolio measured. ``values`` (n, k) of the holdings alone; ``contributions`` (k,) add up to the return."""

    held: Holdings
    index: SecurityRef
    returns: Returns
    values: Floats
    market: Floats
    rate: RiskFree
    path: Held
    contributions: Floats
    risk: RiskShares
    covariance: Floats
    rebalance: str

    @property
    def total(self) -> float:
        return float(np.prod(1.0 + self.path.returns) - 1.0)

    @property
    def own(self) -> Floats:
        """Total return of each holding over the range, (k,)."""
        grown: Floats = np.prod(1.0 + self.values, axis=0) - 1.0
        return grown

    @property
    def weights(self) -> Floats:
        """Weights after the last period, by the portfolio's own path."""
        last = self.path.weights[-1] * (1.0 + self.values[-1])
        cash = 1.0 - float(self.path.weights[-1].sum())
        after: Floats = last / (cash + last.sum())
        return after


@dataclass(frozen=True, slots=True)
class Attributed:
    """Brinson's effects by group, (g,) each, linked; ``mine`` and ``theirs`` are the whole returns."""

    title: str
    by: str
    spans: str
    groups: tuple[str, ...]
    weights: Floats
    other_weights: Floats
    allocation: Floats
    selection: Floats
    interaction: Floats
    mine: float
    theirs: float


def measured(context: Context, held: Holdings, returns: Returns, index: SecurityRef, rebalance: str) -> Found:
    """The holdings that have returns, held over the range."""
    ids = {ref.security_id for ref in returns.refs}
    held = held.only([ref for ref in held.refs if ref.security_id in ids])
    if not held.refs:
        raise DataError("No holding has a price at this clock. DATA shows what the store holds.")
    values = np.column_stack([returns.column(ref) for ref in held.refs])
    how = "every period" if rebalance == "daily" else rebalance
    path = hold(values, held.weights, cast("Rebalance", how), returns.dates)
    _solvent(held.title, path, returns)
    covariance = np.atleast_2d(np.cov(values, rowvar=False)) * returns.periods_per_year
    return Found(
        held, index, returns, values, returns.column(index), risk_free(context, returns.dates, returns.step), path,
        _contributions(path, values), risk_shares(held.weights, covariance), covariance, rebalance,
    )  # fmt: skip


def _solvent(title: str, path: Held, returns: Returns) -> None:
    """Raises DataError where the portfolio loses all it is worth: nothing compounds from there on."""
    ruined = np.flatnonzero(~(path.returns > -1.0))
    if len(ruined):
        raise DataError(
            f"{title} with these weights loses all it is worth on {returns.dates[ruined[0]]}: it cannot be held over "
            "this range. Take smaller weights, a shorter range, or a closer REBALANCE=."
        )


def _contributions(path: Held, values: Floats) -> Floats:
    """Weight at the start x return, linked by Carino's factors."""
    r = path.returns
    whole = float(np.prod(1.0 + r) - 1.0)
    near = np.abs(r) < 1e-12
    scale = np.where(near, 1.0, np.log1p(r) / np.where(near, 1.0, r))
    total = np.log1p(whole) / whole if abs(whole) > 1e-12 else 1.0
    linked_parts: Floats = ((path.weights * values) * scale[:, None]).sum(axis=0) / total
    return linked_parts


def attributed(context: Context, against: str | None, found: Found) -> Attributed | None:
    """Brinson's effects against other weights over the same securities; None where there is nothing to compare."""
    word = (against or "").strip()
    if not word or len(found.held.refs) < 2:
        return None
    title, other = _other(context, word, found)
    if np.allclose(other, found.held.weights, atol=1e-12):
        return None  # the same weights earn the same
    how = "every period" if found.rebalance == "daily" else found.rebalance
    theirs = hold(found.values, other, cast("Rebalance", how), found.returns.dates)
    _solvent(title, theirs, found.returns)
    labels, by = _groups(context, found)
    groups = tuple(dict.fromkeys(labels))
    member = np.array([[label == group for group in groups] for label in labels], dtype=np.float64)
    sides = [_grouped(path, found.values, member) for path in (found.path, theirs)]
    effects = brinson(sides[0][0], sides[0][1], sides[1][0], sides[1][1])
    whole = linked(effects, found.path.returns, theirs.returns)
    spans = {"daily": "days", "weekly": "weeks", "monthly": "months"}[found.returns.step]
    return Attributed(
        title, by, f"{len(found.returns.dates):,} {spans}", groups, found.held.weights @ member, other @ member,
        whole.allocation, whole.selection, whole.interaction, found.total, float(np.prod(1 + theirs.returns) - 1),
    )  # fmt: skip


def _other(context: Context, word: str, found: Found) -> tuple[str, Floats]:
    """The weights that are compared with, over the portfolio's securities."""
    refs = found.held.refs
    if word.upper() == "EQUAL":
        return "equal weights", np.full(len(refs), 1.0 / len(refs))
    if word.lower() not in names(context):
        there = ", ".join(names(context)) or "none is kept yet"
        raise CommandError(f"AGAINST= takes EQUAL, or a kept portfolio ({there}).", argument="against")
    theirs, weights, shares = kept(context, word.lower())
    if shares is not None:
        raise CommandError(
            f"{word} is kept by shares: AGAINST= takes one that is kept by weights.", argument="against"
        )
    by_id = {
        ref.security_id: weight
        for ref, weight in zip(theirs, weights or [1.0] * len(theirs), strict=True)
    }  # fmt: skip
    outside = [ref.ticker for ref in theirs if ref.security_id not in {r.security_id for r in refs}]
    if outside:
        raise CommandError(
            f"{word} also holds {', '.join(outside[:5])}, which this portfolio lacks: add it with weight 0.",
            argument="against",
        )
    chosen = np.array([by_id.get(ref.security_id, 0.0) for ref in refs])
    if not chosen.sum() > 0:
        raise CommandError(f"The weights of {word} do not add up to more than zero.", argument="against")
    return f"portfolio {word.lower()}", chosen / chosen.sum()


def _groups(context: Context, found: Found) -> tuple[list[str], str]:
    """The sector of each holding where all are known at the clock, else its ticker."""
    ids = [ref.security_id for ref in found.held.refs]
    rows = context.reader.rows("profiles", ids, columns=("sector",))
    sectors = dict(zip(rows["security_id"], rows["sector"], strict=True))
    labels = [sectors.get(each) for each in ids]
    if all(labels) and len(set(labels)) > 1:
        return [str(label) for label in labels], "sector"
    return [ref.ticker for ref in found.held.refs], "security"


def _grouped(path: Held, values: Floats, member: Floats) -> tuple[Floats, Floats]:
    """Weights and returns by group, (n, g); NaN where a group has no weight."""
    weights = path.weights @ member
    earned = (path.weights * values) @ member
    with np.errstate(invalid="ignore", divide="ignore"):
        returns: Floats = np.where(np.abs(weights) > 1e-12, earned / weights, np.nan)
    return weights, returns
