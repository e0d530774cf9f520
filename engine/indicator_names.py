"""Names of indicators for the grammar, without loading the library that computes them.

``tests/engine/test_flds.py`` holds them against the catalogue (``engine.quant.indicators``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_WINDOWED = """
ACCBANDS ADR ADX ADXR AROON AROONOSC ATR AVGDEV BBANDS BETA CCI CLOSE_VOL CMF CMO CMOU CORREL CVI DEMA DONCHIAN
DPO DX EFI EMA ER ERI FOSC GARMAN_KLASS HMA IMI KAMA KC LINEARREG LINEARREG_ANGLE LINEARREG_INTERCEPT
LINEARREG_SLOPE MA MAX MFI MIDPOINT MIDPRICE MIN MINMAX MINUS_DI MINUS_DM MOM NATR PARKINSON PERCENTILE
PERCENTRANK PLUS_DI PLUS_DM QSTICK RMA ROC ROCP ROCR ROGERS_SATCHELL RSI RVI RVOL SMA SMI STDDEV STOCHRSI SUM
SUPERTREND T3 TEMA TRIMA TRIX TSF VAR VHF VORTEX VWMA WILLR WMA YANG_ZHANG ZLEMA
"""
WINDOWED: tuple[str, ...] = tuple(_WINDOWED.split())
SHORT: Mapping[str, str] = {"BB": "BBANDS", "KELTNER": "KC"}
# those that go without a length, and whose names are no ticker's
BARE: tuple[str, ...] = ("MACD", "STOCH", "ICHIMOKU", "SUPERTREND", "DONCHIAN", "KELTNER", "BBANDS")
_NAMES = "|".join(sorted((*WINDOWED, *SHORT), key=len, reverse=True))
_LENGTH = re.compile(rf"^(?:(\d{{1,4}})({_NAMES})|({_NAMES})\(?(\d{{1,4}})\)?)$")


def overlay_word(text: str) -> tuple[str, int] | None:
    """Name and length (0: the indicator's own settings) that an overlay's word says: 50SMA, RSI14, MACD."""
    word = text.upper()
    if word in BARE:
        return word, 0
    found = _LENGTH.match(word)
    if not found:
        return None
    return found[2] or found[3], int(found[1] or found[4])
