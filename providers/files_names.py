"""Which security a row of a user's file is about: its identity, or its ticker on the row's day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from providers.files_spec import MARKETS, ImportSpec

if TYPE_CHECKING:
    import polars as pl

    from store.reader import AsOfReader


@dataclass(frozen=True, slots=True)
class Names:
    """Identities by ticker and day, as the store knows them: identity, ticker, market, since, until (excluded)."""

    held: pl.DataFrame

    def identified(self, frame: pl.DataFrame, spec: ImportSpec) -> pl.DataFrame:
        """``frame`` with ``identity``. The file's own identity wins; then the security of the spec's market that
        the store knows under the ticker on the row's day; else the ticker names a security new to the store."""
        import polars as pl

        if "ticker" not in frame.columns:
            return frame
        day = spec.spec.session
        asked = frame["ticker"].drop_nulls().str.to_uppercase().unique()
        mine = self.held.filter(
            (pl.col("market") == spec.market) & pl.col("ticker").is_in(asked.implode())
        ).select("ticker", "since", "until", known="identity")
        numbered = frame.with_row_index("_at").with_columns(_ticker=pl.col("ticker").str.to_uppercase())
        fits = (
            numbered.select("_at", "_ticker", day)
            .join(mine, left_on="_ticker", right_on="ticker", how="inner")
            .filter((pl.col(day) >= pl.col("since")) & (pl.col(day) < pl.col("until")).fill_null(value=True))
            .sort("since")
            .unique("_at", keep="last", maintain_order=True)
            .select("_at", "known")
        )
        new = pl.format(f"{spec.prefix}:{{}}", "_ticker")
        given = [pl.col("identity")] if "identity" in frame.columns else []
        return (
            numbered.join(fits, on="_at", how="left", maintain_order="left")
            .with_columns(identity=pl.coalesce(*given, "known", new))
            .drop("_at", "_ticker", "known")
        )

    def strangers(self, frame: pl.DataFrame, spec: ImportSpec) -> pl.DataFrame:
        """Rows of ``securities`` for identities that the store does not know, known with the first of their rows."""
        import polars as pl

        _, asset_class, calendar = MARKETS[spec.market]
        asset_class = {
            "factor_returns": "factor",
            "futures_bars": "future",
            "futures_contracts": "future",
        }.get(spec.table, asset_class)
        currency = spec.constants.get("currency", "USD" if spec.market == "US EQUITY" else "")
        last = pl.col("identity").str.splitn(":", 2).struct.field("field_1").fill_null(pl.col("identity"))
        return (
            frame.filter(~pl.col("identity").is_in(self.held["identity"].unique().implode()))
            .group_by("identity")
            .agg(pl.col(spec.spec.session).min().alias("valid_from"), pl.col("known_at").min())
            .sort("identity")
            .with_columns(
                ticker=last,
                name=last,
                market=pl.lit(spec.market),
                asset_class=pl.lit(asset_class),
                exchange=pl.lit(""),
                currency=pl.lit(currency),
                calendar=pl.lit(spec.calendar or calendar),
                note=pl.lit(f"From a file of {spec.source}."),
                known_basis=pl.lit("estimated: known with the first of its own rows"),
            )
        )


def names_of(reader: AsOfReader) -> Names:
    """Every naming known at the reader's clock, from its day to the next one's."""
    import polars as pl

    rows = reader.securities().filter(pl.col("identity").is_not_null())
    held = (
        rows.sort("security_id", "valid_from")
        .with_columns(until=pl.col("valid_from").shift(-1).over("security_id"))
        .select("identity", pl.col("ticker").str.to_uppercase(), "market", "until", since="valid_from")
    )
    # a security's first name also stands for the days before the store knows it
    first = pl.col("since") == pl.col("since").min().over("identity")
    own = pl.col("ticker").is_first_distinct().over("ticker", "market")
    early = pl.date(1, 1, 1)
    return Names(held.with_columns(since=pl.when(first & own).then(early).otherwise(pl.col("since"))))
