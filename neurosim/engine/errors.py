"""Errors of the engine: each says what was expected, what was found and what to do."""

__all__ = [
    "BackendError",
    "CheckpointError",
    "DivergenceError",
    "MissingExtraError",
    "NotLoopable",
    "RuleError",
]


class BackendError(RuntimeError):
    """A backend cannot be used here, or cannot run what it was asked to run."""


class CheckpointError(ValueError):
    """A checkpoint cannot be gone on from: it is damaged, or of another training or other versions."""


class DivergenceError(RuntimeError):
    """A simulation left every reasonable range and was stopped."""


class MissingExtraError(ImportError):
    """What needs an optional package was asked for without it, or with too old a one."""


class NotLoopable(ValueError):  # noqa: N818, a reason and no failure
    """A network cannot be simulated replica by replica; the message says why."""


class RuleError(ValueError):
    """A learning rule is not local, or does not separate into pre- and postsynaptic factors."""
