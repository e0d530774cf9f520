"""Currencies that the ECB fixes or fixed against the euro: English names, as each was called when its fixing
began, later names, and why a fixing ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

CURRENCY_NAMES: dict[str, str] = {
    "AUD": "Australian dollar", "BGN": "Bulgarian lev", "BRL": "Brazilian real", "CAD": "Canadian dollar",
    "CHF": "Swiss franc", "CNY": "Chinese yuan renminbi", "CYP": "Cyprus pound", "CZK": "Czech koruna",
    "DKK": "Danish krone", "EEK": "Estonian kroon", "GBP": "Pound sterling", "HKD": "Hong Kong dollar",
    "HRK": "Croatian kuna", "HUF": "Hungarian forint", "IDR": "Indonesian rupiah", "ILS": "Israeli shekel",
    "INR": "Indian rupee", "ISK": "Icelandic krona", "JPY": "Japanese yen", "KRW": "South Korean won",
    "LTL": "Lithuanian litas", "LVL": "Latvian lats", "MTL": "Maltese lira", "MXN": "Mexican peso",
    "MYR": "Malaysian ringgit", "NOK": "Norwegian krone", "NZD": "New Zealand dollar",
    "PHP": "Philippine peso", "PLN": "Polish zloty", "ROL": "Romanian leu", "RON": "Romanian leu",
    "RUB": "Russian rouble", "SEK": "Swedish krona", "SGD": "Singapore dollar", "SIT": "Slovenian tolar",
    "SKK": "Slovak koruna", "THB": "Thai baht", "TRL": "Turkish lira", "TRY": "New Turkish lira",
    "USD": "US dollar", "ZAR": "South African rand",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Renamed:
    """What a currency is called in English from a day on."""

    currency: str
    since: date
    name: str


RENAMED: tuple[Renamed, ...] = (
    Renamed("TRL", date(2005, 1, 1), "Turkish lira (old)"),
    Renamed("ROL", date(2005, 7, 1), "Romanian leu (old)"),
    Renamed("TRY", date(2009, 1, 1), "Turkish lira"),
)


@dataclass(frozen=True, slots=True)
class Ended:
    """The ECB's last fixing of a currency, why it ended, and the day on which that had come about."""

    currency: str
    last_fixing: date
    known_on: date
    reason: str


def _euro(currency: str, last: date, country: str) -> Ended:
    day = date(last.year + 1, 1, 1)
    return Ended(currency, last, day, f"{country} adopted the euro on {day}")


ENDED: tuple[Ended, ...] = (
    _euro("SIT", date(2006, 12, 29), "Slovenia"),
    _euro("CYP", date(2007, 12, 31), "Cyprus"),
    _euro("MTL", date(2007, 12, 31), "Malta"),
    _euro("SKK", date(2008, 12, 31), "Slovakia"),
    _euro("EEK", date(2010, 12, 31), "Estonia"),
    _euro("LVL", date(2013, 12, 31), "Latvia"),
    _euro("LTL", date(2014, 12, 31), "Lithuania"),
    _euro("HRK", date(2022, 12, 30), "Croatia"),
    _euro("BGN", date(2025, 12, 31), "Bulgaria"),
    Ended("TRL", date(2004, 12, 31), date(2005, 1, 1), "replaced by the new lira TRY at 1,000,000 to 1"),
    Ended("ROL", date(2005, 6, 30), date(2005, 7, 1), "replaced by the new leu RON at 10,000 to 1"),
    Ended("RUB", date(2022, 3, 1), date(2022, 3, 2), "fixing suspended by the ECB in March 2022"),
)
