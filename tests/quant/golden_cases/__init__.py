"""Callables for each file of golden values; see ``tests.quant.golden``."""
