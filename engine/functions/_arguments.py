"""Arguments that several functions share, so that they read and behave alike."""

from __future__ import annotations

from engine.function import Argument, Kind
from engine.period import Period

PERIOD = Argument(
    "period",
    Kind.PERIOD,
    "range, counted back from the last session known",
    Period("Y", 1),
    preference="period",
)
ADJUST = Argument(
    "adjust",
    Kind.CHOICE,
    "prices adjusted for splits, for splits and dividends, or as traded",
    "SPLITS",
    choices={"SPLITS": ("ADJ", "ADJUSTED"), "TOTAL": ("TR",), "NONE": ("RAW", "TRADED", "UNADJ")},
    preference="adjust",
)
SERIES = Argument(
    "series",
    Kind.CHOICE,
    "which series of the store, where it holds several",
    "AUTO",
    choices={"AUTO": (), "BARS": (), "CLOSES": ()},
)
COMPARE = Argument("compare", Kind.SECURITY, "other securities to compare with", (), many=True)
FREQUENCY = Argument(
    "frequency",
    Kind.CHOICE,
    "returns of days, of whole weeks or of whole months",
    "DAILY",
    choices={"DAILY": (), "WEEKLY": (), "MONTHLY": ()},
)
COVARIANCE = Argument(
    "covariance",
    Kind.CHOICE,
    "estimator of the covariance: of the sample, shrunk (LEDOIT, OAS), or newer days weighing more (EWMA)",
    "SAMPLE",
    choices={
        "SAMPLE": (),
        "EWMA": ("RISKMETRICS",),
        "LEDOIT": ("LEDOITWOLF", "LEDOIT_WOLF", "LW", "SHRINK"),
        "OAS": (),
    },
)
BENCHMARK = Argument(
    "benchmark", Kind.TEXT, "ticker that others are measured against", "SPX", named_only=True
)
