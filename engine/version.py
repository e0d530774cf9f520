"""The program's version, without importing package metadata (which costs 20 ms)."""

VERSION = "0.1.0"
