"""Securities as sources know them: by today's ticker, and by the identity that stays."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING

from providers.source import Subject
from store.vintages import identity_of, known_ids

if TYPE_CHECKING:
    from store import Store


_ENDED = re.compile(r"^us-equity:.+-(\d{4})$")


def subject_of(store: Store, security_id: int, now: datetime) -> Subject | None:
    """The subject behind a permanent id, as it is called now; None where nothing describes it."""
    identity = identity_of(store, security_id)
    if identity is None:
        return None
    rows = store.reader(now).securities([security_id]).sort("valid_from").to_dicts()
    rows = [row for row in rows if row["valid_from"] <= now.date()]
    if not rows:
        return None
    last, held = rows[-1], len(rows) - 1
    while held and rows[held - 1]["ticker"] == last["ticker"]:
        held -= 1
    return Subject(
        identity,
        last["ticker"],
        last["market"],
        last["asset_class"],
        last["name"] or "",
        last["currency"] or "",
        last["exchange"] or "",
        last["calendar"] or "",
        rows[held]["valid_from"] if held else None,
        _left(identity, last["delisting_date"], now.date()),
    )


def _left(identity: str, delisted: date | None, today: date) -> date | None:
    """When it left the market: as its names say, or as the year at the end of an identity that shares its ticker
    with a later one (us-equity:DELL-2013)."""
    if delisted is not None:
        return delisted if delisted < today else None
    year = _ENDED.search(identity)
    return date(int(year[1]), 12, 31) if year else None


def described(store: Store, subject: Subject, now: datetime) -> Subject:
    """The subject with what the store has learnt of it meanwhile."""
    number = known_ids(store, [subject.identity]).get(subject.identity)
    return (subject_of(store, number, now) if number is not None else None) or subject


# What a class's own history is asked as.
NATURAL = {"macro": "observations", "factor": "factors", "government": "curve", "future": "futures"}
_METALS = {"XAU": "Gold", "XAG": "Silver", "XPT": "Platinum", "XPD": "Palladium"}
_COINS = ("BTC", "ETH", "SOL", "XRP", "ADA", "DOGE", "LTC", "BCH", "DOT", "LINK", "AVAX", "BNB")
_FACTORS = ("MKTRF", "SMB", "HML", "RF", "SMB5", "RMW", "CMA", "MOM")


def well_known(word: str) -> Subject | None:
    """What a word names wherever it is typed, whether the store knows it yet or not: the Treasury's curve, Ken
    French's factors, pairs of currencies and of metals, the larger coins."""
    from providers.embedded.currencies import CURRENCY_NAMES

    text = word.strip().upper()
    base, quote = text[:3], text[3:]
    money = {*CURRENCY_NAMES, "EUR"}
    if text == "UST":
        name = "US Treasury par yield curve"
        return Subject("curve:UST", text, "GOVT", "government", name, calendar="")
    if text in _FACTORS:
        return Subject(f"factor:{text}", text, "MACRO", "factor", currency="", calendar="")
    if len(text) == 6 and base in money and quote in money and base != quote:
        return Subject(f"fx:{text}", text, "CURNCY", "currency", currency=quote, calendar="")
    if len(text) == 6 and base in _METALS and quote in money:
        return Subject(f"fx:{text}", text, "CURNCY", "commodity", _METALS[base], quote, calendar="")
    coin = next((coin for coin in _COINS if text in (f"{coin}USD", f"{coin}USDT", f"{coin}EUR")), None)
    if coin is not None:
        return Subject(
            f"crypto:{text}", text, "CRYPTO", "crypto", currency=text.removeprefix(coin), calendar="24/7"
        )
    return None


def stranger(ticker: str) -> Subject:
    """A ticker that the store does not know: something well known, or taken for a US equity's until a source
    says more."""
    return well_known(ticker) or Subject(f"us-equity:{ticker.upper()}", ticker.upper())


def macro_subject(word: str) -> Subject:
    """A macro series by its word: ``UNRATE``, ``WB:NY.GDP.MKTP.CD:USA``, ``NY.GDP.MKTP.CD.USA``, ``IMF:flow:key``."""
    from providers import imf, worldbank

    text = word.strip().upper()
    parts = text.split(":")
    if parts[0] == "WB" and len(parts) == 3:
        return worldbank.subject(parts[1], parts[2])
    if parts[0] == "IMF" and len(parts) == 3:
        return imf.subject(parts[1], parts[2])
    plain = Subject(f"macro:{text}", text, "MACRO", "macro", currency="", calendar="")
    if (found := worldbank.series_of(plain)) is not None:
        return worldbank.subject(*found)
    if (found := imf.series_of(plain)) is not None:
        return imf.subject(*found)
    return plain
