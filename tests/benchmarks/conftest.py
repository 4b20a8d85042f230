"""The benchmark is no part of the package: plain `pytest` has to be told where it is."""

import sys
from pathlib import Path

_ROOT = str(Path(__file__).parents[2])
if _ROOT not in sys.path:
    sys.path.append(_ROOT)
