"""Fundamentals as of a clock: facts known by then to statements, trailing figures and ratios.

Pure: facts and splits come in as the reader has them at the clock, so that what is here cannot look ahead.
"""

from engine.quant.fundamentals.figures import Figures
from engine.quant.fundamentals.ratios import Ratio, Reading, read
from engine.quant.fundamentals.told import Books, read_books

__all__ = ["Books", "Figures", "Ratio", "Reading", "read", "read_books"]
