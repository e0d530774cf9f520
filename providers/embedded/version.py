"""Version of the rules by which embedded sources are read; part of every answer's hash."""

EMBEDDED_VERSION = "1"
