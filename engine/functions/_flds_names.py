"""Words that FLDS knows, without loading the library that computes: names, groups, and settings of indicators.

``tests/engine/test_flds.py`` holds them against the catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.function import Argument, Kind

_NAMES = """
AC ACCBANDS ACOS AD ADD ADOSC ADR ADX ADXR AO APO AROON AROONOSC ASIN ATAN ATR AVGDEV AVGPRICE AVWAP BBANDS BETA
BOP CCI CEIL CLOSE_VOL CMF CMO CMOU COPPOCK CORREL COS COSH CUMSUM CVI DEMA DIV DONCHIAN DPO DX EFI EMA ER ERI
EXP FLOOR FOSC FRACTAL GARMAN_KLASS HA HMA HT_DCPERIOD HT_DCPHASE HT_PHASOR HT_SINE HT_TRENDLINE HT_TRENDMODE
ICHIMOKU IMI KAMA KC KDJ LINEARREG LINEARREG_ANGLE LINEARREG_INTERCEPT LINEARREG_SLOPE LN LOG10 MA MACD MACDEXT
MACDFIX MAMA MARKETFI MASSI MAVP MAX MAXINDEX MEDPRICE MFI MIDPOINT MIDPRICE MIN MININDEX MINMAX MINMAXINDEX
MINUS_DI MINUS_DM MOM MULT NATR NVI OBV PARKINSON PERCENTILE PERCENTRANK PLUS_DI PLUS_DM PPO PVI PVO PVT QSTICK
RMA ROC ROCP ROCR ROCR100 ROGERS_SATCHELL RSI RVI RVOL SAR SAREXT SIN SINH SMA SMI SQRT STDDEV STOCH STOCHF
STOCHRSI SUB SUM SUPERTREND T3 TAN TANH TEMA TRANGE TRIMA TRIX TSF TSI TYPPRICE ULTOSC VAR VHF VORTEX VWAP VWMA
WAD WCLPRICE WILLR WMA YANG_ZHANG ZLEMA
CDL2CROWS CDL3BLACKCROWS CDL3INSIDE CDL3LINESTRIKE CDL3OUTSIDE CDL3STARSINSOUTH CDL3WHITESOLDIERS
CDLABANDONEDBABY CDLADVANCEBLOCK CDLBELTHOLD CDLBREAKAWAY CDLCLOSINGMARUBOZU CDLCONCEALBABYSWALL
CDLCOUNTERATTACK CDLDARKCLOUDCOVER CDLDOJI CDLDOJISTAR CDLDRAGONFLYDOJI CDLENGULFING CDLEVENINGDOJISTAR
CDLEVENINGSTAR CDLGAPSIDESIDEWHITE CDLGRAVESTONEDOJI CDLHAMMER CDLHANGINGMAN CDLHARAMI CDLHARAMICROSS
CDLHIGHWAVE CDLHIKKAKE CDLHIKKAKEMOD CDLHOMINGPIGEON CDLIDENTICAL3CROWS CDLINNECK CDLINVERTEDHAMMER CDLKICKING
CDLKICKINGBYLENGTH CDLLADDERBOTTOM CDLLONGLEGGEDDOJI CDLLONGLINE CDLMARUBOZU CDLMATCHINGLOW CDLMATHOLD
CDLMORNINGDOJISTAR CDLMORNINGSTAR CDLONNECK CDLPIERCING CDLRICKSHAWMAN CDLRISEFALL3METHODS CDLSEPARATINGLINES
CDLSHOOTINGSTAR CDLSHORTLINE CDLSPINNINGTOP CDLSTALLEDPATTERN CDLSTICKSANDWICH CDLTAKURI CDLTASUKIGAP
CDLTHRUSTING CDLTRISTAR CDLUNIQUE3RIVER CDLUPSIDEGAP2CROWS CDLXSIDEGAP3METHODS
"""
NAMES: tuple[str, ...] = tuple(_NAMES.split())
ALIASES: Mapping[str, tuple[str, ...]] = {"KC": ("KELTNER",)}
GROUPS: Mapping[str, str] = {
    "AVERAGES": "moving averages and bands", "PRICES": "price transforms", "MOMENTUM": "momentum",
    "CYCLES": "cycles", "VOLATILITY": "volatility", "VOLUME": "volume", "STATISTICS": "statistics",
    "ARITHMETIC": "arithmetic", "PATTERNS": "candlestick patterns",
}  # fmt: skip
_SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "AVERAGES": ("OVERLAP", "OVERLAYS", "BANDS"), "CYCLES": ("CYCLE",), "STATISTICS": ("STATS",),
    "ARITHMETIC": ("MATHS",), "PATTERNS": ("PATTERN", "CANDLES", "CANDLESTICKS"),
}  # fmt: skip
INDICATOR = Argument(
    "indicator",
    Kind.CHOICE,
    "an indicator, or a group of them; none lists all",
    None,
    choices={name: _SYNONYMS.get(name, ()) for name in GROUPS}
    | {name: ALIASES.get(name, ()) for name in NAMES},
)
_WHOLE = """
timeperiod: bars of the window
minperiod: fewest bars
maxperiod: most bars
atrperiod: bars of the true range
conversion: bars of the conversion line
base: bars of the base line
span: bars of the slow span
displacement: bars that spans are moved forward
fastperiod: bars of the faster average
slowperiod: bars of the slower average
signalperiod: bars of the signal line
fastk_period: bars of the range of %K
slowk_period: bars that smooth %K
slowd_period: bars that smooth %D
fastd_period: bars that smooth fast %D
firstperiod: bars of the first smoothing
secondperiod: bars of the second smoothing
timeperiod1: bars of the first window
timeperiod2: bars of the second window
timeperiod3: bars of the third window
wmaperiod: bars of the weighted mean
roc1period: bars of the first rate of change
roc2period: bars of the second rate of change
leftbars: bars before the turn
rightbars: bars after the turn
rocperiod: bars of the rate of change
stddevperiod: bars of the standard deviation
periods: bars in a year
"""
_NUMBERS = """
fastlimit: fastest smoothing
slowlimit: slowest smoothing
vfactor: volume factor
nbdevup: deviations above
nbdevdn: deviations below
nbdev: deviations
multiplier: true ranges away
acceleration: acceleration factor
maximum: largest acceleration
startvalue: first stop; negative starts short
offsetonreverse: share added where it turns
accelerationinitlong: first acceleration when long
accelerationlong: acceleration when long
accelerationmaxlong: largest acceleration when long
accelerationinitshort: first acceleration when short
accelerationshort: acceleration when short
accelerationmaxshort: largest acceleration when short
percentile: percentile, 0 to 100
penetration: share of a body that is entered
"""
_AVERAGES = """
matype: kind of average
fastmatype: kind of the faster average
slowmatype: kind of the slower average
signalmatype: kind of the signal line
slowk_matype: kind of average of %K
slowd_matype: kind of average of %D
fastd_matype: kind of average of fast %D
"""
AVERAGES: tuple[str, ...] = (
    "SMA", "EMA", "WMA", "DEMA", "TEMA", "TRIMA", "KAMA", "MAMA", "T3", "HMA", "NONE", "DEFAULT", "ZLEMA", "RMA",
)  # fmt: skip


def _settings(lines: str, kind: Kind, lowest: float | None = None) -> tuple[Argument, ...]:
    told = (line.split(": ") for line in lines.strip().splitlines())
    choices: dict[str, tuple[str, ...]] | None = dict.fromkeys(AVERAGES, ()) if kind is Kind.CHOICE else None
    return tuple(
        Argument(name, kind, f"{help_}, where the indicator has it", None, choices, lowest, named_only=True)
        for name, help_ in told
    )


SETTINGS: tuple[Argument, ...] = (
    *_settings(_WHOLE, Kind.INTEGER, 0),
    *_settings(_NUMBERS, Kind.NUMBER),
    *_settings(_AVERAGES, Kind.CHOICE),
    Argument("anchor", Kind.DATE, "first day that AVWAP counts", None, named_only=True),
)
