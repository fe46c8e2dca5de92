"""Lookup tables: one type a file, text -> Table; key orders of access(5); actions' meaning checked."""
