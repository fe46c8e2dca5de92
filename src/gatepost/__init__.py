"""Gatepost: a mail server's front door that can say why.

Three floors, imports go down only: ``app`` builds and connects, ``edge`` touches the world, ``core`` is pure.
"""
