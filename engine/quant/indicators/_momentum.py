"""Momentum and cycles. How to read the table: ``engine.quant.indicators._table``."""

ROWS = """
== momentum
RSI | relative strength index | c | timeperiod=14:2 | rsi | 0..100 levels 30 70 seeded | Wilder 1978
    100 - 100 / (1 + Wilder's mean of gains / Wilder's mean of losses)
MACD | moving average convergence/divergence | c | fastperiod=12:2 slowperiod=26:2 signalperiod=9:1 | macd \
  signal~ histogram# | unit price levels 0 seeded | Appel 1979
    EMA(fast) - EMA(slow); signal its EMA; histogram the difference
MACDEXT | MACD with chosen averages | c | fastperiod=12:2 fastmatype=SMA slowperiod=26:2 slowmatype=SMA \
  signalperiod=9:1 signalmatype=SMA | macd signal~ histogram# | unit price levels 0 | Appel 1979
    MACD with the averages named
MACDFIX | MACD with smoothings 0.15 and 0.075 | c | signalperiod=9:1 | macd signal~ histogram# | unit price \
  levels 0 seeded | Appel 1979
    MACD of 12 and 26 bars with Appel's rounded smoothings
STOCH | stochastic, slow | hlc | fastk_period=5:1 slowk_period=3:1 slowk_matype=SMA slowd_period=3:1 \
  slowd_matype=SMA | slow_k slow_d~ | 0..100 levels 20 80 | Lane
    mean of 100 (close - lowest low) / (highest high - lowest low); d its mean
STOCHF | stochastic, fast | hlc | fastk_period=5:1 fastd_period=3:1 fastd_matype=SMA | fast_k fast_d~ | \
  0..100 levels 20 80 | Lane
    100 (close - lowest low) / (highest high - lowest low); d its mean
STOCHRSI | stochastic of the RSI | c | timeperiod=14:2 fastk_period=5:1 fastd_period=3:1 fastd_matype=SMA | \
  fast_k fast_d~ | 0..100 levels 20 80 seeded | Chande & Kroll 1994
    the fast stochastic of the RSI in place of the price
KDJ | KDJ stochastic | hlc | fastk_period=9:1 slowk_period=3:1 slowk_matype=RMA slowd_period=3:1 \
  slowd_matype=RMA | k d~ j | levels 20 80 seeded |
    stochastic k and d by Wilder's mean; j = 3 k - 2 d
WILLR | Williams' %R | hlc | timeperiod=14:2 | willr | -100..0 levels -80 -20 | Williams 1973
    -100 (highest high - close) / (highest high - lowest low)
ADX | average directional movement index | hlc | timeperiod=14:2 | adx | 0..100 levels 25 seeded | Wilder 1978
    Wilder's mean of DX
ADXR | directional movement rating | hlc | timeperiod=14:2 | adxr | 0..100 levels 25 seeded | Wilder 1978
    (ADX + ADX of timeperiod - 1 bars ago) / 2
DX | directional movement index | hlc | timeperiod=14:2 | dx | 0..100 levels 25 seeded | Wilder 1978
    100 |+DI - -DI| / (+DI + -DI)
PLUS_DI | plus directional indicator | hlc | timeperiod=14:1 | plus_di | 0..100 seeded | Wilder 1978
    100 Wilder's sum of upward movement / of true range
MINUS_DI | minus directional indicator | hlc | timeperiod=14:1 | minus_di | 0..100 seeded | Wilder 1978
    100 Wilder's sum of downward movement / of true range
PLUS_DM | plus directional movement | hl | timeperiod=14:1 | plus_dm | unit price seeded | Wilder 1978
    Wilder's sum of rises of the high that exceed falls of the low
MINUS_DM | minus directional movement | hl | timeperiod=14:1 | minus_dm | unit price seeded | Wilder 1978
    Wilder's sum of falls of the low that exceed rises of the high
APO | absolute price oscillator | c | fastperiod=12:2 slowperiod=26:2 matype=EMA | apo | unit price levels 0 \
  seeded |
    mean(fast) - mean(slow)
PPO | percentage price oscillator | c | fastperiod=12:2 slowperiod=26:2 matype=EMA | ppo | unit percent \
  levels 0 seeded | Appel
    100 (mean(fast) - mean(slow)) / mean(slow)
MOM | momentum | c | timeperiod=10:1 | mom | unit price levels 0 |
    price - price of timeperiod bars ago
ROC | rate of change | c | timeperiod=10:1 | roc | unit percent levels 0 |
    100 (price / price of timeperiod bars ago - 1)
ROCP | rate of change, a fraction | c | timeperiod=10:1 | rocp | levels 0 |
    price / price of timeperiod bars ago - 1
ROCR | rate of change, a ratio | c | timeperiod=10:1 | rocr | levels 1 |
    price / price of timeperiod bars ago
ROCR100 | rate of change, a ratio of 100 | c | timeperiod=10:1 | rocr100 | levels 100 |
    100 price / price of timeperiod bars ago
TRIX | rate of change of a triple EMA | c | timeperiod=30:1 | trix | unit percent levels 0 seeded | Hutson 1983
    100 (one-bar rate of change of EMA(EMA(EMA)))
TSI | true strength index | c | firstperiod=25:2 secondperiod=13:2 | tsi | -100..100 levels 0 seeded | Blau 1991
    100 EMA(EMA(change)) / EMA(EMA(|change|))
SMI | stochastic momentum index | hlc | timeperiod=13:2 fastperiod=2:2 slowperiod=25:2 signalperiod=9:2 | smi \
  signal~ | -100..100 levels -40 40 seeded | Blau 1993
    100 EMA(EMA(close - middle of the range)) / EMA(EMA(range / 2))
CCI | commodity channel index | hlc | timeperiod=14:2 | cci | levels -100 100 | Lambert 1980
    (typical price - its mean) / (0.015 mean absolute deviation)
CMO | Chande momentum oscillator | c | timeperiod=14:2 | cmo | -100..100 levels -50 50 seeded | Chande & \
  Kroll 1994
    100 (gains - losses) / (gains + losses), Wilder's means
CMOU | Chande momentum oscillator, unsmoothed | c | timeperiod=14:2 | cmou | -100..100 levels -50 50 | Chande \
  & Kroll 1994
    100 (gains - losses) / (gains + losses), sums of the window
AROON | Aroon | hl | timeperiod=14:2 | down~ up | 0..100 levels 30 70 | Chande 1995
    100 (timeperiod - bars since the lowest low, the highest high) / timeperiod
AROONOSC | Aroon oscillator | hl | timeperiod=14:2 | aroonosc | -100..100 levels 0 | Chande 1995
    Aroon up - Aroon down
ULTOSC | ultimate oscillator | hlc | timeperiod1=7:1 timeperiod2=14:1 timeperiod3=28:1 | ultosc | 0..100 \
  levels 30 70 | Williams 1985
    buying pressure over true range of three windows, weighted 4, 2, 1
BOP | balance of power | ohlc | | bop | -1..1 levels 0 | Livshin 2001
    (close - open) / (high - low)
MFI | money flow index | hlcv | timeperiod=14:2 | mfi | 0..100 levels 20 80 | Quong & Soudack 1989
    the RSI's ratio of typical price x volume, sums of the window
IMI | intraday momentum index | oc | timeperiod=14:2 | imi | 0..100 levels 30 70 | Chande
    100 sum of rises open to close / sum of all moves open to close
AO | awesome oscillator | hl | fastperiod=5:2 slowperiod=34:2 | ao# | unit price levels 0 | Williams 1995
    mean(fast) - mean(slow) of the median price
AC | accelerator oscillator | hl | fastperiod=5:2 slowperiod=34:2 signalperiod=5:2 | ac# | unit price levels \
  0 | Williams 1995
    awesome oscillator - its mean
COPPOCK | Coppock curve | c | wmaperiod=10:1 roc1period=11:1 roc2period=14:1 | coppock | unit percent levels \
  0 | Coppock 1962
    WMA of the sum of two rates of change
DPO | detrended price oscillator | c | timeperiod=20:2 | dpo | unit price levels 0 |
    price of timeperiod / 2 + 1 bars ago - the mean of the window: known at the bar, not moved back
ER | Kaufman's efficiency ratio | c | timeperiod=10:2 | er | 0..1 | Kaufman 1995
    |change over the window| / sum of |changes|
ERI | Elder ray: bull and bear power | hlc | timeperiod=13:1 | bull bear~ | unit price levels 0 seeded | \
  Elder 1993
    high - EMA, low - EMA
FOSC | forecast oscillator | c | timeperiod=5:2 | fosc | unit percent levels 0 | Chande
    100 (price - the regression's forecast of it a bar before) / price
FRACTAL | Williams' fractal | hl | leftbars=2:1 rightbars=2:1 | swing_high! swing_low! | levels 0 | Williams \
  1995
    marks at the bar that confirms it a high (low) beyond leftbars before and rightbars after it
QSTICK | Qstick | oc | timeperiod=10:1 | qstick | unit price levels 0 | Chande & Kroll 1994
    mean of close - open
VHF | vertical horizontal filter | c | timeperiod=28:2 | vhf | 0..1 | White 1991
    (highest - lowest) / sum of |changes|
VORTEX | vortex indicator | hlc | timeperiod=14:1 | plus minus~ | levels 1 | Botes & Siepman 2010
    sums of |high - low before|, |low - high before| over true range
WAD | Williams' accumulation/distribution | hlc | | wad | unit price seeded | Williams 1972
    cumulated close - true low on rises, close - true high on falls
== cycles
HT_DCPERIOD | Hilbert transform: dominant cycle period | c | | dcperiod | unit bars seeded | Ehlers 2001
    length of the dominant cycle
HT_DCPHASE | Hilbert transform: dominant cycle phase | c | | dcphase | unit degrees seeded | Ehlers 2001
    place within the dominant cycle
HT_PHASOR | Hilbert transform: phasor components | c | | inphase quadrature~ | seeded | Ehlers 2001
    in-phase and quadrature components
HT_SINE | Hilbert transform: sine wave | c | | sine leadsine~ | -1..1 seeded | Ehlers 2001
    sine of the phase, and of the phase 45 degrees ahead
HT_TRENDMODE | Hilbert transform: trend against cycle | c | | trendmode! | 0..1 seeded | Ehlers 2001
    1 in a trend, 0 in a cycle
"""
