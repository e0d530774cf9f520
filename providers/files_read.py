"""A user's own file, read piece by piece: CSV text or Parquet, nothing executed, memory bounded."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from providers.base import ProviderError

if TYPE_CHECKING:
    import polars as pl

PIECE = 50_000  # rows in memory at once
LINE = 1 << 20  # bytes in one line of text at most
COLUMNS = 2_000
ROW_GROUP = 2 << 30  # bytes that one row group of Parquet may unpack to
_DELIMITERS = ",;\t|"
_PACKED = {b"\x1f\x8b": "gzip", b"PK": "zip", b"BZ": "bzip2", b"\xfd7": "xz", b"(\xb5": "zstd"}


class FileError(ProviderError):
    """A file cannot be imported as it was asked for: what, why, what to do."""


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A file as it was found. ``digest`` names its bytes; ``rows`` where the file itself says how many."""

    path: Path
    kind: str  # "csv" or "parquet"
    size: int
    digest: str
    columns: tuple[str, ...]
    delimiter: str = ","
    rows: int | None = None


def open_file(path: Path) -> OwnFile:
    """Look at a file and its head; FileError with a sentence where it is none that can be read."""
    path = path.expanduser()
    try:
        if not path.is_file():
            raise FileError(f"{path} is no file.")
        with path.open("rb") as handle:
            head = handle.read(1 << 16)
            digest = hashlib.sha256(head)
            while block := handle.read(1 << 20):
                digest.update(block)
            size = handle.tell()
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}.") from error
    if not size:
        raise FileError(f"{path} is empty.")
    if head[:4] == b"PAR1":
        return _parquet(path, size, digest.hexdigest())
    packed = next((name for mark, name in _PACKED.items() if head.startswith(mark)), None)
    if packed:
        raise FileError(f"{path} is packed ({packed}). Unpack it first, and import what is inside.")
    if b"\x00" in head:
        raise FileError(f"{path} is neither CSV text nor Parquet: it holds bytes that are no text.")
    with path.open("rb") as handle:
        delimiter, columns = _head(path, handle)
    return OwnFile(path, "csv", size, digest.hexdigest(), columns, delimiter)


def _parquet(path: Path, size: int, digest: str) -> OwnFile:
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(path, memory_map=False) as file:
            metadata, names = file.metadata, tuple(file.schema_arrow.names)
            biggest = max(
                (metadata.row_group(at).total_byte_size for at in range(metadata.num_row_groups)), default=0
            )
            rows = metadata.num_rows
    except (pyarrow.ArrowException, OSError) as error:
        raise FileError(f"{path} begins as Parquet but is damaged: {error}") from error
    if biggest > ROW_GROUP or len(names) > COLUMNS:
        raise FileError(
            f"{path} has row groups that unpack to {biggest / 2**30:.1f} GB, or {len(names):,} columns: too much to "
            "read safely. Write it again with smaller row groups (100,000 rows) and the columns that are needed."
        )
    return OwnFile(path, "parquet", size, digest, names, rows=rows)


def _head(path: Path, handle: IO[bytes]) -> tuple[str, tuple[str, ...]]:
    """The delimiter, the one most frequent in the first line, and the names of the columns."""
    first = next(_lines(path, handle), "")
    delimiter = max(_DELIMITERS, key=first.count)
    names = tuple(word.strip() for word in next(csv.reader([first], delimiter=delimiter), []))
    if len(names) > COLUMNS:
        raise FileError(f"{path} has {len(names):,} columns; {COLUMNS:,} is the most that is read.")
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise FileError(f"{path} names a column twice: {', '.join(twice)}.")
    return delimiter, names


def _lines(path: Path, handle: IO[bytes]) -> Iterator[str]:
    """Lines of UTF-8 text, none of them without bound."""
    number = 0
    while line := handle.readline(LINE + 1):
        number += 1
        if len(line) > LINE:
            raise FileError(f"{path}: line {number:,} is longer than a megabyte; this is no table of rows.")
        if b"\x00" in line:
            raise FileError(f"{path}: line {number:,} holds bytes that are no text.")
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise FileError(f"{path}: line {number:,} is not UTF-8. Save the file as UTF-8.") from error


def pieces(file: OwnFile, columns: tuple[str, ...], piece: int = PIECE) -> Iterator[pl.DataFrame]:
    """The file's rows in pieces, only the columns named, and ``_row``: the line (CSV) or row (Parquet) in the file.

    Text of CSV stays text; Parquet's types stay as they are.
    """
    return _csv_pieces(file, columns, piece) if file.kind == "csv" else _parquet_pieces(file, columns, piece)


def _csv_pieces(file: OwnFile, columns: tuple[str, ...], piece: int) -> Iterator[pl.DataFrame]:
    import polars as pl

    places = [file.columns.index(name) for name in columns]
    schema = {**dict.fromkeys(columns, pl.String()), "_row": pl.Int64()}
    held: list[tuple[str | int, ...]] = []
    try:
        with file.path.open("rb") as handle:
            csv.field_size_limit(LINE)
            lines = csv.reader(_lines(file.path, handle), delimiter=file.delimiter)
            next(lines, None)
            for row in lines:
                if not row:
                    continue
                if len(row) != len(file.columns):
                    raise FileError(
                        f"{file.path}: line {lines.line_num:,} has {len(row)} cells, the head has "
                        f"{len(file.columns)}. Nothing after it can be trusted; mend the file."
                    )
                held.append((*(row[at] for at in places), lines.line_num))
                if len(held) == piece:
                    yield pl.DataFrame(held, schema=schema, orient="row")
                    held = []
    except (OSError, csv.Error) as error:
        raise FileError(f"{file.path} cannot be read: {error}.") from error
    if held:
        yield pl.DataFrame(held, schema=schema, orient="row")


def _parquet_pieces(file: OwnFile, columns: tuple[str, ...], piece: int) -> Iterator[pl.DataFrame]:
    import polars as pl
    import pyarrow
    import pyarrow.parquet

    row = 1
    try:
        with pyarrow.parquet.ParquetFile(file.path, memory_map=False) as opened:
            for batch in opened.iter_batches(batch_size=piece, columns=list(columns)):
                frame = pl.from_arrow(pyarrow.Table.from_batches([batch]))
                assert isinstance(frame, pl.DataFrame)  # noqa: S101 - of a table
                yield frame.with_columns(_row=pl.int_range(row, row + frame.height, dtype=pl.Int64))
                row += frame.height
    except (pyarrow.ArrowException, OSError) as error:
        raise FileError(f"{file.path} cannot be read: {error}") from error
