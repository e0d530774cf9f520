"""The list of S&P 500 members in its two layouts, a few lines written for these tests."""

from __future__ import annotations

from providers.source import Request, Subject
from tests.providers.sources.loopback import Said, Sample

SPX = Subject("index:SPX", "SPX", "INDEX", "index", "S&P 500 Index")
CSV = {"content-type": "text/plain; charset=utf-8"}
SPELLS = b"""ticker,start_date,end_date
AAL,1996-01-02,1997-01-15
AAL,2015-03-23,2024-09-23
FB,2013-12-23,2022-06-09
GE,1996-01-02,
LEHMQ,1998-01-12,2008-09-17
META,2022-06-09,
"""
CHANGES = b"""date,add,remove
2022-06-21,"KDP,ON","IPGP,UA"
2025-07-18,"TTD","GE"
2025-10-30,"SOLS",""
"""

SAMPLES: tuple[Sample, ...] = (
    Sample(
        "sp500",
        Request("membership", SPX),
        {
            "/sp500_ticker_start_end.csv": Said(SPELLS, headers=CSV),
            "/sp500_changes_since_2019.csv": Said(CHANGES, headers=CSV),
        },
        # AAL twice and LEHMQ come and go, GE left by a change, FB was renamed; TTD and SOLS came by changes
        {"membership": 12, "securities": 8},
        {},
    ),
)
