"""Files of Ken French's library: a zip with one CSV of blocks, read to long rows of fractions."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING

from providers.errors import Kind, SourceError, malformed

if TYPE_CHECKING:
    import polars as pl

MOST = 32 << 20  # bytes of the unpacked file; the largest of the factors' has 2 MB
MISSING = (-99.99, -999.0)
_VINTAGE = re.compile(r"(\d{6})\s+CRSP")
_FREQUENCY = {4: "year", 6: "month", 8: "day"}  # by the digits of a date
_DATE = re.compile(r"\d{8}|\d{6}|\d{4}|\d{4}-\d{2}-\d{2}|\d{4}-\d{2}")


def unzip(content: bytes, file: str) -> str:
    """The text of the one file inside, bounded before and while it is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [m for m in archive.infolist() if m.filename.lower().endswith((".csv", ".txt"))]
            if len(members) != 1:
                raise malformed(f"{file} holds {len(members)} tables where one was to be")
            if members[0].file_size > MOST:
                raise SourceError(Kind.TOO_LARGE, f"{file} unpacks to more than {MOST:,} bytes: not read")
            with archive.open(members[0]) as member:
                text = member.read(MOST + 1)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        start = content[:40].decode("utf-8", "replace").strip()
        raise malformed(f"{file} is no zip that can be read ({error}): {start!r}") from error
    except Exception as error:
        if type(error).__module__ == "zlib":  # zlib.error has no base of its own
            raise malformed(f"{file} is damaged inside: {error}") from error
        raise
    if len(text) > MOST:  # the directory of the zip may lie about the size
        raise SourceError(Kind.TOO_LARGE, f"{file} unpacks to more than {MOST:,} bytes: not read")
    return text.decode("latin-1")


def read_blocks(text: str, file: str) -> tuple[str, list[pl.DataFrame]]:
    """The vintage named in the preamble (empty where none is), and a frame for each block of the file: columns
    session_date, frequency, column, value; missing values make no row.

    A block is a header that begins with an empty cell (or ``Date``) and the lines that begin with a date. What
    stands before, between and after (preamble, titles, copyright) is text.
    """
    found = _VINTAGE.search(text[:4000])
    blocks: list[pl.DataFrame] = []
    header: list[str] = []
    rows: list[list[str]] = []
    for line in [*text.splitlines(), ""]:
        cells = [cell.strip() for cell in line.split(",")]
        if len(cells) > 1 and _DATE.fullmatch(cells[0]):
            rows.append(cells)
            continue
        if rows:
            blocks.append(_long(header, rows, file))
            rows = []
        if len(cells) > 1 and cells[0].lower() in ("", "date"):
            header = cells[1:]
    if not blocks:
        raise malformed(f"{file} has no block of dated returns: its layout changed")
    return (f"{found[1]} CRSP" if found else ""), blocks


def _long(header: list[str], rows: list[list[str]], file: str) -> pl.DataFrame:
    import polars as pl

    if not header or any(len(row) != len(header) + 1 for row in rows):
        raise malformed(f"{file}: a line has another number of cells than the header {header}")
    digits = {len(row[0].replace("-", "")) for row in rows}
    if len(digits) != 1:
        raise malformed(f"{file}: days, months and years are mixed in one block")
    frequency = _FREQUENCY[digits.pop()]
    day = pl.col("date").str.replace_all("-", "") + {"year": "1231", "month": "01", "day": ""}[frequency]
    parsed = day.str.to_date("%Y%m%d", strict=False)
    wide = pl.DataFrame(rows, schema=["date", *header], orient="row")
    return (
        wide.with_columns(session_date=parsed.dt.month_end() if frequency == "month" else parsed)
        .unpivot(on=header, index="session_date", variable_name="column")
        .with_columns(percent=pl.col("value").cast(pl.Float64, strict=False))
        .filter(~pl.col("percent").is_in(MISSING) | pl.col("percent").is_null())
        # What is no number stays, as an empty value for the check to find.
        .select(
            "session_date", "column", pl.lit(frequency).alias("frequency"),
            (pl.col("percent") / 100).round(10).alias("value"),
        )
    )  # fmt: skip
