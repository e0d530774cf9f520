"""Tables of what is traded and quoted: securities, prices, actions, options, futures."""

from __future__ import annotations

from store.columns import SECURITY, ColumnSpec, TableSpec, integer, number, required, text

SPECS: tuple[TableSpec, ...] = (
    TableSpec(
        "securities",
        (
            SECURITY,
            ColumnSpec("valid_from", "date", required=True),
            ColumnSpec("ticker", "text", required=True),
            ColumnSpec("name", "text", required=True),
            ColumnSpec(
                "market",
                "text",
                required=True,
                choices=("US EQUITY", "INDEX", "CURNCY", "COMDTY", "GOVT", "CRYPTO", "MACRO"),
            ),
            ColumnSpec(
                "asset_class",
                "text",
                required=True,
                choices=(
                    "equity",
                    "index",
                    "currency",
                    "commodity",
                    "government",
                    "crypto",
                    "macro",
                    "factor",
                    "fund",
                    "future",
                    "channel",
                ),
            ),
            *text("exchange", "currency", "unit", "calendar"),
            ColumnSpec("listing_date", "date"),
            ColumnSpec("delisting_date", "date"),
            *text("delisting_reason", "identity", "note"),
        ),
        key=("security_id", "valid_from"),
        session="valid_from",
    ),
    TableSpec(
        "bars",
        (
            SECURITY,
            ColumnSpec("session_date", "date", required=True),
            ColumnSpec("open", "number", required=True),
            ColumnSpec("high", "number", required=True),
            ColumnSpec("low", "number", required=True),
            ColumnSpec("close", "number", required=True),
            ColumnSpec("volume", "integer"),
        ),
        key=("security_id", "session_date"),
        session="session_date",
    ),
    TableSpec(
        "closes",
        (
            SECURITY,
            ColumnSpec("session_date", "date", required=True),
            ColumnSpec("basis", "text", required=True, choices=("fixing", "adjusted", "close")),
            ColumnSpec("close", "number", required=True),
        ),
        key=("security_id", "session_date", "basis"),
        session="session_date",
    ),
    TableSpec(
        "actions",
        (
            SECURITY,
            ColumnSpec("kind", "text", required=True, choices=("split", "dividend")),
            ColumnSpec("ex_date", "date", required=True),
            ColumnSpec("ratio", "number"),
            ColumnSpec("amount", "number"),
            *text("currency"),
            ColumnSpec("announced_date", "date"),
            ColumnSpec("record_date", "date"),
            ColumnSpec("pay_date", "date"),
            *text("note"),
        ),
        key=("security_id", "kind", "ex_date"),
        session="ex_date",
    ),
    TableSpec(
        "observations",
        (
            SECURITY,
            ColumnSpec("period_date", "date", required=True),
            ColumnSpec("value", "number"),
        ),
        key=("security_id", "period_date"),
        session="period_date",
    ),
    # Bars of minutes and hours; ``session_date`` is the exchange's session that the bar belongs to.
    TableSpec(
        "bars_intraday",
        (
            SECURITY,
            *required("date", "session_date"),
            ColumnSpec("interval", "text", required=True, choices=("1m", "5m", "15m", "30m", "1h")),
            *required("instant", "start_at"),
            *required("number", "open", "high", "low", "close"),
            *integer("volume"),
        ),
        key=("security_id", "session_date", "interval", "start_at"),
        session="session_date",
    ),
    # One row a contract and quote time; ``security_id`` is the underlying. ``contract`` is the OCC symbol
    # (root, yymmdd, C or P, strike in thousandths), which tells adjusted contracts of one strike apart.
    TableSpec(
        "option_quotes",
        (
            SECURITY,
            *required("date", "session_date"),
            *required("instant", "quoted_at"),
            *required("text", "contract"),
            *required("date", "expiry"),
            *required("number", "strike"),
            ColumnSpec("right", "text", required=True, choices=("call", "put")),
            *number("bid", "ask", "last"),
            *integer("bid_size", "ask_size", "volume", "open_interest"),
            *number("underlying_price", "implied_volatility", "delta", "gamma", "vega", "theta", "rho"),
            *number("multiplier"),
            ColumnSpec("exercise", "text", choices=("american", "european")),
            ColumnSpec("last_traded_at", "instant"),
            *text("currency"),
        ),
        key=("security_id", "session_date", "quoted_at", "contract"),
        session="session_date",
    ),
    # ``security_id`` is the root (ES); ``delivery_month`` is its first day.
    TableSpec(
        "futures_contracts",
        (
            SECURITY,
            *required("date", "delivery_month"),
            *required("text", "contract"),
            ColumnSpec("first_trade_date", "date"),
            ColumnSpec("first_notice_date", "date"),
            ColumnSpec("last_trade_date", "date"),
            *number("multiplier", "tick_size"),
            *text("currency", "exchange"),
            ColumnSpec("settlement", "text", choices=("cash", "physical")),
        ),
        key=("security_id", "delivery_month", "contract"),
        session="delivery_month",
    ),
    TableSpec(
        "futures_bars",
        (
            SECURITY,
            *required("date", "session_date"),
            *required("text", "contract"),
            *required("number", "open", "high", "low", "close"),
            *number("settlement_price"),
            *integer("volume", "open_interest"),
        ),
        key=("security_id", "session_date", "contract"),
        session="session_date",
    ),
    # Where and until when a security was listed, why it left, and what its holders got on the way out.
    TableSpec(
        "listings",
        (
            SECURITY,
            *required("date", "listing_date"),
            *required("text", "exchange"),
            *text("ticker"),
            ColumnSpec("delisting_date", "date"),
            *text("delisting_reason"),
            *number("final_return", "last_price"),
            *text("successor", "note"),
        ),
        key=("security_id", "listing_date", "exchange"),
        session="listing_date",
    ),
    # What a share became when it ceased to be one: so many shares of a successor, cash, or both (a cash of 0 alone:
    # nothing was left). ``effective_date`` is the first day on which it is no share any more. A table of its own, so
    # that files of listings and actions, and hashes of what was read of them, stay as they are.
    TableSpec(
        "mergers",
        (
            SECURITY,
            *required("date", "effective_date"),
            *integer("successor_id"),
            *text("successor"),
            *number("exchange_ratio", "cash_per_share"),
            *text("currency"),
            ColumnSpec("announced_date", "date"),
            *text("note"),
        ),
        key=("security_id", "effective_date"),
        session="effective_date",
    ),
    # ``security_id`` is the index or list; a member that leaves gets a new version with its end_date.
    TableSpec(
        "membership",
        (
            SECURITY,
            *required("date", "start_date"),
            *required("integer", "member_id"),
            *required("text", "ticker"),
            ColumnSpec("end_date", "date"),
            ColumnSpec("announced_date", "date"),
            *number("weight"),
            *text("note"),
        ),
        key=("security_id", "start_date", "member_id"),
        session="start_date",
    ),
)
