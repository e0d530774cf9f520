"""Cases for each package of ``engine.quant``; see ``tests.quant.causal``."""
