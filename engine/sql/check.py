"""What a query may say: one SELECT over the views, with nothing in it that another run would answer otherwise.

The query is parsed by DuckDB itself into its tree (``json_serialize_sql``) and the tree is searched; the text is
never matched. What the connection forbids anyway (files, network, settings) is refused there too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

CLOCKS = frozenset(
    {
        "now", "today", "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp",
        "get_current_time", "get_current_timestamp", "get_current_date", "transaction_timestamp",
        "current_localtime", "current_localtimestamp",
    }
)  # fmt: skip
CHANCE = frozenset(
    {
        "random", "uuid", "gen_random_uuid", "uuidv4", "uuidv7", "setseed", "nextval", "currval",
        "txid_current",
    }
)  # fmt: skip
INSIDE = frozenset(
    {
        "current_setting", "getvariable", "getenv", "current_user", "session_user", "user", "current_role",
        "current_database", "current_schema", "current_schemas", "current_catalog", "version", "in_search_path",
        "current_query", "write_log", "sleep_ms",
    }
)  # fmt: skip
ROW_SOURCES = frozenset({"range", "generate_series", "unnest", "repeat", "repeat_row"})


class QueryError(ValueError):
    """Why a query is not run. ``position``: where in its text, if that is known."""

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.position = position


@dataclass(frozen=True, slots=True)
class Checked:
    """A query that may run, and the names of the views that it reads."""

    text: str
    views: tuple[str, ...]


def check(connection: duckdb.DuckDBPyConnection, text: str, known: frozenset[str]) -> Checked:
    """Parse ``text`` and hold it against the rules. ``known``: names of the views there are.

    Raises
    ------
    QueryError
        Not one SELECT; a table that is none of the views; a function that reads files, the settings, the wall's
        clock, or chance.
    """
    tree = _tree(connection, text)
    statements = tree["statements"]
    if len(statements) != 1:
        raise QueryError("One query at a time: leave out what follows the first semicolon.")
    views: dict[str, None] = {}
    named = {entry["key"].lower() for node in _nodes(statements) for entry in _ctes(node)}
    for node in _nodes(statements):
        for name in _tables(node, known, named):
            views[name] = None
        _functions(node)
        if node.get("sample"):
            raise QueryError(
                "A random sample would differ from run to run; take rows by a condition or LIMIT."
            )
    return Checked(text.strip().rstrip(";"), tuple(views))


def _tree(connection: duckdb.DuckDBPyConnection, text: str) -> dict[str, Any]:
    try:
        text.encode()
    except UnicodeEncodeError as fault:
        raise QueryError("The query holds what is no character.", fault.start) from None
    row = connection.execute("select json_serialize_sql(?)", [text]).fetchone()
    tree: dict[str, Any] = json.loads(row[0]) if row else {}
    if not tree.get("error"):
        return tree
    message = str(tree.get("error_message", ""))
    if "Only SELECT" in message:
        message = (
            "Only SELECT is run here: nothing can be written, attached, set or loaded "
            "(PIVOT too is left out: use GROUP BY with FILTER)"
        )
    position = tree.get("position")
    raise QueryError(f"{message[:1].upper()}{message[1:]}.", int(position) if position is not None else None)


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            yield each
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each


def _ctes(node: dict[str, Any]) -> list[dict[str, Any]]:
    held = node.get("cte_map")
    return held.get("map", []) if isinstance(held, dict) else []


def _tables(node: dict[str, Any], known: frozenset[str], named: set[str]) -> Iterator[str]:
    match node.get("type"):
        case "BASE_TABLE":
            name = str(node["table_name"])
            lower = name.lower()
            if node.get("schema_name") or node.get("catalog_name"):
                raise QueryError(f"Views have plain names: {name}, without a schema.", _place(node))
            if lower in known:
                yield lower
            elif lower not in named:
                from difflib import get_close_matches

                near = get_close_matches(lower, known, n=1)
                meant = f"Did you mean {near[0]}?" if near else "SQL alone lists them."
                raise QueryError(f"There is no view {name!r}. {meant}", _place(node))
        case "TABLE_FUNCTION":
            name = str(node["function"]["function_name"]).lower()
            if name not in ROW_SOURCES:
                raise QueryError(f"{name}() is not read from here: only the as-of views are.", _place(node))
        case "SHOW_REF" if node.get("query") is None:
            raise QueryError("SQL alone lists the views; DESCRIBE name tells the columns of one.")


def _functions(node: dict[str, Any]) -> None:
    name = ""
    if node.get("class") == "FUNCTION":
        name = str(node["function_name"]).lower()
    elif node.get("class") == "COLUMN_REF" and len(node["column_names"]) == 1:
        name = str(node["column_names"][0]).lower()
        name = name if name in CLOCKS | INSIDE else ""
    if name == "age" and len(node["children"]) != 2:
        raise QueryError(
            "age() of one instant counts from the wall's clock; age(asof_instant(), x) from this page's.",
            _place(node),
        )
    if name in CLOCKS:
        raise QueryError(
            f"{name} is the wall's clock; asof_date() and asof_instant() are this page's.", _place(node)
        )
    if name in CHANCE:
        raise QueryError(f"{name}() would differ from run to run, and a page must not.", _place(node))
    if name in INSIDE or name.startswith(("pg_", "duckdb_", "pragma_", "has_", "inet_")):
        raise QueryError(f"{name}() tells of the program and not of the data: it is left out.", _place(node))


def _place(node: dict[str, Any]) -> int | None:
    place = node.get("query_location")
    return int(place) if isinstance(place, int) and place < 1 << 32 else None
