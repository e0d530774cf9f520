"""What FACT regresses: excess returns, factors on the same dates, and which of them the clock knew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, cast

from engine.errors import CommandError, DataError
from engine.function import Args
from engine.functions._fact_model import Model, chosen
from engine.page import SecurityRef
from engine.portfolios import Holdings, holdings
from engine.rates import RiskFree, factor_returns, factor_series, risk_free
from engine.returns import PERIODS_PER_YEAR, Returns, Step, returns_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.context import Context

    Floats = NDArray[np.float64]

WINDOWS: dict[Step, int] = {"daily": 252, "weekly": 104, "monthly": 36}


@dataclass(frozen=True, slots=True)
class Study:
    """Rows of one regression. ``excess`` (n, k) of the holdings, ``factors`` (n, f), ``rate`` (n,) the risk-free."""

    held: Holdings
    model: Model
    dates: NDArray[np.datetime64]
    excess: Floats
    factors: Floats
    rate: Floats
    rate_source: str
    window: int
    lags: int

    @property
    def step(self) -> Step:
        return self.model.step

    @property
    def periods_per_year(self) -> float:
        return PERIODS_PER_YEAR[self.model.step]

    @property
    def portfolio(self) -> Floats:
        """Excess returns of the holdings, set back to their weights each period; (n,)."""
        return self.excess @ self.held.weights

    @property
    def first(self) -> date:
        return cast(date, self.dates[0].astype(object))

    @property
    def last(self) -> date:
        return cast(date, self.dates[-1].astype(object))


def study(context: Context, args: Args) -> Study:
    """The rows on which every return and factor is known.

    Raises
    ------
    CommandError, DataError
        What is wrong with the words, or missing at the clock.
    """
    held = holdings(context, args)
    model = chosen(context, args)
    both = {ref.security_id for ref in held.refs} & {ref.security_id for ref in model.traded}
    if both:
        word = next(ref.ticker for ref in model.traded if ref.security_id in both)
        raise CommandError(
            f"{word} is both explained and explaining: its loading on itself is one.", argument="factors"
        )
    least = len(model.names) + 3
    refs = (*held.refs, *model.traded)
    returns = returns_of(context, refs, frequency=model.step, least=least)
    held = held.only(returns.refs)
    if not held.refs:
        raise DataError(f"No return of {held.title or 'what was asked for'} is known at this clock.")
    rows, columns = _factors(context, model, returns)
    keep = _within(args, returns.dates[rows], model.step, least)
    rows, columns = rows[keep], columns[keep]
    _tell_left_out(context, model, returns, rows)
    return _made(context, args, held, model, returns, rows, columns)


def _made(
    context: Context, args: Args, held: Holdings, model: Model, returns: Returns, rows: NDArray[np.int64],
    columns: Floats,
) -> Study:  # fmt: skip
    import numpy as np

    dates = returns.dates[rows]
    rate: RiskFree = risk_free(context, dates, model.step)
    explained = np.column_stack([returns.column(ref) for ref in held.refs])[rows]
    traded = len(model.traded)
    if (
        traded
    ):  # of a security the excess return is the factor; the library's are excess or long-short already
        columns = columns.copy()
        columns[:, -traded:] -= rate.values[:, None]
    lags = args["lags"]
    if lags is None:
        from engine.quant.factors import newey_west_lags

        lags = newey_west_lags(len(dates))
    return Study(
        held, model, dates, explained - rate.values[:, None], columns, rate.values, rate.source,
        args["window"] or WINDOWS[model.step], min(lags, len(dates) - 1),
    )  # fmt: skip


def _factors(context: Context, model: Model, returns: Returns) -> tuple[NDArray[np.int64], Floats]:
    """Rows of the returns on which all factors are known, and the factors there, the library's first."""
    import numpy as np

    if model.library:
        found = factor_returns(context, model.library, returns.dates, model.step)
        rows, columns = found.rows, [found.values]
        if model.step == "weekly":  # of the week under way at the last known day, part is missing
            whole = returns.dates[rows] <= _last_day(context, found.refs)
            rows, columns = rows[whole], [found.values[whole]]
        if not len(rows):
            raise DataError(f"No whole week of {', '.join(model.library)} is known in this range: take MAX.")
    else:
        rows, columns = np.arange(len(returns.dates)), []
    columns += [returns.column(ref)[rows][:, None] for ref in model.traded]
    return rows, np.hstack(columns)


def _last_day(context: Context, refs: Sequence[SecurityRef]) -> np.datetime64:
    """The newest day on which all of these daily factors are known."""
    import numpy as np

    series = [factor_series(context, ref, "daily")["session_date"] for ref in refs]
    return min(np.datetime64(cast(date, days.max())) for days in series)


def _within(args: Args, dates: NDArray[np.datetime64], step: Step, least: int) -> NDArray[np.bool_]:
    """Of the dates that both know, those of the range, counted back from the last of them."""
    import numpy as np

    last = cast(date, dates[-1].astype(object))
    start, end = args["period"].bounds(last)
    keep = dates <= np.datetime64(end)
    if start is not None:
        counted = args["period"].unit in ("D", "W", "M", "Y")
        begins = np.asarray([start], dtype="datetime64[D]")
        # ten years of months are 120: the month that a counted range begins in lies before it
        keep &= _span(dates, step) > _span(begins, step) if counted else dates >= begins
    if keep.sum() < least:
        raise DataError(
            f"{int(keep.sum())} returns lie in {args['period']} on dates with every factor "
            f"({dates[0]} to {dates[-1]}), and {least} are needed at least: take a longer range, or MAX."
        )
    return keep


def _span(dates: NDArray[np.datetime64], step: Step) -> NDArray[np.int64]:
    """Which day, week (from Monday) or month a date lies in, counted from 1970."""
    days = dates.astype("datetime64[D]").astype("int64")
    if step == "monthly":
        return dates.astype("datetime64[M]").astype("int64")
    return (days + 3) // 7 if step == "weekly" else days


def _tell_left_out(context: Context, model: Model, returns: Returns, rows: NDArray[np.int64]) -> None:
    later = len(returns.dates) - 1 - int(rows[-1])
    if later and model.library:
        context.note(
            f"The {model.step} factors are known at this clock up to {returns.dates[rows[-1]]}: their library is "
            f"published with a delay. Returns after that (to {returns.last}; {later:,} {model.step}) are left out."
        )
