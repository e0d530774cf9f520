"""Candlestick patterns, by TA-Lib: name, title, and a parameter where there is one.

How to read the table: ``engine.quant.indicators._table``.
"""

ROWS = """
== candlestick patterns
CDL2CROWS | two crows
CDL3BLACKCROWS | three black crows
CDL3INSIDE | three inside up/down
CDL3LINESTRIKE | three-line strike
CDL3OUTSIDE | three outside up/down
CDL3STARSINSOUTH | three stars in the south
CDL3WHITESOLDIERS | three advancing white soldiers
CDLABANDONEDBABY | abandoned baby | penetration=0.3:0..
CDLADVANCEBLOCK | advance block
CDLBELTHOLD | belt-hold
CDLBREAKAWAY | breakaway
CDLCLOSINGMARUBOZU | closing marubozu
CDLCONCEALBABYSWALL | concealing baby swallow
CDLCOUNTERATTACK | counterattack
CDLDARKCLOUDCOVER | dark cloud cover | penetration=0.5:0..
CDLDOJI | doji
CDLDOJISTAR | doji star
CDLDRAGONFLYDOJI | dragonfly doji
CDLENGULFING | engulfing
CDLEVENINGDOJISTAR | evening doji star | penetration=0.3:0..
CDLEVENINGSTAR | evening star | penetration=0.3:0..
CDLGAPSIDESIDEWHITE | gap side-by-side white lines
CDLGRAVESTONEDOJI | gravestone doji
CDLHAMMER | hammer
CDLHANGINGMAN | hanging man
CDLHARAMI | harami
CDLHARAMICROSS | harami cross
CDLHIGHWAVE | high-wave candle
CDLHIKKAKE | hikkake
CDLHIKKAKEMOD | modified hikkake
CDLHOMINGPIGEON | homing pigeon
CDLIDENTICAL3CROWS | identical three crows
CDLINNECK | in-neck
CDLINVERTEDHAMMER | inverted hammer
CDLKICKING | kicking
CDLKICKINGBYLENGTH | kicking - bull/bear determined by the longer marubozu
CDLLADDERBOTTOM | ladder bottom
CDLLONGLEGGEDDOJI | long legged doji
CDLLONGLINE | long line candle
CDLMARUBOZU | marubozu
CDLMATCHINGLOW | matching low
CDLMATHOLD | mat hold | penetration=0.5:0..
CDLMORNINGDOJISTAR | morning doji star | penetration=0.3:0..
CDLMORNINGSTAR | morning star | penetration=0.3:0..
CDLONNECK | on-neck
CDLPIERCING | piercing
CDLRICKSHAWMAN | rickshaw man
CDLRISEFALL3METHODS | rising/falling three methods
CDLSEPARATINGLINES | separating lines
CDLSHOOTINGSTAR | shooting star
CDLSHORTLINE | short line candle
CDLSPINNINGTOP | spinning top
CDLSTALLEDPATTERN | stalled
CDLSTICKSANDWICH | stick sandwich
CDLTAKURI | takuri (dragonfly doji with very long lower shadow)
CDLTASUKIGAP | tasuki gap
CDLTHRUSTING | thrusting
CDLTRISTAR | tristar
CDLUNIQUE3RIVER | unique 3 river
CDLUPSIDEGAP2CROWS | upside gap two crows
CDLXSIDEGAP3METHODS | upside/downside gap three methods
"""
