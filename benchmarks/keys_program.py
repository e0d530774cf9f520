"""The terminal with 10,000 made-up securities and a table of 10,000 rows: what benchmarks/keys.py types into."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from engine.standing import Standing

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))


class KeysDesk:
    """The engine's own completion over a directory of 10,000, and one page."""

    def __init__(self) -> None:
        from engine.registry import registry
        from engine.securities import Directory

        letters = "ABCDEFGHIJ"
        rows = [
            {
                "security_id": number, "valid_from": date(2000, 1, 3), "ticker": "".join(word),
                "name": f"{''.join(word).title()} Holdings {number}", "market": "US EQUITY", "asset_class": "equity",
            }
            for number, word in enumerate(product(letters, repeat=4), 1)
        ]  # fmt: skip
        self.functions = registry()
        self.directory_ = Directory(rows, date(2024, 1, 2))
        self.asof: datetime | None = None
        self.security = None
        self.page: Any = None
        self.preferences = {"theme": "amber"}
        self.zone = ZoneInfo("America/New_York")
        self.lines: list[str] = []

    def run(self, line: str, **_: Any) -> Any:
        import polars as pl

        from engine.page import Column, Lineage, Page, Panel, Table

        self.lines.append(line)
        count = 10_000
        frame = pl.DataFrame({"row": range(count)}).with_columns(
            (pl.col("row") * 37 % 1000 / 7).alias("close"),
            (pl.col("row") * 17 % 13 / 100 - 0.06).alias("change"),
            (pl.col("row") * 7919 % 9_999_991).alias("volume"),
            pl.format("Security number {}", "row").alias("name"),
        )
        columns = (
            Column("name", "Name"), Column("close", "Close", "price", 2), Column("change", "Change", "change"),
            Column("volume", "Volume", "integer"),
        )  # fmt: skip
        page = Page("Ten thousand rows", (Panel("rows", "Rows", Table(frame, columns)),), function="W")
        now = datetime(2024, 1, 2, tzinfo=UTC)
        lineage = Lineage(asof=now, live=True, snapshot=1, snapshot_id="0" * 12, command=line, version="0")
        self.page = replace(page, lineage=lineage)
        return self.page

    def show(self, page: Any) -> None:
        self.page = page

    def standing(self) -> Standing:
        from engine.standing import Standing

        return Standing(
            self.asof, self.security, self.zone, self.preferences, self.functions, self.directory_, (),
            tuple(self.lines),
        )  # fmt: skip

    def save_history(self) -> None:
        """Nothing is kept."""


def run_program() -> int:
    from terminal.app import AsofApp
    from terminal.run import drive

    app = AsofApp(lambda _progress, _cancelled: KeysDesk(), place="bench", user="bench")
    with TemporaryDirectory() as folder:
        return drive(app, Path(folder) / "stderr.log")


if __name__ == "__main__":
    sys.exit(run_program())
