"""Runs of strategies: what they read as of the clock, how they are carried out, kept and counted."""
