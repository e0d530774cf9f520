"""Which factors FACT takes: a named model, one's own, or the market where nothing else is known at the clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, cast

from engine.errors import CommandError, DataError
from engine.function import Args
from engine.page import SecurityRef
from engine.rates import factor_series
from engine.returns import Step, benchmark
from engine.securities import UnknownSecurity

if TYPE_CHECKING:
    from engine.context import Context

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
