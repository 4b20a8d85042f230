"""Whitening of clips in space and time together, and a ceiling on their contrast."""

from typing import Literal, Self, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim._masked import unmasked

__all__ = ["FieldSpace", "SpaceTimeWhitening"]

FieldSpace = Literal["whitened", "filter", "feature"]
# Clips whose covariance is added up at once.
_CHUNK = 5000


class SpaceTimeWhitening:
    r"""Principal components of clips, each scaled to the same variance, and loud clips turned down.

    With :math:`\Sigma = E\,\mathrm{diag}(d)\,E^\top` the covariance of clips without their mean grey, and
    :math:`E_n` the components of the largest variances, a clip c becomes the row
    :math:`r = \mathrm{diag}(d_n^{-1/2})\,E_n^\top c / m`, where m makes the median norm 1. Rows are whitened pixels
    that were rotated, and fewer.

    Parameters
    ----------
    n_kept : int
        Components that are kept.
    loudest : float or None
        Largest norm of a row in medians. Louder ones, of which films have many, are scaled down to it; `share_cut`
        tells how many. None for no ceiling.

    Attributes
    ----------
    components_ : ndarray (n_kept, frames * height * width)
        Rows of unit norm, in falling order of variance.
    deviations_ : ndarray (n_kept,)
        Standard deviation along each, in the clips' unit.
    kept_ : float
        Share of the clips' variance in the components that are kept.
    unit_ : float
        Median norm of the whitened training clips before it became 1.
    shape_ : (frames, height, width)

    References
    ----------
    Olshausen 2003, Learning sparse, overcomplete representations of time-varying natural images, Proc IEEE Int Conf
    Image Processing.

    Examples
    --------
    >>> clips = np.random.default_rng(0).normal(size=(300, 4, 3, 3))
    >>> whiten = SpaceTimeWhitening(n_kept=10).fit(clips)
    >>> rows = whiten.apply(clips)
    >>> rows.shape, whiten.clips_of(rows).shape
    ((300, 10), (300, 4, 3, 3))
    >>> round(float(np.median(np.linalg.norm(rows, axis=1))), 6)
    1.0
    """

    components_: NDArray[np.floating]
    deviations_: NDArray[np.float64]
    kept_: float
    unit_: float
    shape_: tuple[int, int, int]

    def __init__(self, n_kept: int = 300, *, loudest: float | None = 1.5) -> None:
        if n_kept < 1:
            raise ValueError(f"n_kept: expected 1 component or more, got {n_kept}")
        if loudest is not None and not 1 <= loudest < np.inf:
            raise ValueError(f"loudest: expected 1 median or more, or None, got {loudest}")
        self.n_kept, self.loudest = n_kept, loudest

    def __repr__(self) -> str:
        return f"SpaceTimeWhitening(n_kept={self.n_kept}, loudest={self.loudest})"

    def fit(self, clips: ArrayLike) -> Self:
        """Learn the components from clips (n_clips, frames, height, width), and return the whitening itself.

        Raises
        ------
        ValueError
            If the array has other axes or is not finite, or the clips vary in fewer directions than are to be kept.
        """
        values = _checked(clips)
        rows = values.reshape(len(values), -1)
        variances, axes = np.linalg.eigh(_covariance(rows))
        variances, axes = variances[::-1], axes[:, ::-1]
        rank = int((variances > len(variances) * np.finfo(rows.dtype).eps * variances[0]).sum())
        if self.n_kept > rank:
            raise ValueError(
                f"n_kept: expected at most {rank}, in so many directions do {len(rows)} clips of {rows.shape[1]} "
                f"pixels vary, got {self.n_kept}; keep fewer, or give clips that move"
            )
        self.shape_ = values.shape[1], values.shape[2], values.shape[3]
        self.components_ = np.ascontiguousarray(axes[:, : self.n_kept].T.astype(rows.dtype))
        self.deviations_ = np.sqrt(variances[: self.n_kept])
        self.kept_ = float(variances[: self.n_kept].sum() / variances.sum())
        self.unit_ = 1.0
        self.unit_ = float(np.median(np.linalg.norm(self._whitened(clips), axis=1)))
        return self

    def apply(self, clips: ArrayLike) -> NDArray[np.floating]:
        """Return rows (n_clips, n_kept): unit variance times 1 over the median norm, loud ones turned down.

        Raises
        ------
        ValueError
            If the clips have another shape than those fitted.
        RuntimeError
            If `fit` was not called.
        """
        rows = self._whitened(clips)
        if self.loudest is None:
            return rows
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        factors = np.where(norms > self.loudest, self.loudest / np.where(norms > 0, norms, 1), 1)
        return np.asarray(rows * factors.astype(rows.dtype))

    def share_cut(self, clips: ArrayLike) -> float:
        """Return the share of clips that `apply` turns down."""
        if self.loudest is None:
            return 0.0
        return float(np.mean(np.linalg.norm(self._whitened(clips), axis=1) > self.loudest))

    def clips_of(self, rows: ArrayLike, *, space: FieldSpace = "whitened") -> NDArray[np.floating]:
        """Return rows (n, n_kept) as clips (n, frames, height, width).

        Parameters
        ----------
        rows : array_like (n, n_kept)
            Whitened clips, or fields learned from them.
        space : {"whitened", "filter", "feature"}
            ``"whitened"``: as they lie among whitened pixels, rotated back, to which zero-phase whitening comes.
            ``"filter"``: what a field looks for in a clip. ``"feature"``: what a row stands for in a clip. The three
            differ by a factor of the variances and look different.

        Raises
        ------
        ValueError
            If rows have another length, or the space is unknown.
        RuntimeError
            If `fit` was not called.
        """
        self._require_fitted()
        if space not in get_args(FieldSpace):
            raise ValueError(f"space: expected one of {', '.join(get_args(FieldSpace))}, got {space!r}")
        values = np.asarray(rows)
        if values.ndim != 2 or values.shape[1] != self.n_kept:
            raise ValueError(f"expected rows of shape (n, {self.n_kept}), got {values.shape}")
        power = {"whitened": 0, "filter": -1, "feature": 1}[space]
        scale = (self.deviations_ * self.unit_) ** power
        return np.asarray((values * scale) @ self.components_).reshape(-1, *self.shape_)

    def _whitened(self, clips: ArrayLike) -> NDArray[np.floating]:
        self._require_fitted()
        values = _checked(clips)
        if values.shape[1:] != self.shape_:
            raise ValueError(f"expected clips of shape {self.shape_}, as fitted, got {values.shape[1:]}")
        # Components hold no mean grey but for rounding, which small deviations would blow up.
        filters = self.components_ / (self.deviations_[:, None] * self.unit_)
        filters = (filters - filters.mean(axis=1, keepdims=True)).astype(values.dtype)
        return np.asarray(values.reshape(len(values), -1) @ filters.T)

    def _require_fitted(self) -> None:
        if not hasattr(self, "components_"):
            raise RuntimeError("expected a fitted SpaceTimeWhitening; call fit(clips) first")


def _covariance(rows: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the covariance of rows without their means, added up in double precision."""
    total = np.zeros((rows.shape[1], rows.shape[1]))
    for first in range(0, len(rows), _CHUNK):
        part = rows[first : first + _CHUNK]
        part = part - part.mean(axis=1, keepdims=True)
        total += part.T @ part
    return total / len(rows)


def _checked(clips: ArrayLike) -> NDArray[np.floating]:
    values = unmasked(clips, "clips")
    values = values if values.dtype == np.float32 else values.astype(np.float64)
    if values.ndim != 4 or 0 in values.shape:
        raise ValueError(f"expected clips of shape (n_clips, frames, height, width), got {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError("expected finite clips, got NaN or infinite values; leave those out")
    return values
