"""Fundamentals as of a clock: facts known by then to statements, trailing figures and ratios.

Pure: facts and splits come in as the reader has them at the clock, so that what is here cannot look ahead.
"""
