"""Checks on canonical frames before they are written: what fails is set aside with its reason, never dropped.

Pure and vectorised: a frame goes in, good rows and quarantined rows come out. A row is named by the first
check that it fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from providers.base import ProviderError
from store.batch import Quarantined
from store.schema import CLOCKS, TABLES, TableSpec, polars_type

if TYPE_CHECKING:
    import polars as pl

# A close that moves tenfold in a session, with splits taken out, is a misplaced point before it is news.
MAX_MOVE = 10.0
# A split must show in the traded price. Splits come on days of news, so the price may also move by itself.
SPLIT_SLACK = 0.5
OWN_MOVE = 0.2  # as a log; a stock dividend of a twentieth drowns in a day's own move, and proves nothing
# Outside text is shown on terminals: C0 and C1 controls, and what turns the direction of writing, go at once.
CONTROLS = r"[\x00-\x1f\x7f-\x{9f}\x{061c}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}]"


@dataclass(frozen=True, slots=True)
class Checked:
    """The rows that passed, and the rows set aside with the reason."""

    good: pl.DataFrame
    quarantined: tuple[Quarantined, ...] = ()


def check(table: str, frame: pl.DataFrame, *, positive: bool = True) -> Checked:
    """Every check that needs one row or its key: schema, empty and non-finite values, impossible prices,
    a row known before it happened, a second row of one key at one ``known_at``.

    ``positive`` is False for what may stand at or below zero (yields, returns, spreads; oil has).
    """
    import polars as pl

    spec = TABLES[table]
    frame = conform(spec, frame)
    key = key_of(spec, frame)
    reason = pl.coalesce(
        *[
            pl.when(fails).then(pl.lit(text))
            for text, fails in (*_row_checks(spec, positive), *_key_checks(key))
        ]
    )
    return _partition(table, frame.with_columns(reason.alias("_reason")))


def conform(spec: TableSpec, frame: pl.DataFrame) -> pl.DataFrame:
    """``frame`` in the table's columns and types, optional columns it lacks filled with nulls.

    ``identity`` may stand for ``security_id``. A required column that is missing, or a column the table does
    not have, is a fault of the provider's code and not of a row.
    """
    import polars as pl

    wanted = {c.name: c for c in spec.columns + CLOCKS if c.name not in ("security_id", "deleted")}
    unnamed = not {"identity", "security_id"} & set(frame.columns)
    missing = [n for n, c in wanted.items() if c.required and n not in frame.columns]
    unknown = set(frame.columns) - {*wanted, "identity", "security_id", "deleted"}
    if unnamed or missing or unknown:
        raise ProviderError(f"{spec.name}: columns missing {missing}, unknown {sorted(unknown)}")
    key = [name for name in ("security_id", "identity") if name in frame.columns and name not in wanted]
    columns = [
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(polars_type(c.type)).alias(name)
        for name, c in wanted.items()
    ]
    conformed = frame.select(*key, *columns)
    outside = [c.name for c in spec.columns if c.type == "text" and not c.choices] + ["identity"]
    texts = [name for name in outside if conformed.schema.get(name) == pl.String]
    return conformed.with_columns(pl.col(texts).str.replace_all(CONTROLS, "")) if texts else conformed


def key_of(spec: TableSpec, frame: pl.DataFrame) -> list[str]:
    """The table's key, in terms of ``identity`` where ids are not allotted yet."""
    named = "security_id" if "security_id" in frame.columns else "identity"
    return [named if name == "security_id" else name for name in spec.key]


def check_jumps(bars: pl.DataFrame, splits: pl.DataFrame) -> tuple[Checked, Checked]:
    """Bars whose close moves beyond belief once splits are taken out, and splits that no price shows.

    ``bars`` as traded; ``splits`` are rows of ``actions`` of kind split. A split without its jump means that
    the prices were adjusted already: applying it would adjust twice.
    """
    from math import log

    import polars as pl

    moves = (
        bars.sort("identity", "session_date")
        .with_columns(move=(pl.col("close") / pl.col("close").shift(1).over("identity")).log().fill_null(0.0))
        .join(
            splits.select("identity", "ratio", session_date="ex_date"),
            on=["identity", "session_date"],
            how="left",
            maintain_order="left",
        )
        .with_columns(rest=pl.col("move") + pl.col("ratio").log().fill_null(0.0))
    )
    wild = f"the close moves more than {MAX_MOVE:g}-fold in one session without a split"
    outlier = pl.when(pl.col("rest").abs() > log(MAX_MOVE)).then(pl.lit(wild))
    checked_bars = _partition(
        "bars", moves.with_columns(outlier.alias("_reason")).drop("move", "ratio", "rest")
    )
    shown = moves.filter(pl.col("ratio").is_not_null()).select("identity", "rest", ex_date="session_date")
    unseen = pl.when(
        pl.col("rest").is_not_null()  # a split on a day without a bar cannot be judged
        & (
            pl.col("rest").abs()
            > pl.max_horizontal(SPLIT_SLACK * pl.col("ratio").log().abs(), pl.lit(OWN_MOVE))
        )
    ).then(pl.lit("the traded price does not show this split"))
    judged = splits.join(shown, on=["identity", "ex_date"], how="left", maintain_order="left")
    return checked_bars, _partition("actions", judged.with_columns(unseen.alias("_reason")).drop("rest"))


def _row_checks(spec: TableSpec, positive: bool) -> list[tuple[str, pl.Expr]]:
    import polars as pl

    numbers = [c.name for c in spec.columns if c.type == "number"]
    required = [c for c in spec.columns + CLOCKS if c.required and c.name not in ("security_id", "deleted")]
    checks = [(f"{c.name} is empty", pl.col(c.name).is_null()) for c in required]
    checks += [(f"{name} is not a finite number", ~pl.col(name).is_finite()) for name in numbers]
    checks += [
        (f"{c.name} is none of {', '.join(c.choices)}", ~pl.col(c.name).is_in(c.choices))
        for c in spec.columns
        if c.choices
    ]
    checks += _special_checks(spec.name, positive)
    if spec.name in ("bars", "closes", "observations"):
        checks.append(("known before its day", pl.col("known_at").dt.date() < pl.col(spec.session)))
    return checks


def _special_checks(table: str, positive: bool) -> list[tuple[str, pl.Expr]]:
    """What a row of this table cannot be."""
    import polars as pl

    if table in ("bars", "bars_intraday"):
        prices = ["open", "high", "low", "close"]
        shape = [
            ("high below open, low or close", pl.col("high") < pl.max_horizontal("open", "low", "close")),
            ("low above open, high or close", pl.col("low") > pl.min_horizontal("open", "high", "close")),
            ("volume below zero", pl.col("volume") < 0),
        ]
        return shape + ([("price not above zero", pl.min_horizontal(prices) <= 0)] if positive else [])
    if table == "closes":
        return [("price not above zero", pl.col("close") <= 0)] if positive else []
    if table == "actions":
        split = pl.col("kind") == "split"
        return [
            ("a split needs a ratio above zero", split & ~(pl.col("ratio") > 0).fill_null(False)),
            ("a dividend needs an amount above zero", ~split & ~(pl.col("amount") > 0).fill_null(False)),
            ("a dividend needs a currency", ~split & (pl.col("currency").fill_null("") == "")),
        ]
    if table == "listings":
        ends = pl.col("delisting_date")
        return [
            ("delisted before it was listed", ends < pl.col("listing_date")),
            ("a final return below the loss of all that was invested", pl.col("final_return") < -1),
        ]
    if table == "mergers":
        ratio, cash = pl.col("exchange_ratio"), pl.col("cash_per_share")
        unnamed = pl.col("successor").fill_null("").str.strip_chars() == ""
        return [
            ("an exchange ratio below zero", ratio < 0),
            ("cash a share below zero", cash < 0),
            ("a merger needs an exchange ratio, cash a share, or both", ratio.is_null() & cash.is_null()),
            ("an exchange ratio without cash is above zero", cash.is_null() & (ratio == 0)),
            ("an exchange ratio needs the successor whose shares they are", (ratio > 0) & unnamed),
            ("cash a share needs a currency", (cash > 0) & (pl.col("currency").fill_null("") == "")),
        ]
    return []


def _key_checks(key: list[str]) -> list[tuple[str, pl.Expr]]:
    """A second row for one key at one known_at: which of the two holds cannot be told, the first is kept."""
    import polars as pl

    return [
        (
            "a second row of the same key known at the same time",
            ~pl.struct(*key, "known_at").is_first_distinct(),
        )
    ]


def _partition(table: str, marked: pl.DataFrame) -> Checked:
    """Split off rows with a ``_reason``; one quarantined group a reason."""
    import polars as pl

    good = marked.filter(pl.col("_reason").is_null()).drop("_reason")
    if good.height == marked.height:
        return Checked(good)
    bad = marked.filter(pl.col("_reason").is_not_null()).partition_by("_reason", maintain_order=True)
    aside = (Quarantined(table, group["_reason"][0], group.drop("_reason")) for group in bad)
    return Checked(good, tuple(aside))
