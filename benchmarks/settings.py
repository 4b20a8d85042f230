"""How much of everything a run of the benchmark measures."""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["THREADS", "THRESHOLD", "Settings"]

THRESHOLD = 1.5  # in standard deviations of a patch: a tenth of 256 neurons active
THREADS = 2  # of every peer that takes a number of threads


@dataclass(frozen=True)
class Settings:
    """Sizes of one run.

    Parameters
    ----------
    pairs : int
        Rounds of every comparison.
    quick : bool
        Small numbers everywhere: shows that the benchmark works, and nothing else.
    folder : Path
        Where results and learned dictionaries are kept.
    """

    pairs: int = 5
    quick: bool = False
    folder: Path = Path("bench-results")

    @property
    def reference(self) -> int:
        """Neurons of the comparisons that are made at one size, and of the one that sizes are compared with."""
        return 128 if self.quick else 256

    @property
    def n_patches(self) -> int:
        """Patches of an encoding."""
        return 400 if self.quick else 20_000

    @property
    def encoded_sizes(self) -> tuple[int, ...]:
        """Numbers of neurons at which encodings are compared with SPAMS."""
        return (self.reference,) if self.quick else (256, 1024, 2048)

    @property
    def curve_sizes(self) -> tuple[int, ...]:
        """Numbers of neurons of the cost curves."""
        return (64, self.reference) if self.quick else (128, 256, 512, 1024, 2048, 4096)

    @property
    def dense_sizes(self) -> tuple[int, ...]:
        """Numbers of neurons at which slow peers and other curves are measured."""
        return (self.reference,) if self.quick else (256, 1024)

    @property
    def n_exact(self) -> int:
        """Patches whose optimum is computed in double precision."""
        return 30 if self.quick else 300

    @property
    def learning_seconds(self) -> float:
        """What SPAMS `trainDL` is given."""
        return 1.0 if self.quick else 30.0

    def training_patches(self, n_neurons: int) -> int:
        """Patches a dictionary is learned from."""
        if self.quick:
            return 400
        return 20_000 if n_neurons <= 1024 else 10_000
