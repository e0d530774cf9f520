"""Does a series wander? Unit-root and stationarity tests, as ``arch`` has them, under one result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from numpy.typing import ArrayLike

from engine.quant.risk._inputs import series_of

Trend = Literal["n", "c", "ct"]


@dataclass(frozen=True, slots=True)
class UnitRootTest:
    """``null`` says what a small ``p_value`` rejects; ``lags`` were given or chosen."""

    name: str
    statistic: float
    p_value: float
    lags: int
    trend: Trend
    null: str


def augmented_dickey_fuller(
    series: ArrayLike, *, lags: int | None = None, trend: Trend = "c"
) -> UnitRootTest:
    """Dickey and Fuller's regression with lagged differences; lags by AIC where not given (Said and Dickey 1984;
    p-values MacKinnon 2010)."""
    from arch.unitroot import ADF

    return _told("augmented Dickey-Fuller", ADF(series_of(series, 15), lags, trend), trend)


def dickey_fuller_gls(
    series: ArrayLike, *, lags: int | None = None, trend: Literal["c", "ct"] = "c"
) -> UnitRootTest:
    """The same on a series detrended by quasi-differences (Elliott, Rothenberg and Stock 1996)."""
    from arch.unitroot import DFGLS

    return _told("Dickey-Fuller GLS", DFGLS(series_of(series, 15), lags, trend), trend)


def phillips_perron(
    series: ArrayLike,
    *,
    lags: int | None = None,
    trend: Trend = "c",
    statistic: Literal["tau", "rho"] = "tau",
) -> UnitRootTest:
    """Without lagged differences, corrected by a Newey-West long-run variance (Phillips and Perron 1988)."""
    from arch.unitroot import PhillipsPerron

    return _told(
        f"Phillips-Perron {statistic}", PhillipsPerron(series_of(series, 15), lags, trend, statistic), trend
    )


def kpss(series: ArrayLike, *, lags: int | None = None, trend: Literal["c", "ct"] = "c") -> UnitRootTest:
    """The other way round: the null is a series that stays (Kwiatkowski, Phillips, Schmidt and Shin 1992); lags
    from the data where not given (Hobijn, Franses and Ooms 2004)."""
    import warnings

    from arch.unitroot import KPSS

    with warnings.catch_warnings():  # it tells of a choice of lags that older versions made
        warnings.simplefilter("ignore", DeprecationWarning)
        return _told("KPSS", KPSS(series_of(series, 15), lags, trend), trend, "it is stationary")


def _told(name: str, test: Any, trend: Trend, null: str = "it has a unit root") -> UnitRootTest:
    return UnitRootTest(name, float(test.stat), float(test.pvalue), int(test.lags), trend, null)
