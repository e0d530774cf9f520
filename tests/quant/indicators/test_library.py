"""TA-Lib comes without pandas, and pandas comes as before."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys
from engine.quant.indicators.library import talib
import numpy as np
found = talib().SMA(np.arange(5.0), 2)
assert found[-1] == 3.5 and talib().abstract.Function("SMA").lookback == 29
assert "pandas" not in sys.modules
import pandas
assert not any(type(each).__name__ == "_Refused" for each in sys.meta_path)
"""


def test_no_indicator_brings_pandas_along() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
