"""Whitening fitted to the patches themselves."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim._masked import unmasked
from neurosim.stimuli.filters.fourier_filter import padded_fields


class ZCA:
    r"""Zero-phase whitening of patches: the symmetric matrix that makes their covariance the identity.

    With :math:`\Sigma = E\,\mathrm{diag}(d)\,E^\top` the covariance of the patches and :math:`\bar d` the
    mean of its eigenvalues,

    .. math:: W = E\,\mathrm{diag}\!\left(\frac{1}{\sqrt{d_k + \varepsilon\bar d}}\right) E^\top .

    The regularisation :math:`\varepsilon` is relative to the mean variance of a pixel, so it means the same
    for images of any unit. It keeps directions of little variance, which hold noise, from being blown up:
    with :math:`\varepsilon = 0` the whitened covariance is exactly the identity, otherwise its eigenvalues
    are :math:`d_k/(d_k + \varepsilon\bar d)`. Directions without any variance (the mean of patches
    whose mean was removed) get gain 0, and `rank_` counts the others.

    Parameters
    ----------
    regularisation : float
        :math:`\varepsilon`, 0 or more, no unit.

    Attributes
    ----------
    matrix_ : ndarray (n_pixels, n_pixels), float64
        :math:`W`, symmetric.
    mean_ : ndarray (n_pixels,), float64
        Mean patch, removed before whitening.
    rank_ : int
        Number of directions with variance.

    References
    ----------
    Bell & Sejnowski 1997, Vision Research 37:3327, doi:10.1016/S0042-6989(97)00121-1 (zero-phase whitening).

    Examples
    --------
    >>> patches = np.random.default_rng(0).normal(size=(500, 16))
    >>> zca = ZCA(regularisation=0.0).fit(patches)
    >>> bool(np.allclose(np.cov(zca.apply(patches), rowvar=False), np.eye(16)))
    True
    """

    matrix_: NDArray[np.float64]
    mean_: NDArray[np.float64]
    rank_: int

    def __init__(self, regularisation: float = 1e-2) -> None:
        if not 0 <= regularisation < np.inf:
            raise ValueError(f"expected a regularisation of 0 or more, got {regularisation}")
        self.regularisation = regularisation

    def __repr__(self) -> str:
        return f"ZCA(regularisation={self.regularisation})"

    def fit(self, patches: ArrayLike) -> ZCA:
        """Learn the matrix from patches (n_patches, n_pixels), and return the whitener itself.

        Raises
        ------
        ValueError
            If the patches are not a finite two-dimensional array, or fewer than two, or all the same.
        """
        values = _patches(patches)
        if len(values) < 2:
            raise ValueError(f"expected at least 2 patches to fit a covariance, got {len(values)}")
        mean = values.mean(axis=0)
        centred = values - mean
        eigenvalues, eigenvectors = np.linalg.eigh(centred.T @ centred / (len(values) - 1))
        # Rounding leaves variances of this size in directions that have none.
        tolerance = (
            values.shape[1] * np.finfo(np.float64).eps * max(eigenvalues[-1], float(np.square(mean).max()))
        )
        present = eigenvalues > tolerance
        if not present.any():
            raise ValueError(f"expected patches that differ, got {len(values)} equal ones")
        ridge = self.regularisation * float(eigenvalues[present].sum()) / len(eigenvalues)
        gain = np.zeros_like(eigenvalues)
        gain[present] = 1 / np.sqrt(eigenvalues[present] + ridge)
        self.matrix_ = (eigenvectors * gain) @ eigenvectors.T
        self.mean_, self.rank_ = mean, int(present.sum())
        return self

    def apply(self, patches: ArrayLike) -> NDArray[np.float64]:
        """Return patches (n_patches, n_pixels) whitened: unit variance, no unit.

        Raises
        ------
        ValueError
            If the patches have another number of pixels than those fitted.
        RuntimeError
            If `fit` was not called.
        """
        values = _patches(patches)
        self._check_n_pixels(values.shape[1])
        return (values - self.mean_) @ self.matrix_

    def to_image_space(self, fields: ArrayLike, *, margin: int = 0) -> NDArray[np.float64]:
        r"""Return what fields learned on whitened patches look for in the patches before whitening.

        That is :math:`W^\top f`, since
        :math:`\langle f, W(s - \bar s)\rangle = \langle W^\top f, s - \bar s\rangle`.

        Parameters
        ----------
        fields : array_like (n_fields, height, width)
            ``height * width`` must be the fitted number of pixels.
        margin : int
            Pixels of zeros added on each side (a patch-wise whitener sees nothing outside its patch), so that
            the result has the shape `FourierFilter.to_image_space` gives.

        Returns
        -------
        ndarray (n_fields, height + 2 * margin, width + 2 * margin), float64

        Raises
        ------
        ValueError
            If the fields are not a finite three-dimensional array of the fitted size, or the margin is
            negative.
        RuntimeError
            If `fit` was not called.
        """
        array = padded_fields(fields, margin=0)
        self._check_n_pixels(array.shape[1] * array.shape[2])
        unwhitened = (array.reshape(len(array), -1) @ self.matrix_).reshape(array.shape)
        return padded_fields(unwhitened, margin=margin)

    def _check_n_pixels(self, n_pixels: int) -> None:
        if not hasattr(self, "matrix_"):
            raise RuntimeError("expected a fitted ZCA, got one without a matrix; call fit(patches) first")
        if n_pixels != len(self.mean_):
            raise ValueError(
                f"expected {len(self.mean_)} pixels, as fitted, got {n_pixels}; fit again for this size"
            )


def _patches(patches: ArrayLike) -> NDArray[np.float64]:
    values = unmasked(patches, "patches").astype(np.float64, copy=False)
    if values.ndim != 2:
        raise ValueError(
            f"expected patches of shape (n_patches, n_pixels), got {values.shape}; flatten each patch"
        )
    if not np.isfinite(values).all():
        broken = np.flatnonzero(~np.isfinite(values).all(axis=1))
        raise ValueError(
            f"expected finite patches, got NaN or infinite pixels in {broken.size}, first in patch "
            f"{broken[0]}; leave those patches out"
        )
    return values
