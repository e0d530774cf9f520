"""Who stood behind the tickers of the S&P 500 list: renames, tickers given to another company, earlier tickers.

Public facts from the companies' announcements and the exchanges' notices, carried by hand, of those that are
known for sure. The list calls most members that left before 2019 by the last ticker they ever had (LEHMQ for
Lehman Brothers, after its bankruptcy): shown as of an earlier day that would tell what was to come.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

# (ticker before, ticker after, the day from which): in the list an end and a beginning on that day.
RENAMES: tuple[tuple[str, str, date], ...] = (
    ("HRS", "LHX", date(2019, 7, 1)),
    ("DWDP", "DD", date(2019, 6, 3)),
    ("TMK", "GL", date(2019, 8, 8)),
    ("BHGE", "BKR", date(2019, 10, 18)),
    ("HCP", "PEAK", date(2019, 11, 5)),
    ("SYMC", "NLOK", date(2019, 11, 5)),
    ("CBS", "VIAC", date(2019, 12, 5)),
    ("BBT", "TFC", date(2019, 12, 9)),
    ("JEC", "J", date(2019, 12, 10)),
    ("UTX", "RTX", date(2020, 4, 3)),
    ("ARNC", "HWM", date(2020, 4, 6)),
    ("CTL", "LUMN", date(2020, 9, 18)),
    ("MYL", "VTRS", date(2020, 11, 17)),
    ("LB", "BBWI", date(2021, 8, 3)),
    ("COG", "CTRA", date(2021, 10, 4)),
    ("WLTW", "WTW", date(2022, 1, 10)),
    ("VIAC", "PARA", date(2022, 2, 17)),
    ("DISCA", "WBD", date(2022, 4, 11)),
    ("BLL", "BALL", date(2022, 5, 10)),
    ("FB", "META", date(2022, 6, 9)),
    ("ANTM", "ELV", date(2022, 6, 28)),
    ("NLOK", "GEN", date(2022, 11, 8)),
    ("PKI", "RVTY", date(2023, 5, 16)),
    ("FISV", "FI", date(2023, 6, 7)),
    ("RE", "EG", date(2023, 7, 10)),
    ("ABC", "COR", date(2023, 8, 30)),
    ("CDAY", "DAY", date(2024, 2, 1)),
    ("PEAK", "DOC", date(2024, 3, 4)),
    ("FLT", "CPAY", date(2024, 3, 25)),
    ("WRK", "SW", date(2024, 7, 8)),
    ("PARA", "PSKY", date(2025, 8, 7)),
    ("FI", "FISV", date(2025, 11, 11)),
)
SLACK_DAYS = 35  # by how much the list's day may differ from the exchange's


@dataclass(frozen=True, slots=True)
class Other:
    """A spell of a ticker that another company has today, or had later: known by its first day in the list."""

    ticker: str
    start: date
    identity: str


OTHERS: tuple[Other, ...] = (
    Other("AAL", date(1996, 1, 2), "us-equity:AAL-1997"),  # Alexander & Alexander; later American Airlines
    Other("AN", date(1996, 1, 2), "us-equity:AN-1998"),  # Amoco; later AutoNation
    Other("AMP", date(1996, 1, 2), "us-equity:AMP-1999"),  # AMP Incorporated; later Ameriprise
    Other("BR", date(1996, 1, 2), "us-equity:BR-2006"),  # Burlington Resources; later Broadridge
    Other("CCI", date(1996, 1, 2), "us-equity:CCI-1998"),  # Citicorp; later Crown Castle
    Other("CE", date(2001, 4, 2), "us-equity:CE-2004"),  # Concord EFS; later Celanese
    Other(
        "CEG", date(1996, 1, 2), "us-equity:CEG-2012"
    ),  # Constellation, merged into Exelon; its namesake 2022
    Other(
        "CMB", date(1996, 1, 2), "us-equity:CMB-1996"
    ),  # Chase Manhattan, merged into Chemical, which took its name
    Other("CNC", date(1997, 1, 15), "us-equity:CNC-2002"),  # Conseco; later Centene
    Other("COV", date(1996, 1, 2), "us-equity:COV-1996"),  # before Covidien
    Other("DD", date(1996, 1, 2), "us-equity:DD-2017"),  # E. I. du Pont de Nemours; later DowDuPont renamed
    Other("DELL", date(1996, 9, 6), "us-equity:DELL-2013"),  # taken private 2013; Dell Technologies 2018
    Other("DOW", date(1996, 1, 2), "us-equity:DOW-2017"),  # The Dow Chemical Company; Dow Inc. 2019
    Other("GOOG", date(2014, 4, 3), "us-equity:GOOG-C"),  # class C shares; GOOG before is class A, now GOOGL
    Other("H", date(1996, 1, 2), "us-equity:H-2001"),  # Harcourt General; later Realogy, then Hyatt
    Other("H", date(2006, 8, 1), "us-equity:H-2007"),
    Other("HCA", date(1996, 1, 2), "us-equity:HCA-2006"),  # taken private 2006, listed again 2011
    Other("HLT", date(1996, 1, 2), "us-equity:HLT-2007"),  # Hilton Hotels; Hilton Worldwide 2013
    Other("KMI", date(2000, 12, 12), "us-equity:KMI-2007"),  # taken private 2007, listed again 2011
    Other("MIR", date(1997, 8, 7), "us-equity:MIR-2000"),  # Mirage Resorts; later Mirant
    Other("PTC", date(1997, 4, 3), "us-equity:PMTC"),  # Parametric Technology
    Other("PTC", date(2021, 4, 20), "us-equity:PMTC"),
    Other("Q", date(2000, 7, 6), "us-equity:Q-2011"),  # Qwest; later Qnity
    Other(
        "TT", date(2002, 5, 13), "us-equity:TT-2008"
    ),  # American Standard, then Trane; later Ingersoll-Rand
)


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the list's ticker was called before. ``tickers``: (from when, ticker), oldest first; the list's own
    follows from ``until`` on, or never while it was a member."""

    listed: str
    identity: str
    tickers: tuple[tuple[date, str], ...]
    until: date | None = None


def _was(listed: str, ticker: str, until: date | None = None, identity: str = "") -> Earlier:
    return Earlier(listed, f"us-equity:{identity or ticker}", ((date.min, ticker),), until)


EARLIER: Mapping[str, Earlier] = {
    one.listed: one
    for one in (
        # a Q at the end is given by the market to companies in bankruptcy
        _was("AAMRQ", "AMR"),
        _was("ABKFQ", "ABK"),
        _was("ANRZQ", "ANR"),
        _was("BHMSQ", "BS"),
        _was("BTUUQ", "BTU", identity="BTU-2017"),
        _was("CCTYQ", "CC", identity="CC-2008"),
        _was("CITGQ", "CIT", identity="CIT-2009"),
        _was("CPNLQ", "CPN"),
        _was("DALRQ", "DAL", identity="DAL-2007"),
        _was("DCNAQ", "DCN"),
        _was("DPHIQ", "DPH"),
        _was("EKDKQ", "EK"),
        _was("ENRNQ", "ENE"),
        _was("FLMIQ", "FLM"),
        _was("FLTWQ", "FLE"),
        _was("GAPTQ", "GAP", identity="GAP-2010"),
        _was("LEHMQ", "LEH"),
        _was("MTLQQ", "GM", identity="GM-2009"),
        _was("MZIAQ", "MZ"),
        _was("NRTLQ", "NT"),
        _was("OWENQ", "OWC"),
        _was("RSHCQ", "RSH"),
        _was("SUNEQ", "WFR"),
        _was("UAWGQ", "U", identity="U-2002"),
        _was("VSTNQ", "VC", identity="VC-2009"),
        _was("WAMUQ", "WM", identity="WM-2008"),
        _was("WCOEQ", "WCOM"),
        _was("WNDXQ", "WIN", identity="WIN-2005"),
        # renamed in or after their time in the index
        _was("AABA", "YHOO"),
        _was("DXC", "CSC", date(2017, 4, 3)),
        _was("ANDV", "TSO", date(2017, 8, 1)),
        _was("BKNG", "PCLN", date(2018, 2, 27)),
        _was("FOXA", "NWSA", date(2013, 7, 1), identity="FOXA-2019"),
        _was("HPQ", "HWP", date(2002, 5, 6)),
        _was("KDP", "DPS", date(2018, 7, 10)),
        _was("LDOS", "SAI", date(2013, 9, 30)),
        _was("MDLZ", "KFT", date(2012, 10, 2)),
        _was("TPR", "COH", date(2017, 10, 31)),
        _was("T", "SBC", date(2005, 12, 1)),
        _was("VIAV", "JDSU", date(2015, 8, 5)),
        _was("VZ", "BEL", date(2000, 7, 3)),
        Earlier(
            "ANTM",
            "us-equity:ANTM",
            ((date.min, "ATH"), (date(2004, 12, 1), "WLP")),
            date(2014, 12, 3),
        ),
    )
}
