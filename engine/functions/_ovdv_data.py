"""What OVDV stands on: the chain at the clock, the rate to discount at, and the surface fitted to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import isnan, log1p
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from engine.errors import DataError
from engine.function import Args
from engine.functions._chain import read_chain
from engine.functions.gc import TREASURY

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from engine.context import Context
    from engine.page import SecurityRef
    from engine.quant.surface import ChainSurface

YEAR = timedelta(days=365)
_NEW_YORK = ZoneInfo("America/New_York")
_CLOSE = time(16)
_REACH = 10  # days back to a yield curve that still stands
_OLD = 4  # days after which quotes are told to be old


@dataclass(frozen=True, slots=True)
class Fitted:
    """The chain, row by row as the surface has it, and the surface; ``odd`` are adjusted contracts, left out."""

    rows: pl.DataFrame
    odd: pl.DataFrame
    built: ChainSurface
    expiries: tuple[date, ...]  # of the surface, ascending
    spot: float  # NaN where it did not come with the quotes
    session: date
    quoted_at: datetime
    american: bool
    rate_told: str

    @property
    def days(self) -> tuple[int, ...]:
        return tuple((expiry - self.session).days for expiry in self.expiries)


def fitted(context: Context, args: Args) -> Fitted:
    """Read the chain, fit what is asked for, and tell on what it rests.

    Raises
    ------
    DataError
        No chain is known at the clock, or none of its expiries has quotes enough.
    """
    from engine.quant.surface import Rules, build_surface

    ref = context.security
    context.progress(0, 3, "the chain")
    whole = read_chain(context, ref)
    rows, odd = _ordinary(whole)
    quoted_at: datetime = rows["quoted_at"].max()  # type: ignore[assignment]
    spots = rows["underlying_price"].drop_nulls()
    spot = float(spots.median()) if spots.len() else float("nan")  # type: ignore[arg-type]
    american = _american(rows, ref)
    pricer = _pricer(context) if american and not isnan(spot) else None
    if american and pricer is None:
        context.note(
            "The underlying's price did not come with the quotes: early exercise is not taken off them, and "
            "volatilities of long expiries are a little too high for puts.",
            "warning",
        )
    rates, told = _rates(context, args, american)
    rules = Rules(wide=args["wide"] / 100.0, stale_seconds=60.0 * args["stale"])
    context.progress(1, 3, "forwards and smiles")
    try:
        built = build_surface(
            _chain(rows, quoted_at, spot), args["model"], rules=rules, rates=rates, pricer=pricer
        )
    except ValueError as fault:
        raise DataError(
            f"The chain of {ref.label} of {rows['session_date'][0]} makes no surface. {fault} "
            f"{ref.ticker} OMON shows the quotes; WIDE= and STALE= let more of them in."
        ) from fault
    context.progress(2, 3, "figures")
    years = _years(rows, quoted_at)
    by_years = dict(zip(years.tolist(), rows["expiry"].to_list(), strict=True))
    session = rows["session_date"][0]
    if (age := (context.today - session).days) > _OLD:
        context.stale.append((ref.ticker, f"its newest option quotes are of {session}, {age:,} days old."))
    return Fitted(
        rows, odd, built, tuple(by_years[t] for t in built.surface.years.tolist()), spot, session, quoted_at,
        american, told,
    )  # fmt: skip


def _ordinary(chain: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Contracts of the usual deliverable, and adjusted ones (after a split or merger: roots that end in a digit)."""
    import polars as pl

    root = pl.col("contract").str.replace(r"\d{6}[CP]\d{8}$", "")
    odd = root.str.contains(r"\d$") | (pl.col("multiplier").fill_null(100.0) != 100.0)
    return chain.filter(~odd), chain.filter(odd)


def _american(rows: pl.DataFrame, ref: SecurityRef) -> bool:
    """As the quotes say; where they do not, options on shares and funds are American, on indices European."""
    told = rows["exercise"].drop_nulls()
    return bool(told[0] == "american") if told.len() else ref.asset_class != "index"


def _years(rows: pl.DataFrame, quoted_at: datetime) -> np.ndarray:
    """From the newest quote to 16:00 New York of the expiry, in years of 365 days."""
    import numpy as np

    ends = {day: datetime.combine(day, _CLOSE, _NEW_YORK) for day in rows["expiry"].unique().to_list()}
    return np.array([(ends[day] - quoted_at) / YEAR for day in rows["expiry"].to_list()], dtype=np.float64)


def _chain(rows: pl.DataFrame, quoted_at: datetime, spot: float) -> Any:
    import numpy as np
    import polars as pl

    from engine.quant.surface import Chain

    def column(name: str) -> np.ndarray:
        return np.array(rows[name].cast(pl.Float64).fill_null(float("nan")).to_numpy(), dtype=np.float64)

    return Chain(
        np.where((rows["right"] == "call").to_numpy(), 1.0, -1.0), column("strike"), _years(rows, quoted_at),
        column("bid"), column("ask"), spot, column("last"), column("volume"), column("open_interest"),
        rows["quoted_at"].dt.replace_time_zone(None).to_numpy(),
    )  # fmt: skip


def _pricer(context: Context) -> Any:
    """QuantLib's fast American engine; asked many times, so it is where a cancelled page stops."""
    from engine.quant.options import american

    def price(*inputs: np.ndarray) -> np.ndarray:
        import numpy as np

        context.check_cancelled()
        kind, spot, strike, years, rate, yield_, volatility = inputs
        prices = american(kind, spot, strike, years, rate, yield_, volatility, scheme="fast")
        return np.asarray(prices, dtype=np.float64)

    return price


def _rates(context: Context, args: Args, american: bool) -> tuple[Callable[[float], float] | None, str]:
    """What to discount at by years, and in words where that is from. None: parity says."""
    if args["rate"] is not None:
        rate = float(args["rate"]) / 100.0
        return (lambda _: rate), f"{rate:.2%} as given by RATE="
    if not american:
        return None, "put-call parity of each expiry, or of those where it is precise"
    curve = _curve(context)
    if curve is None:
        return None, "put-call parity of the whole chain, early exercise taken off: no yield curve is known"
    day, years, rates = curve

    def at(t: float) -> float:
        import numpy as np

        return float(np.interp(t, years, rates))

    return at, f"the Treasury's par yields of {day}, as continuous rates"


def treasury(context: Context) -> SecurityRef:
    """The Treasury's par curve as the store has it; without an id where it has none yet."""
    known = (
        s.ref for s in context.directory if (s.ref.ticker, s.ref.market) == (TREASURY.ticker, TREASURY.market)
    )
    return next(known, TREASURY)


def _curve(context: Context) -> tuple[date, list[float], list[float]] | None:
    """The newest Treasury par curve known: its day, years, and continuously compounded rates."""
    ref = treasury(context)
    if not ref.security_id:
        return None
    frame = context.reader.rows(
        "yield_curves", [ref.security_id], context.today - timedelta(days=_REACH), context.today
    )
    if frame.is_empty():
        return None
    newest = (
        frame.filter(frame["session_date"] == frame["session_date"].max()).sort("years").drop_nulls("rate")
    )
    # a bond's yield is compounded twice a year
    return newest["session_date"][0], newest["years"].to_list(), [2 * log1p(y / 2) for y in newest["rate"]]
