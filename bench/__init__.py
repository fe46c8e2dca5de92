"""Side-by-side benchmarks: the real Postfix and Gatepost, on the same machine, in the same run."""

import sys
from pathlib import Path

# The harness for real servers is the tests'.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
