"""SEC EDGAR: who files, what was filed and when it was accepted, and every XBRL fact with its filing."""

from __future__ import annotations

from providers.base import answer_hash
from providers.edgar import company, facts, submissions
from providers.edgar.wire import RULES, Wire, find_cik
from providers.errors import Kind, SourceError
from providers.source import Access, Answer, Limit, Request, Service, SourceInfo

INFO = SourceInfo(
    name="edgar",
    title="SEC EDGAR",
    base_urls={"": "https://www.sec.gov", "data": "https://data.sec.gov"},
    services=(
        Service("lookup", ("equity", "fund"), "names since each company's first filing (1993 on)"),
        Service("filings", ("equity", "fund"), "since 1993"),
        Service("facts", ("equity", "fund"), "XBRL facts since 2009; a restatement is its own filing's"),
        Service("profile", ("equity", "fund"), "as of today", note="Employees are not in it."),
    ),
    limits=(Limit(10, 1),),
    terms="Works of the US government, in the public domain; automated calls name a contact and keep to 10 a second.",
    terms_url="https://www.sec.gov/os/accessing-edgar-data",
    contact=True,
)


class Edgar:
    """Asks for the company's CIK, then for what was wanted of it."""

    info = INFO

    def fetch(self, request: Request, access: Access) -> Answer:
        if INFO.serves(request.dataset) is None:
            raise SourceError(Kind.NOT_SERVED, f"{INFO.title} has no {request.dataset}")
        wire = Wire(access)
        cik = find_cik(request.subject, wire)
        identity = request.subject.identity
        note = f"CIK {cik}"
        if request.dataset == "facts":
            frames, aside = facts.read(cik, identity, wire)
        else:
            found = submissions.newest(cik, wire)
            if request.dataset == "filings":
                told = submissions.read(found, wire, request.start, request.end)
                frames, aside = {"filings": submissions.rows(told, identity)}, told.aside
            else:
                frames = {"profiles": company.profile(found.company, identity, access.now)}
                aside = []
            if request.dataset == "lookup":
                frames["securities"], aside = company.names(found, request.subject, wire)
        return Answer(
            frames, answer_hash(RULES, *wire.contents), note=note, quarantined=tuple(aside), positive=False
        )


SOURCE = Edgar()
