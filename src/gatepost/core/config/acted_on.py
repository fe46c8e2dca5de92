"""The parameters that Gatepost acts on.

A parameter that Postfix knows and that is not named here is accepted; where it is set, ``check`` says that it has no
effect.
"""

from __future__ import annotations

ACTED_ON: frozenset[str] = frozenset()
