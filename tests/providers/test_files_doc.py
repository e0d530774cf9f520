"""docs/files.md says what the tables are."""

from __future__ import annotations

from pathlib import Path

from providers.files_doc import document
from store.schema import TABLES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "files.md"


def test_the_page_is_made_from_the_tables() -> None:
    """To renew it: python -c "import providers.files_doc as d; open('docs/files.md', 'w').write(d.document())" """
    assert PAGE.read_text("utf-8") == document()


def test_every_table_and_column_is_on_it() -> None:
    text = document()
    for table in TABLES.values():
        section = text.split(f"\n## {table.name}\n")[1].split("\n## ")[0]
        assert all(
            f"| {column.name}" in section
            for column in table.columns
            if column.name not in ("security_id", "member_id", "successor_id", "identity", "ticker")
        )
