"""One restriction or family a file; its docstring is the manual entry, its ``Example:`` a test.

Adding a restriction is adding a file: this package imports every module in it.
"""

from __future__ import annotations

import importlib
import pkgutil

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
