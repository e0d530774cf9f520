"""Files of Ken French's library, in the layout of the library."""

from __future__ import annotations

import io
import zipfile

from providers.source import Request, Subject
from tests.providers.sources.loopback import Said, Sample

FOLDER = "/pages/faculty/ken.french/ftp/"
FACTOR = Subject("factor:SMB", "SMB", "MACRO", "factor", calendar="")

MONTHLY = """This file was created using the 202603 CRSP database.\r
The 1-month TBill rate data until 202405 are from Ibbotson Associates.\r
\r
,Mkt-RF,SMB,HML,RF\r
202512,   1.25,  -0.40,   0.10,   0.35\r
202601,  -2.50,   0.75, -99.99,   0.34\r
202602,   0.05,   1.00,  -0.20,   0.33\r
\r
 Annual Factors: January-December \r
,Mkt-RF,SMB,HML,RF\r
  2025,  13.00, -10.70,   8.50,   4.25\r
\r
Copyright 2026 Eugene F. Fama and Kenneth R. French\r
"""
DAILY = """This file was created by using the 202603 CRSP database.
The Tbill return is the simple daily rate.

,Mkt-RF,SMB,HML,RF
20260226,    0.10,   -0.25,   -0.27,    0.01
20260227,   -0.45,    0.33,   -0.06,    0.01

Copyright 2026 Eugene F. Fama and Kenneth R. French
"""


def zipped(text: str, name: str = "factors.csv") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, (2026, 4, 29, 12, 0, 0)), text)
    return buffer.getvalue()


ZIP = {"content-type": "application/x-zip-compressed"}

SAMPLES = (
    Sample(
        "kenfrench",
        Request("factors", FACTOR),
        {
            FOLDER + "F-F_Research_Data_Factors_CSV.zip": Said(zipped(MONTHLY), headers=ZIP),
            FOLDER + "F-F_Research_Data_Factors_daily_CSV.zip": Said(zipped(DAILY), headers=ZIP),
        },
        {"factor_returns": 23, "securities": 4},
    ),
)
