"""What Yahoo calls a security, and what it calls exchanges and currencies."""

from __future__ import annotations

from typing import NamedTuple

from providers.errors import Kind, SourceError
from providers.source import Subject


class Venue(NamedTuple):
    """An exchange by Yahoo's code: its MIC, its calendar, what Yahoo hangs on tickers there."""

    mic: str
    calendar: str
    suffix: str = ""


VENUES: dict[str, Venue] = {
    "NMS": Venue("XNAS", "XNYS"), "NGM": Venue("XNAS", "XNYS"), "NCM": Venue("XNAS", "XNYS"),
    "NYQ": Venue("XNYS", "XNYS"), "ASE": Venue("XASE", "XNYS"), "PCX": Venue("ARCX", "XNYS"),
    "BTS": Venue("BATS", "XNYS"), "PNK": Venue("OTCM", "XNYS"), "LSE": Venue("XLON", "XLON", ".L"),
    "GER": Venue("XETR", "XETR", ".DE"), "FRA": Venue("XFRA", "XFRA", ".F"), "PAR": Venue("XPAR", "XPAR", ".PA"),
    "AMS": Venue("XAMS", "XAMS", ".AS"), "BRU": Venue("XBRU", "XBRU", ".BR"), "LIS": Venue("XLIS", "XLIS", ".LS"),
    "MIL": Venue("XMIL", "XMIL", ".MI"), "MCE": Venue("XMAD", "XMAD", ".MC"), "EBS": Venue("XSWX", "XSWX", ".SW"),
    "STO": Venue("XSTO", "XSTO", ".ST"), "OSL": Venue("XOSL", "XOSL", ".OL"), "CPH": Venue("XCSE", "XCSE", ".CO"),
    "HEL": Venue("XHEL", "XHEL", ".HE"), "VIE": Venue("XWBO", "XWBO", ".VI"), "ISE": Venue("XDUB", "XDUB", ".IR"),
    "TOR": Venue("XTSE", "XTSE", ".TO"), "MEX": Venue("XMEX", "XMEX", ".MX"), "SAO": Venue("BVMF", "BVMF", ".SA"),
    "JPX": Venue("XTKS", "XTKS", ".T"), "HKG": Venue("XHKG", "XHKG", ".HK"), "SHH": Venue("XSHG", "XSHG", ".SS"),
    "KSC": Venue("XKRX", "XKRX", ".KS"), "TAI": Venue("XTAI", "XTAI", ".TW"), "SES": Venue("XSES", "XSES", ".SI"),
    "BSE": Venue("XBOM", "XBOM", ".BO"), "NSI": Venue("XNSE", "XBOM", ".NS"), "JKT": Venue("XIDX", "XIDX", ".JK"),
    "SET": Venue("XBKK", "XBKK", ".BK"), "ASX": Venue("XASX", "XASX", ".AX"), "JNB": Venue("XJSE", "XJSE", ".JO"),
    "TLV": Venue("XTAE", "XTAE", ".TA"),
}  # fmt: skip

_SUFFIXES = {venue.mic: venue.suffix for venue in VENUES.values()}

# Index tickers that are not Yahoo's with a caret before.
_INDICES = {
    "SPX": "^GSPC", "CCMP": "^IXIC", "INDU": "^DJI", "DJIA": "^DJI", "RTY": "^RUT", "DAX": "^GDAXI",
    "UKX": "^FTSE", "CAC": "^FCHI", "NKY": "^N225", "HSI": "^HSI", "SX5E": "^STOXX50E", "SMI": "^SSMI",
    "SPTSX": "^GSPTSE", "AS51": "^AXJO", "KOSPI": "^KS11",
}  # fmt: skip

# Prices in a hundredth of the currency: London tells pence, Johannesburg cents, Tel Aviv agorot.
_HUNDREDTHS = {"GBp": "GBP", "GBX": "GBP", "ZAc": "ZAR", "ZAC": "ZAR", "ILA": "ILS"}


def symbol_of(subject: Subject) -> str:
    """Yahoo's symbol; SourceError (not served) for what Yahoo does not carry."""
    kind, _, name = subject.identity.partition(":")
    if subject.market == "US EQUITY" or subject.asset_class in ("equity", "fund"):
        suffix = _SUFFIXES.get(subject.exchange, "")
        if suffix:
            return subject.ticker if subject.ticker.endswith(suffix) else subject.ticker + suffix
        return subject.ticker.replace("/", "-").replace(".", "-")  # classes of shares: BRK.B is BRK-B
    if subject.asset_class == "index":
        return _INDICES.get(subject.ticker, "^" + subject.ticker.removeprefix("^"))
    if kind == "fx" and len(name) == 6:
        return f"{name}=X"
    if kind == "crypto" and len(name) > 3:
        return f"{name[:-3]}-{name[-3:]}"
    if kind == "future":
        return f"{name}=F"
    raise SourceError(
        Kind.NOT_SERVED, f"Yahoo Finance does not carry {subject.ticker} {subject.market}: ask another source"
    )


def money(currency: str) -> tuple[str, float]:
    """The currency that amounts are in and what they are to be multiplied by: GBp is 0.01 GBP."""
    return (_HUNDREDTHS[currency], 0.01) if currency in _HUNDREDTHS else (currency, 1.0)
