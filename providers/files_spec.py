"""What an import was asked to do: the table, which column is which, and how its text is to be read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import tzinfo
from zoneinfo import ZoneInfo

from providers.files_read import FileError, OwnFile
from store.schema import TABLES, TableSpec

MARKETS: Mapping[str, tuple[str, str, str]] = {  # market: prefix of the identity, asset class, calendar
    "US EQUITY": ("us-equity", "equity", "XNYS"),
    "INDEX": ("index", "index", "XNYS"),
    "CURNCY": ("fx", "currency", "24/5"),
    "COMDTY": ("commodity", "commodity", "XNYS"),
    "GOVT": ("curve", "government", ""),
    "CRYPTO": ("crypto", "crypto", "24/7"),
    "MACRO": ("macro", "macro", ""),
}
PREFIXES = {"factor_returns": "factor", "futures_bars": "future", "futures_contracts": "future"}
# Columns that a file may have beside the table's own.
NAMES = ("identity", "ticker")
# What the store numbers by itself.
ALLOTTED = ("security_id", "member_id", "successor_id")
SPLIT = "split_ratio"
LAYOUTS = ("sp500-spells", "members")


@dataclass(frozen=True, slots=True)
class ImportSpec:
    """One import. ``columns``: a table's column to the file's; ``constants``: a table's column to its value."""

    table: str = ""
    source: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    date_format: str = ""  # as strptime; ISO without
    thousands: str = ""
    decimal: str = "."
    percent: tuple[str, ...] = ()  # columns that hold percent and become fractions
    zone: str = ""  # of instants that name none
    known_at: str = ""  # the file's column that says when a row was known
    adjusted: str = ""  # bars: "none" or "splits"
    market: str = "US EQUITY"
    calendar: str = ""  # the market's own without
    layout: str = ""

    @property
    def spec(self) -> TableSpec:
        return TABLES[self.table]

    @property
    def prefix(self) -> str:
        return PREFIXES.get(self.table, MARKETS[self.market][0])

    @property
    def sessions(self) -> str:
        return self.calendar or MARKETS[self.market][2]

    @property
    def tz(self) -> tzinfo | None:
        return ZoneInfo(self.zone) if self.zone else None

    def named(self, file: OwnFile) -> str:
        """Names the import: the file's bytes and everything that says how they are read."""
        told = asdict(self) | {"rules": "files 1", "file": file.digest}
        return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


def planned(spec: ImportSpec, maps: Sequence[str], file: OwnFile) -> ImportSpec:
    """The whole mapping: what was typed, and columns that are called as the table calls them.

    ``maps`` are ``FileColumn=table_column`` or ``table_column=constant``.

    Raises
    ------
    FileError
        A column that is not there, one that is needed and missing, or something that must be said and is not.
    """
    if spec.table not in TABLES:
        raise FileError(f"There is no table {spec.table!r}. Say --table with one of: {', '.join(TABLES)}.")
    if spec.market not in MARKETS:
        raise FileError(f"There is no market {spec.market!r}; there are {', '.join(MARKETS)}.")
    if not spec.source.strip():
        raise FileError('Say whose figures these are: --source "our desk".')
    own = [c.name for c in spec.spec.columns if c.name not in ALLOTTED]
    extra = (*NAMES, *(("member",) if spec.table == "membership" else ()))
    extra = (*extra, SPLIT) if spec.table == "bars" else extra
    targets = dict.fromkeys((*extra, *own))
    columns, constants = dict(spec.columns), dict(spec.constants)
    for text in maps:
        left, equals, right = (part.strip() for part in text.partition("="))
        if equals and left in file.columns and right in targets:
            columns[right] = left
        elif equals and left in targets and right:
            constants[left] = right
        else:
            raise FileError(
                f"{text!r} maps nothing: the file's columns are {', '.join(file.columns)}; those of {spec.table} "
                f"are {', '.join(targets)}. A map is FileColumn=table_column or table_column=constant."
            )
    lower = {name.strip().lower().replace(" ", "_"): name for name in file.columns}
    used = {*columns.values(), spec.known_at}
    for name in targets:
        if name not in columns and name not in constants and lower.get(name) not in (None, *used):
            columns[name] = lower[name]
    made = replace(spec, columns=columns, constants=constants)
    _complete(made, file)
    return made


def _complete(spec: ImportSpec, file: OwnFile) -> None:
    given = {*spec.columns, *spec.constants}
    missing = [
        c.name for c in spec.spec.columns if c.required and c.name not in given and c.name not in ALLOTTED
    ]
    if not given & set(NAMES):
        missing.insert(0, "ticker (or identity)")
    if spec.table == "membership" and "member" not in given:
        missing.append("member (the identity of the member, such as us-equity:IBM)")
    if missing:
        raise FileError(
            f"{spec.table} needs {', '.join(missing)}, and the file has {', '.join(file.columns)}. "
            f"Say which is which: --map {file.columns[0]}={missing[0].split()[0]}, or give a constant: "
            f"--map {missing[0].split()[0]}=value."
        )
    if spec.known_at and spec.known_at not in file.columns:
        raise FileError(f"The file has no column {spec.known_at!r} to take known_at from.")
    unknown = [name for name in spec.percent if name not in given]
    if unknown:
        raise FileError(f"--percent names {', '.join(unknown)}, which the import does not fill.")
    if spec.table == "bars" and spec.adjusted not in ("none", "splits"):
        raise FileError(
            "Say how the prices were adjusted: --adjusted none (as traded), or --adjusted splits (they are undone "
            "with the splits that the store has, or that the file has as split_ratio). Prices adjusted for dividends "
            "cannot be undone: import them as closes of basis adjusted."
        )
    if spec.zone:
        try:
            ZoneInfo(spec.zone)
        except (ValueError, OSError, KeyError) as error:
            raise FileError(f"{spec.zone!r} is no time zone; America/New_York is one.") from error
