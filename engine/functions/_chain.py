"""An option chain as of the clock: each contract's newest quote of the newest session that has any."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from engine.errors import DataError

if TYPE_CHECKING:
    import polars as pl

    from engine.context import Context
    from engine.page import SecurityRef

_NEAR = timedelta(days=10)
STALE = timedelta(hours=24)  # a last trade older than this, against the quote, says nothing of now


def read_chain(context: Context, ref: SecurityRef) -> pl.DataFrame:
    """Quotes of contracts that had not expired on their session: one row a contract, with ``mid``, ``spread``,
    ``days`` to expiry and ``remark``, sorted by expiry, strike and right.

    Raises
    ------
    DataError
        None is known at the clock.
    """
    import polars as pl

    rows = context.reader.rows("option_quotes", ref.security_id, context.today - _NEAR)
    if rows.is_empty():
        held = context.reader.coverage("option_quotes", [ref.security_id])
        if held.is_empty():
            raise DataError(_none(context, ref))
        last: date = held["last"][0]
        rows = context.reader.rows("option_quotes", ref.security_id, last)
    newest = rows["session_date"].max()
    chain = (
        rows.filter((pl.col("session_date") == newest) & (pl.col("expiry") >= pl.col("session_date")))
        .sort("contract", "quoted_at")
        .unique("contract", keep="last", maintain_order=True)
    )
    if chain.is_empty():
        raise DataError(_none(context, ref))
    return remarked(chain).sort("expiry", "strike", "right", "contract")


def remarked(chain: pl.DataFrame) -> pl.DataFrame:
    """The chain with mid, spread, days, and what is wrong with a quote where something is."""
    import polars as pl

    bid, ask = pl.col("bid"), pl.col("ask")
    two_sided = (bid > 0) & (ask > 0) & (ask >= bid)
    age = pl.col("quoted_at") - pl.col("last_traded_at")
    return chain.with_columns(
        mid=pl.when(two_sided).then((bid + ask) / 2),
        spread=pl.when(two_sided).then(ask - bid),
        days=(pl.col("expiry") - pl.col("session_date")).dt.total_days(),
        remark=pl.when(bid > ask)
        .then(pl.lit("crossed"))
        .when(bid.is_null() & ask.is_null())
        .then(pl.lit("no quote"))
        .when(bid.fill_null(0.0) <= 0)
        .then(pl.lit("no bid"))
        .when(ask.fill_null(0.0) <= 0)
        .then(pl.lit("no ask"))
        .when(age > STALE)
        .then(pl.lit("last is old")),
    )


def _none(context: Context, ref: SecurityRef) -> str:
    ahead = (
        f"OMON {ref.ticker} at NOW asks the sources that are set up: Cboe needs no key (KEYS ALLOW CBOE). "
        "asof import --table option_quotes reads chains of your own, each known from its own quote time."
        if not context.live
        else "KEYS shows which sources have chains: Cboe needs no key (KEYS ALLOW CBOE). SET offline=no lets them be "
        "asked; asof import reads files of your own."
    )
    return f"No option chain of {ref.label} is known as of {context.when}. {ahead}"


def at_the_money(chain: pl.DataFrame) -> float | None:
    """The strike nearest the underlying's price, where that came with the quotes."""
    import polars as pl

    priced = chain.drop_nulls("underlying_price")
    if priced.is_empty():
        return None
    spot = float(priced["underlying_price"].median())  # type: ignore[arg-type]
    row = chain.select(pl.col("strike").sort_by((pl.col("strike") - spot).abs(), "strike").first())
    return float(row.item())


def quoted_between(chain: pl.DataFrame) -> tuple[datetime, datetime]:
    """The oldest and the newest quote of the chain."""
    first: datetime = chain["quoted_at"].min()  # type: ignore[assignment]
    last: datetime = chain["quoted_at"].max()  # type: ignore[assignment]
    return first, last
