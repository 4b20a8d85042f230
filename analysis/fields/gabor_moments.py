"""Normal equations of many Gabor fits at once, from moments of a quadrature pair.

With the envelope E and the carrier angle ω = 2πf x', the pair c = E·cos ω, s = E·sin ω gives the model m =
α·c − β·s, where α = A·cos φ and β = A·sin φ enter linearly. Every derivative of m is a polynomial of degree
two in the pixel coordinates times P = A·E·cos(ω + φ) or Q = A·E·sin(ω + φ). So the 8×8 normal matrix of a fit
needs only sums over pixels of cc, cs, ss times monomials up to degree four, and of c, s times the field up to
degree two: one matrix product for all fits, and no Jacobian is ever stored.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "FREQUENCY",
    "LOG_AMPLITUDE",
    "LOG_SIGMA_X",
    "LOG_SIGMA_Y",
    "PHASE",
    "THETA",
    "X0",
    "Y0",
    "Floats",
    "NormalEquations",
    "normal_equations",
    "pixel_monomials",
    "quadrature_moments",
]

Floats = NDArray[np.float64]

# Columns of `shape`, the nonlinear parameters: pixels from the middle of the field, radians, cycles/pixel.
X0, Y0, THETA, FREQUENCY, LOG_SIGMA_X, LOG_SIGMA_Y = range(6)
# The normal equations append the logarithm of the amplitude and the phase.
LOG_AMPLITUDE, PHASE = 6, 7

_QUARTIC = [(i - j, j) for i in range(5) for j in range(i + 1)]  # exponents (of x, of y), degree <= 4
_QUADRATIC = _QUARTIC[:6]  # 1, x, y, x², xy, y²
_GRAM = np.array([[_QUARTIC.index((a + c, b + d)) for c, d in _QUADRATIC] for a, b in _QUADRATIC])
_BLOCK_PIXELS = 32_768  # pixels handled at once: a few arrays of this size stay in the cache


def pixel_monomials(height: int, width: int) -> Floats:
    """Return x^a y^b of every pixel, degree up to 4, from the field's middle: shape (15, height * width)."""
    y, x = np.indices((height, width), dtype=float).reshape(2, -1)
    x -= (width - 1) / 2
    y -= (height - 1) / 2
    return np.stack([x**a * y**b for a, b in _QUARTIC])


class Moments(NamedTuple):
    """Sums over pixels for every fit; the last axis runs over monomials."""

    cc: Floats  # (n_fits, 15)
    cs: Floats
    ss: Floats
    field_c: Floats  # (n_fits, 6)
    field_s: Floats
    one_c: Floats | None = None  # (n_fits, 6), of fits with an offset
    one_s: Floats | None = None
    n_pixels: int = 0


class NormalEquations(NamedTuple):
    """Gauss–Newton matrix and descent direction of ½‖field − model‖², and the linear parameters."""

    matrix: Floats  # (n_fits, 8, 8)
    descent: Floats  # (n_fits, 8)
    squared_error: Floats  # (n_fits,)
    amplitude: Floats  # (n_fits,)
    phase: Floats  # (n_fits,)
    amplitude_bound_hit: NDArray[np.bool_]  # (n_fits,)
    level: Floats  # (n_fits,), the offset, of a field of zero mean

    def take(self, rows: NDArray[np.intp]) -> "NormalEquations":
        """Return the chosen fits."""
        return NormalEquations(
            self.matrix[rows],
            self.descent[rows],
            self.squared_error[rows],
            self.amplitude[rows],
            self.phase[rows],
            self.amplitude_bound_hit[rows],
            self.level[rows],
        )

    def put(self, rows: NDArray[np.intp], other: "NormalEquations") -> None:
        """Write the fits of another system into these rows."""
        for part, new in zip(self, other, strict=True):
            part[rows] = new


def envelope_coefficients(shape: Floats) -> tuple[Floats, Floats]:
    """Return the exponent of the envelope (n, 6) and the carrier angle (n, 3) as polynomials of the pixel."""
    rotation = local_polynomials(shape)
    precision_x, precision_y = np.exp(-2 * shape[:, LOG_SIGMA_X]), np.exp(-2 * shape[:, LOG_SIGMA_Y])
    exponent = -0.5 * (precision_x[:, None] * rotation[:, 3] + precision_y[:, None] * rotation[:, 5])
    return exponent, 2 * np.pi * shape[:, FREQUENCY, None] * rotation[:, 1, :3]


def local_polynomials(shape: Floats) -> Floats:
    """Write 1, x', y', x'², x'y', y'² as combinations of 1, x, y, x², xy, y²: shape (n, 6, 6)."""
    cosine, sine = np.cos(shape[:, THETA]), np.sin(shape[:, THETA])
    x0, y0 = shape[:, X0], shape[:, Y0]
    along = np.stack([-cosine * x0 - sine * y0, cosine, sine], axis=1)
    across = np.stack([sine * x0 - cosine * y0, -sine, cosine], axis=1)
    rows = np.zeros((len(shape), 6, 6))
    rows[:, 0, 0] = 1
    rows[:, 1, :3], rows[:, 2, :3] = along, across
    for row, (p, q) in zip((3, 4, 5), ((along, along), (along, across), (across, across)), strict=True):
        rows[:, row] = _product(p, q)
    return rows


def _product(p: Floats, q: Floats) -> Floats:
    """Multiply two polynomials of degree one: coefficients (n, 3), (n, 3) to (n, 6)."""
    terms = (
        p[:, 0] * q[:, 0],
        p[:, 0] * q[:, 1] + p[:, 1] * q[:, 0],
        p[:, 0] * q[:, 2] + p[:, 2] * q[:, 0],
        p[:, 1] * q[:, 1],
        p[:, 1] * q[:, 2] + p[:, 2] * q[:, 1],
        p[:, 2] * q[:, 2],
    )
    return np.stack(terms, axis=1)


def quadrature_moments(
    shape: Floats, fields: Floats, owner: NDArray[np.intp], monomials: Floats, *, offset: bool = False
) -> Moments:
    """Sum the quadrature pair's products over the pixels, with what an offset needs if there is one.

    `fields` is (n_fields, n_pixels); fit k looks at field `owner[k]`; `monomials` comes from
    `pixel_monomials`.
    """
    exponent, angle = envelope_coefficients(shape)
    n_fits, n_pixels = len(shape), fields.shape[1]
    quartic, quadratic = np.ascontiguousarray(monomials.T), np.ascontiguousarray(monomials[:6].T)
    pairs, crossed = np.empty((3, n_fits, 15)), np.empty((4 if offset else 2, n_fits, 6))
    step = max(1, _BLOCK_PIXELS // n_pixels)
    for start in range(0, n_fits, step):
        block = slice(start, start + step)
        envelope = exponent[block] @ monomials[:6]
        np.exp(envelope, out=envelope)
        carrier = angle[block] @ monomials[:3]
        c = np.cos(carrier) * envelope
        s = np.sin(carrier, out=carrier) * envelope
        field = fields[owner[block]]
        for moment, product in zip(pairs, (c * c, c * s, s * s), strict=True):
            moment[block] = product @ quartic
        alone = (c, s) if offset else ()
        for moment, product in zip(crossed, (c * field, s * field, *alone), strict=True):
            moment[block] = product @ quadratic
    one_c, one_s = (crossed[2], crossed[3]) if offset else (None, None)
    return Moments(pairs[0], pairs[1], pairs[2], crossed[0], crossed[1], one_c, one_s, n_pixels)


def bounded_pair(moments: Moments, amplitude_bound: float) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Solve for α and β with α² + β² ≤ bound²: the best amplitude and phase of each envelope, exactly.

    Returns α, β and whether the bound holds the amplitude, each of shape (n_fits,).
    """
    cc, cs, ss = moments.cc[:, 0], moments.cs[:, 0], moments.ss[:, 0]
    if moments.one_c is not None and moments.one_s is not None:
        # The best offset takes the means away; a field of zero mean is as before.
        sum_c, sum_s = moments.one_c[:, 0], moments.one_s[:, 0]
        cc, cs, ss = (
            product - p * q / moments.n_pixels
            for product, p, q in ((cc, sum_c, sum_c), (cs, sum_c, sum_s), (ss, sum_s, sum_s))
        )
    # Principal axes of the 2×2 normal matrix [[cc, −cs], [−cs, ss]], in units of its larger value, which is
    # next to nothing where an envelope fell between the pixels. The smaller one vanishes at frequency zero.
    radius = np.hypot((cc - ss) / 2, cs)
    unit = np.maximum((cc + ss) / 2 + radius, 1e-40)
    small = np.maximum(((cc + ss) / 2 - radius) / unit, 1e-13)
    axis = 0.5 * np.arctan2(-cs, (cc - ss) / 2)
    cosine, sine = np.cos(axis), np.sin(axis)
    drive_c, drive_s = moments.field_c[:, 0] / unit, -moments.field_s[:, 0] / unit
    first, second = cosine * drive_c + sine * drive_s, cosine * drive_s - sine * drive_c
    bound_hit = np.hypot(first, second / small) > amplitude_bound
    multiplier = np.zeros(len(cc))
    multiplier[bound_hit] = _multiplier(
        first[bound_hit], second[bound_hit], small[bound_hit], amplitude_bound
    )
    first, second = first / (1 + multiplier), second / (small + multiplier)
    return cosine * first - sine * second, sine * first + cosine * second, bound_hit


def _multiplier(first: Floats, second: Floats, small: Floats, bound: float) -> Floats:
    """Find μ ≥ 0 that puts the solution on the circle, by Newton steps on 1/‖solution‖.

    From μ = 0 the steps rise monotonically to the root (Conn, Gould & Toint 2000, Trust-region methods,
    section 7.3).
    """
    multiplier = np.zeros(len(first))
    for _ in range(12):
        p, q = first / (1 + multiplier), second / (small + multiplier)
        norm_squared = p**2 + q**2
        slope = p**2 / (1 + multiplier) + q**2 / (small + multiplier)
        multiplier += norm_squared / slope * (np.sqrt(norm_squared) / bound - 1)
    return multiplier


def normal_equations(
    shape: Floats, moments: Moments, field_energy: Floats, amplitude_bound: float
) -> NormalEquations:
    """Assemble the Gauss–Newton system of every fit at its best bounded amplitude, phase and offset, if any.

    Fields have to be of zero mean for fits with an offset, which is then eliminated: derivatives and residual lose
    their means.
    """
    alpha, beta, bound_hit = bounded_pair(moments, amplitude_bound)
    a, b = alpha[:, None], beta[:, None]
    # P, Q: in-phase and quadrature parts of the model; r: residual. Pixel sums of products times monomials.
    pp = a**2 * moments.cc - 2 * a * b * moments.cs + b**2 * moments.ss
    qq = b**2 * moments.cc + 2 * a * b * moments.cs + a**2 * moments.ss
    pq = a * b * (moments.cc - moments.ss) + (a**2 - b**2) * moments.cs
    field_p = a * moments.field_c - b * moments.field_s
    rp = field_p - pp[:, :6]
    rq = b * moments.field_c + a * moments.field_s - pq[:, :6]
    gram = np.block([[pp[:, _GRAM], pq[:, _GRAM]], [pq[:, _GRAM], qq[:, _GRAM]]])
    jacobian = _jacobian(shape)
    matrix = jacobian @ gram @ jacobian.transpose(0, 2, 1)
    level = np.zeros(len(shape))
    if moments.one_c is not None and moments.one_s is not None:
        one_p, one_q = a * moments.one_c - b * moments.one_s, b * moments.one_c + a * moments.one_s
        level = -one_p[:, 0] / moments.n_pixels
        rp, rq = rp - level[:, None] * one_p, rq - level[:, None] * one_q
        sums = jacobian @ np.concatenate([one_p, one_q], axis=1)[:, :, None]
        matrix -= sums @ sums.transpose(0, 2, 1) / moments.n_pixels
    descent = (jacobian @ np.concatenate([rp, rq], axis=1)[:, :, None])[:, :, 0]
    # On the amplitude bound the residual still pulls along P, which bends the cost along the phase.
    matrix[:, PHASE, PHASE] += np.where(bound_hit, rp[:, 0], 0.0)
    squared_error = np.maximum(field_energy - field_p[:, 0] - rp[:, 0], 0.0)
    return NormalEquations(
        matrix, descent, squared_error, np.hypot(alpha, beta), np.arctan2(beta, alpha), bound_hit, level
    )


def _jacobian(shape: Floats) -> Floats:
    """Write the eight derivatives of the model on P·(monomials) and Q·(monomials): shape (n, 8, 12)."""
    cosine, sine = np.cos(shape[:, THETA]), np.sin(shape[:, THETA])
    precision_x, precision_y = np.exp(-2 * shape[:, LOG_SIGMA_X]), np.exp(-2 * shape[:, LOG_SIGMA_Y])
    omega = 2 * np.pi * shape[:, FREQUENCY]
    # Local basis: P times 1, x', y', x'², x'y', y'² (columns 0–5), Q times 1, x', y' (columns 6–8).
    local = np.zeros((len(shape), 8, 12))
    local[:, X0, 1], local[:, X0, 2], local[:, X0, 6] = (
        precision_x * cosine,
        -precision_y * sine,
        omega * cosine,
    )
    local[:, Y0, 1], local[:, Y0, 2], local[:, Y0, 6] = precision_x * sine, precision_y * cosine, omega * sine
    local[:, THETA, 4], local[:, THETA, 8] = precision_y - precision_x, -omega
    local[:, FREQUENCY, 7] = -2 * np.pi
    local[:, LOG_SIGMA_X, 3] = precision_x
    local[:, LOG_SIGMA_Y, 5] = precision_y
    local[:, LOG_AMPLITUDE, 0] = 1
    local[:, PHASE, 6] = -1
    polynomials = local_polynomials(shape)
    return np.concatenate([local[:, :, :6] @ polynomials, local[:, :, 6:] @ polynomials], axis=2)
