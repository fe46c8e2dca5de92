"""The pure floor: no sockets, files, clock, randomness, event loop or logging (tests/test_layers.py)."""
