"""What FACT regresses: excess returns, factors on the same dates, and which of them the clock knew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, cast

from engine.errors import CommandError, DataError
from engine.function import Args
from engine.page import SecurityRef
from engine.portfolios import Holdings, holdings
from engine.rates import RiskFree, factor_returns, factor_series, risk_free
from engine.returns import PERIODS_PER_YEAR, Returns, Step, benchmark, returns_of
from engine.securities import UnknownSecurity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.context import Context

    Floats = NDArray[np.float64]

WINDOWS: dict[Step, int] = {"daily": 252, "weekly": 104, "monthly": 36}
RICHEST = ("FF5MOM", "FF5", "FF3MOM", "FF3", "CAPM")  # what AUTO takes, the first that is known
MOST_FACTORS = 12
_STEPS: tuple[Step, ...] = ("daily", "monthly")


@dataclass(frozen=True, slots=True)
class Model:
    """The factors asked for: those of the library, and securities that stand for factors."""

    title: str
    source: str
    names: tuple[str, ...]
    library: tuple[str, ...]
    traded: tuple[SecurityRef, ...]
    step: Step


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


def chosen(context: Context, args: Args) -> Model:
    """The model that the words mean, at the frequency they mean.

    Raises
    ------
    CommandError, DataError
        A factor is not known; with what is.
    """
    from engine.quant.factors import MODELS, custom_model

    if args["factors"]:
        words = [word.strip() for word in args["factors"].split(",") if word.strip()]
        if len(words) > MOST_FACTORS:
            raise CommandError(f"FACTORS= takes {MOST_FACTORS} factors at most.", argument="factors")
        try:
            model = custom_model(words)
        except ValueError as fault:
            raise CommandError(f"FACTORS=: {fault}.", argument="factors") from fault
        refs = [_named(context, name) for name in model.factors]
        library = tuple(ref.ticker for ref in refs if ref.asset_class == "factor")
        traded = tuple(ref for ref in refs if ref.asset_class != "factor")
        step = _step(context, args, library)
        if step is None:
            raise _unknown(context, args, library)
        names = (*library, *(ref.ticker for ref in traded))
        return Model(f"custom factors {', '.join(names)}", "as given", names, library, traded, step)
    asked = RICHEST if args["model"] == "AUTO" else (args["model"],)
    for name in asked:
        model = MODELS[name]
        known = [_library(context, factor) for factor in model.factors]
        found = _step(context, args, model.factors) if all(known) else None
        if found is not None:
            return Model(f"{name}: {model.title}", model.source, model.factors, model.factors, (), found)
    market = _market(context, args) if args["model"] == "AUTO" else None
    if market is None:
        raise _unknown(context, args, MODELS[asked[-1]].factors)
    return market


def _market(context: Context, args: Args) -> Model | None:
    """Where AUTO finds no factor of the library: the S&P 500 for the market, said in a warning."""
    try:
        ref = benchmark(context, None)
    except DataError:
        return None
    if ref.security_id in {each.security_id for each in context.securities}:
        return None
    finest = args["frequency"].lower() if args["frequency"] != "AUTO" else "daily"
    context.note(
        f"No {'' if args['frequency'] == 'AUTO' else finest + ' '}factors of the library are known at this clock: "
        f"{ref.ticker} stands for the market. BACKFILL MKTRF SMB5 MOM fetches them; those of days are another file "
        "than those of months.",
        "warning",
    )
    title = f"the market alone, by {ref.ticker}"
    return Model(title, "as given", (ref.ticker,), (), (ref,), cast("Step", finest))


def _step(context: Context, args: Args, factors: Sequence[str]) -> Step | None:
    """The frequency asked for; of AUTO the finest that all factors have. None where there is none."""
    if args["frequency"] != "AUTO":
        wanted: tuple[Step, ...] = (cast("Step", args["frequency"].lower()),)
    else:
        wanted = _STEPS
    refs = [ref for name in factors if (ref := _library(context, name)) is not None]
    for step in wanted:
        if all(factor_series(context, ref, step).height for ref in refs):
            return step
    return None if refs else wanted[0]


def _library(context: Context, name: str) -> SecurityRef | None:
    try:
        ref = context.directory.resolve(name, "MACRO").security.ref
    except UnknownSecurity:
        return None
    return ref if ref.asset_class == "factor" else None


def _named(context: Context, word: str) -> SecurityRef:
    """A factor of the library, or a security that stands for one."""
    found = _library(context, word)
    if found is not None:
        return found
    try:
        return context.directory.resolve(word).security.ref
    except UnknownSecurity as fault:
        raise CommandError(
            f"{word} is neither a factor of the library (MKTRF SMB HML SMB5 RMW CMA MOM) nor a security known at "
            "this clock.", argument="factors",
        ) from fault  # fmt: skip


def _unknown(context: Context, args: Args, factors: Sequence[str]) -> DataError:
    """What to type where no model can be had."""
    missing = [name for name in factors if _library(context, name) is None]
    when = "" if context.live else f" as of {context.when}"
    if missing:
        told = f"The factors {', '.join(missing)} are not known{when}"
    else:
        told = f"No {args['frequency'].lower()} returns of {', '.join(factors)} are known{when}"
    ahead = "FREQUENCY=MONTHLY may be" if not missing else f"BACKFILL {' '.join(missing)} fetches them"
    return DataError(
        f"{told}. {ahead}; FACTORS=SPX, or other tickers, takes securities for factors."
        + ("" if context.live else " ASOF NOW looks from today.")
    )


def told_at(context: Context, model: Model, last: date) -> str:
    """When the newest factor used became known, and by which rule, in words."""
    import polars as pl

    if not model.library:
        return "prices: at each session's close"
    ref = _library(context, model.library[0])
    if ref is None:
        return ""
    wanted = "month" if model.step == "monthly" else "day"
    rows = context.reader.rows("factor_returns", [ref.security_id]).filter(pl.col("frequency") == wanted)
    key = "session_date"
    if rows.is_empty():
        rows, key = context.reader.rows("observations", [ref.security_id]), "period_date"
    upto = pl.lit(last).dt.month_end() if model.step == "monthly" else pl.lit(last)
    row = rows.filter(pl.col(key) <= upto).sort(key).tail(1)
    if row.is_empty():
        return ""
    basis = str(row["known_basis"][0])
    return f"{context.show(row['known_at'][0])} ({'exact' if basis == 'exact' else 'estimated'})"
