"""The schema of users' own files as a page of Markdown, made from the declared tables so that it cannot drift."""

from __future__ import annotations

from providers.files_known import RULES
from providers.files_spec import ALLOTTED, MARKETS
from store.columns import ColumnSpec, TableSpec
from store.schema import TABLES

_HEAD = """\
# Files of your own

`asof import FILE` and `IMPORT FILE` read CSV (UTF-8, the delimiter one of `,` `;` tab `|`) and Parquet into any
table of the store. `--dry-run` (in a shell), or a line without `GO` (in the terminal), shows what would be written,
what is set aside and why, and the first rows.

    asof import prices.csv --table bars --map Date=session_date --map Symbol=ticker \\
        --source "our desk" --adjusted none --dry-run

**Columns.** A column of the file that is called as the table calls it is taken by itself; others are mapped,
`--map FileColumn=table_column`, and what is the same in every row is said, `--map currency=USD`. Columns that are
neither are not used, and the page says which.

**Which security.** `ticker`, with `--market` ({markets}), names the security that the store knows under that
ticker on the row's own day, or a new one. `identity` (`us-equity:FB`) names it for good, and wins where both are
given: tickers are given to other companies again.

**When it was known.** The page says which rule dated the rows.

| table | known at |
|---|---|
{rules}
| all others | the time of the import |

`--known-at COLUMN` takes the file's word instead, with the basis saying so; a row that claims to have been known
before it could exist is set aside. A date without an hour is taken for its end. Times without a zone need
`--zone America/New_York`: it is never guessed.

**Text.** Dates are `2020-01-31` or `20200131`, others by `--date-format %d.%m.%Y`; instants
`2020-01-31T16:00:00Z`. Numbers with marks between thousands need `--thousands ,`, with another decimal mark
`--decimal ,`. A percentage becomes a fraction only where it is asked for: `--percent value`. Rates, returns and
yields are fractions (0.05). Empty, `NA`, `N/A`, `null` and `None` are empty cells.

**Prices.** Bars are stored as traded: `--adjusted none`. `--adjusted splits` puts prices and volume back with the
splits that the store has, or that the file brings in a column `split_ratio` (new shares for one, in the row of the
ex-date); where neither knows the security's splits its rows are set aside. Prices adjusted for dividends cannot be
put back: import them as `closes` of basis `adjusted`.

**What is refused.** Text that is not UTF-8, packed files, lines over a megabyte, rows with more or fewer cells than
the head, Parquet whose row groups unpack to more than 2 GB. Files are read in pieces of 50,000 rows, each a commit:
an import that was stopped goes on where it stopped, and one that is repeated writes nothing.

**Members of the S&P 500.** `asof import sp500_ticker_start_end.csv --layout sp500-spells` reads the columns
`ticker,start_date,end_date`, an end being the first day out of the index.

**Members of any index.** `asof import members.csv --layout members` reads one stay a line,
`ticker,start_date,end_date,index`; without the column `index`, `--map index=NDX` names it. An end is the first day
out of the index, empty where the stay goes on; a member that comes back has a line more. `--market` is that of the
members. A ticker is the security that the store knows under it on the first day of the stay, or a new one. Each
change is known from 09:30 New York of its day.

**Fundamentals.** Rows of `facts` name a line as filings do, with the prefix: `us-gaap:NetIncomeLoss`,
`us-gaap:EarningsPerShareDiluted`, `us-gaap:StockholdersEquity`, `dei:EntityCommonStockSharesOutstanding`. Income and
cash flow are of quarters or years by their two dates; of a balance both are the same. `FA` shows what came of them.

**Delistings.** A row of `listings` with its `delisting_date` tells why a listing ended (`delisting_reason`) and what
holders got after the last trade against the last traded close (`final_return`, a fraction: -1 where nothing was
left; `--percent final_return` where the file has percent). `DES` shows both. They are known from the import on,
unless the file says since when (`--known-at COLUMN`).

**Mergers.** A row of `mergers` tells what each share became on its `effective_date`, the first day on which it is no
share any more: `exchange_ratio` shares of the `successor`, `cash_per_share` in `currency`, or both; a cash of 0 alone
where nothing was left. The successor is a ticker, taken for the security that the store knows under it on that day or
for a new one, or an identity such as `us-equity:EXR`. A backtest pays these terms; `DES` and `CACS` show them.

    ticker,effective_date,successor,exchange_ratio,cash_per_share,currency,announced_date
    LSI,2023-07-20,EXR,0.895,,,2023-04-03
    MLVF,2023-07-18,FRBA,0.7733,7.8,USD,2022-12-14
    GLOP,2023-07-17,,,5.37,USD,2023-04-06

# Tables

`*` marks columns that every row must have.
"""

_TYPES = {
    "integer": "whole number", "number": "number", "text": "text", "date": "date", "instant": "instant",
    "flag": "true or false",
}  # fmt: skip


def document() -> str:
    """docs/files.md."""
    rules = "\n".join(f"| {table} | {rule} |" for table, rule in RULES.items())
    head = _HEAD.format(rules=rules, markets=", ".join(f"`{name}`" for name in MARKETS))
    return head + "".join(_table(spec) for spec in TABLES.values())


def _table(spec: TableSpec) -> str:
    own = [c for c in spec.columns if c.name not in ALLOTTED]
    lines = ["| identity or ticker* | text | the security |"] if "identity" not in spec.names else []
    if spec.name == "membership":
        lines.append("| member* | text | the member's identity, such as `us-equity:IBM` |")
    lines += [_column(column) for column in own]
    if spec.name == "bars":
        lines.append("| split_ratio | number | of a split whose ex-date this is |")
    return f"\n## {spec.name}\n\n| column | type | |\n|---|---|---|\n" + "\n".join(lines) + "\n"


def _column(column: ColumnSpec) -> str:
    choices = ", ".join(f"`{choice}`" for choice in column.choices)
    return f"| {column.name}{'*' if column.required else ''} | {_TYPES[column.type]} | {choices} |"
