"""What the items of a current report are about: the item numbers of Form 8-K in words.

Source: the General Instructions and items of Form 8-K (17 CFR 249.308), as numbered since 2004-08-23; reports
before that day number their items 1 to 12, and are shown as they came.
"""

from __future__ import annotations

from collections.abc import Mapping

ITEMS: Mapping[str, str] = {
    "1.01": "material agreement",
    "1.02": "end of a material agreement",
    "1.03": "bankruptcy or receivership",
    "1.04": "mine safety",
    "1.05": "cybersecurity incident",
    "2.01": "acquisition or disposal completed",
    "2.02": "results of operations",
    "2.03": "new financial obligation",
    "2.04": "obligation accelerated",
    "2.05": "exit or disposal costs",
    "2.06": "material impairment",
    "3.01": "delisting notice or listing transfer",
    "3.02": "unregistered sale of shares",
    "3.03": "holders' rights changed",
    "4.01": "change of auditor",
    "4.02": "earlier statements not to be relied on",
    "5.01": "change of control",
    "5.02": "directors or officers",
    "5.03": "bylaws or fiscal year",
    "5.04": "trading suspended for benefit plans",
    "5.05": "code of ethics",
    "5.06": "shell company status",
    "5.07": "shareholder vote",
    "5.08": "director nominations",
    "6.01": "asset-backed securities",
    "6.02": "change of servicer or trustee",
    "6.03": "change of credit enhancement",
    "6.04": "missed distribution",
    "6.05": "securities act updating disclosure",
    "7.01": "Regulation FD disclosure",
    "8.01": "other events",
    "9.01": "exhibits",
}


def named_items(items: str) -> str:
    """2.02,9.01 as "results of operations (2.02), exhibits (9.01)"; of items not in the list only the number."""
    numbers = [number.strip() for number in items.split(",")]
    return ", ".join(f"{ITEMS.get(number, 'item')} ({number})" for number in numbers if number)
