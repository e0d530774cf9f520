"""Splits and dividends recovered from an "Adj Close" column beside prices as traded.

A vendor's adjusted close is the traded close times a factor. Between corporate actions the factor stands
still; on an ex-date it steps. For a vendor whose adjusted return on the ex-date is the total return
``(C_t + D) / C_{t-1}`` (dividend put to work at the ex-date's close), with ``f`` the factor::

    step  q = f_{t-1} / f_t = C_t / (C_t + D)      =>      D = C_t * (1 / q - 1)

(The other usual convention, ``q = 1 - D / C_{t-1}``, is CRSP's and today's Yahoo's. Which one a source keeps
is a fact about the source: for Quandl WIKI prices the first gives every dividend to the cent, the second
errs by up to 7%.) A split of ``r`` new shares for one old gives ``q = 1 / r``, and the traded price jumps with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

# Between actions the factor of the known sources repeats to 1e-13 (double rounding of a product). A cent on a
# share of 100,000 moves it by 1e-7. One part in 1e9 separates the two by orders of magnitude on both sides.
STEP_NOISE = 1e-9

# New shares for one old that issuers do use; anything else is not taken for a split.
SPLIT_RATIOS: tuple[float, ...] = (
    *(float(n) for n in range(2, 31)), 50.0, 3 / 2, 4 / 3, 5 / 4, 6 / 5, 5 / 2, 7 / 2, 5 / 3,
    *(1.0 / n for n in (2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50)),
)  # fmt: skip

# A cash dividend above this share of the price, or a negative one, is left for a person to look at.
MAX_DIVIDEND_YIELD = 0.35


def factor_steps(prices: pl.DataFrame) -> pl.DataFrame:
    """Every step of the adjustment factor, classified.

    ``prices`` has columns identity, session_date, close, adjusted_close. Answers identity, ex_date, step,
    previous_close, close, kind ("split", "dividend" or "unexplained"), ratio and amount, by identity and ex_date.

    A split needs both witnesses: the step equals a clean ratio, and the traded price is better explained
    with the split than without it. So a crash (AAPL, 2000-09-29, -52%) is no split: the factor stood still.
    """
    import polars as pl

    ordered = prices.sort("identity", "session_date").with_columns(
        factor=pl.col("adjusted_close") / pl.col("close")
    )
    before = {name: pl.col(name).shift(1).over("identity") for name in ("factor", "close")}
    steps = (
        ordered.with_columns(step=before["factor"] / pl.col("factor"), previous_close=before["close"])
        .filter((pl.col("step") - 1).abs() > STEP_NOISE)
        .with_columns(ratio=_nearest_ratio(pl.col("step")))
    )
    move = pl.col("close") / pl.col("previous_close")
    is_split = (
        ((1 / pl.col("step") - pl.col("ratio")).abs() < STEP_NOISE * pl.col("ratio"))
        & ((move * pl.col("ratio")).log().abs() < move.log().abs())
    )  # fmt: skip
    amount = pl.col("close") * (1 / pl.col("step") - 1)
    is_dividend = (amount > 0) & (amount <= MAX_DIVIDEND_YIELD * pl.col("previous_close"))
    return steps.select(
        "identity",
        ex_date="session_date",
        step="step",
        previous_close="previous_close",
        close="close",
        kind=pl.when(is_split)
        .then(pl.lit("split"))
        .when(is_dividend)
        .then(pl.lit("dividend"))
        .otherwise(pl.lit("unexplained")),
        ratio=pl.when(is_split).then(pl.col("ratio")),
        # quoted to a tenth of a cent at the finest; the factor carries ten digits, so this loses nothing
        amount=pl.when(~is_split & is_dividend).then(amount.round(4)),
    )


def _nearest_ratio(step: pl.Expr) -> pl.Expr:
    """The known split ratio nearest to ``1 / step``."""
    import polars as pl

    by_distance = pl.concat_list([(1 / step / ratio).log().abs() for ratio in SPLIT_RATIOS]).list.arg_min()
    return by_distance.replace_strict(
        list(range(len(SPLIT_RATIOS))), list(SPLIT_RATIOS), return_dtype=pl.Float64
    )
