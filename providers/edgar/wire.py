"""Calls to EDGAR: JSON or a clear word, and the CIK behind a ticker."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from providers.errors import Kind, SourceError, malformed, not_found, refused
from providers.source import Access, Subject

RULES = "edgar 1"
_CIK = re.compile(r"(?:CIK)?0*(\d{1,10})")


@dataclass(slots=True)
class Wire:
    """One request's calls; ``contents`` are the bytes that came, in order."""

    access: Access
    contents: list[bytes] = field(default_factory=list)

    def json(self, path: str, role: str, missing: str) -> dict[str, Any]:
        """A JSON object; ``missing`` is what a 404 means. Refusals in HTML come as 403 (asked too often, or no
        contact named), which the access layer tells apart; the page of the second has been seen with 200 too."""
        self.access.check_cancelled()
        reply = self.access.get(path, role=role, accept=(200, 404))
        if reply.status == 404:
            raise not_found(missing)
        if b"Undeclared Automated Tool" in reply.content[:20_000]:
            raise SourceError(
                Kind.FORBIDDEN,
                "EDGAR wants to know who calls: give a mail address (KEYS CONTACT you@firm.com)",
            )
        body = reply.json()
        if not isinstance(body, dict):
            raise malformed(f"{reply.url} answered no JSON object")
        words = body.get("error") or body.get("message")
        if isinstance(words, str):
            raise refused(f"EDGAR will not answer: {words[:200]}")
        self.contents.append(reply.content)
        return body


def find_cik(subject: Subject, wire: Wire) -> str:
    """The ten digits of the company. A ticker like CIK0000320193 names it directly: EDGAR's list of tickers has
    today's only, and of companies that have left the exchanges none."""
    direct = _CIK.fullmatch(subject.ticker)
    if direct:
        return direct[1].zfill(10)
    body = wire.json("/files/company_tickers.json", "", "EDGAR's list of tickers is not where it was")
    wanted = subject.ticker.upper().replace(".", "-").replace("/", "-")
    try:
        found = [row["cik_str"] for row in body.values() if str(row["ticker"]).upper() == wanted]
        if found:
            return f"{int(found[0]):010d}"
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise malformed(
            "EDGAR's list of tickers is not in the form that it had; another try may bring it"
        ) from error
    raise not_found(
        f"EDGAR lists no company with the ticker {subject.ticker} today; one that is gone is found by its CIK "
        "(CIK0001652044)"
    )
