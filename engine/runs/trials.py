"""Trials counted: every strategy that a user has tried on the same data, so that the best is judged as one of many.

The book is a document of the user's. A run's command carries what the book said when it ran (``TRIALS=12:0.0031``),
so that the run opens later as it was, whatever was tried since. What was counted is of one run alone
(``TRIALS=12:0.0031:9f86d081``): the line with another cost or rule is another run, and is counted anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from math import isfinite, isinf
from typing import TYPE_CHECKING, Any

from engine.errors import CommandError, DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.backtest.result import Result
    from engine.context import Context

KIND = "trials"
MOST = 50_000  # trials kept under one key; the count goes on beyond
LEAST = 0.05  # mean exposure below which an account's ratio over the risk-free rate is the rate's alone
_WRITTEN = re.compile(r"(\d{1,9})(?::([0-9.eE+-]{1,40}))?(?::([0-9a-f]{8}))?")


@dataclass(frozen=True, slots=True)
class Counted:
    """How many different runs were tried on the data, and the variance of their Sharpe ratios, a period's
    (``honesty.spread_of``; NaN where it is not told). ``of``: the run that they were counted for, as ``mark`` names
    it; empty where a user told it."""

    trials: int
    variance: float
    of: str = ""

    def __str__(self) -> str:
        told = f"{self.trials}:{self.variance!r}" if isfinite(self.variance) else str(self.trials)
        return f"{told}:{self.of}" if self.of and isfinite(self.variance) else told


def mark(name: str) -> str:
    """Eight hex digits for a run by what tells it apart."""
    return sha256(name.encode()).hexdigest()[:8]


def data_key(ids: tuple[int, ...], universes: tuple[tuple[str, int], ...]) -> str:
    """Names what trials are counted on: the securities, or the universes. Years and costs do not part trials."""
    text = "|".join((",".join(map(str, sorted(ids))), ",".join(str(index) for _, index in sorted(universes))))
    return sha256(text.encode()).hexdigest()[:40]


def read(text: str) -> Counted:
    """What TRIALS= says: a number, with the variance after a colon.

    Raises
    ------
    CommandError
        It is neither.
    """
    found = _WRITTEN.fullmatch(text.strip())
    try:
        if found is None or int(found[1]) < 1:
            raise ValueError
        variance = float(found[2] or "nan")
        if variance < 0 or isinf(variance):
            raise ValueError
        return Counted(int(found[1]), variance, found[3] or "")
    except ValueError:
        raise CommandError(
            "TRIALS= takes how many runs were tried, and after a colon the variance of their Sharpe ratios a period: "
            "TRIALS=12 or TRIALS=12:0.0031.", argument="trials",
        ) from None  # fmt: skip


def told(text: str | None, name: str) -> Counted | None:
    """What TRIALS= says of the run ``name``; None where it says nothing, or what was counted for another run.

    Raises
    ------
    CommandError
        As ``read``.
    """
    if not text:
        return None
    found = read(text)
    return found if found.of in ("", mark(name)) else None


def count(
    context: Context, key: str, runs: Mapping[str, NDArray[np.float64]], step: str = "daily"
) -> Counted:
    """Enters runs (returns by what tells them apart) into the user's book, and answers what it holds then.

    Returns are over the risk-free rate; zeros, or none that is finite, of a run whose ratio would be the rate's alone
    (``judged_by``): it counts, and its ratio is left out of the variance where there is none.
    """
    return counting(context, key, runs, step).entered()


def judged_by(result: Result, rate: NDArray[np.float64]) -> NDArray[np.float64]:
    """A run's returns (n,) over the risk-free rate, by which it is compared with other tries on the same data.

    NaN of an account whose mean exposure is below ``LEAST`` of its equity: 100 shares in a million earn less than the
    rate does, session by session, and their ratio says how idle the money lay, not how good the rules were.
    """
    import numpy as np

    if not len(result.trades) or float(result.gross.mean()) < LEAST:
        return np.full(len(result.returns), np.nan)
    found: NDArray[np.float64] = result.returns - rate
    return found


@dataclass(frozen=True, slots=True)
class Counting:
    """A count on its way into the book: ``expected`` as the book stood; ``entered`` waits until it is there, and
    answers what it holds then, which another process may have added to."""

    expected: Counted
    entered: Callable[[], Counted]


def counting(
    context: Context, key: str, runs: Mapping[str, NDArray[np.float64]], step: str = "daily"
) -> Counting:
    """As ``count``, without waiting for the disk: pages are made meanwhile."""
    from concurrent.futures import ThreadPoolExecutor

    from store.errors import StoreError

    fresh = {sha256(name.encode()).hexdigest()[:16]: _ratio(returns) for name, returns in runs.items()}
    state, name = context.desk.store.state(context.user), f"{key}-{step}"

    def enter() -> Counted:
        return _told_by(state.update(KIND, name, change) or _joined(None, fresh))

    def change(held: dict[str, Any] | None) -> dict[str, Any] | None:
        joint = _joined(held, fresh)
        return None if joint == held else joint

    expected = _told_by(_joined(state.get(KIND, name), fresh))
    pool = ThreadPoolExecutor(1)
    future = pool.submit(enter)
    pool.shutdown(wait=False)

    def entered() -> Counted:
        try:
            return future.result()
        except StoreError as fault:
            raise DataError(
                f"The run is done and cannot be entered into your book of trials: {fault}. TRIALS= with the number "
                "of runs that you tried shows it without the book."
            ) from fault

    return Counting(expected, entered)


def _ratio(returns: NDArray[np.float64]) -> float | None:
    """A period's Sharpe ratio; None where no return is told."""
    import numpy as np

    from engine.backtest.honesty import trial_of

    return trial_of("run", returns).sharpe if np.isfinite(returns).any() else None


def _told_by(body: Mapping[str, Any]) -> Counted:
    from engine.backtest.honesty import spread_of

    held = list(body["sharpes"].values())
    variance = spread_of([each for each in held if each is not None])
    return Counted(max(int(body["count"]), len(held)), variance)


def _joined(held: Mapping[str, Any] | None, fresh: Mapping[str, float | None]) -> dict[str, Any]:
    """The book's page with runs entered; what it holds is counted once, the last ``MOST`` are kept."""
    before, number = (held or {}).get("sharpes", {}), int((held or {}).get("count", 0))
    new = sum(each not in before for each in fresh)
    return {"sharpes": dict(list({**before, **fresh}.items())[-MOST:]), "count": number + new}
