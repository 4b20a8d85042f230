"""What tests of the laboratory's measure share stands beside them: `gabor_network`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
