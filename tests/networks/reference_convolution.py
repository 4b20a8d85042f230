"""Convolutional sparse coding by FISTA in float64 with SciPy's convolutions; it shares no code with `neurosim`."""

import numpy as np
from scipy.signal import convolve, correlate


def _wrapped(whole, shape):
    """Add what is beyond a picture of some shape to its other edge."""
    for axis, n in enumerate(shape):
        beyond = np.moveaxis(whole, axis, 0)
        folded = np.zeros((n, *beyond.shape[1:]))
        for start in range(0, len(beyond), n):
            part = beyond[start : start + n]
            folded[: len(part)] += part
        whole = np.moveaxis(folded, 0, axis)
    return whole


class Convolution:
    """Pictures (*shape, channels) from codes (*positions, K) and back; `fields` are (K, *field, channels)."""

    def __init__(self, fields, shape, stride, boundary="valid"):
        self.fields, self.shape, self.stride, self.torus = fields, shape, stride, boundary == "torus"
        self.field = fields.shape[1:-1]
        room = shape if self.torus else tuple(n - p + 1 for n, p in zip(shape, self.field, strict=True))
        self.room, self.places = room, tuple(slice(None, None, s) for s in stride)
        self.positions = np.zeros(room)[self.places].shape

    def picture(self, code):
        whole = np.zeros((*self.shape, self.fields.shape[-1]))
        for k, field in enumerate(self.fields):
            spread = np.zeros(self.room)
            spread[self.places] = code[..., k]
            for c in range(field.shape[-1]):
                painted = convolve(spread, field[..., c], method="direct")
                whole[..., c] += _wrapped(painted, self.shape) if self.torus else painted
        return whole

    def drive(self, picture):
        if self.torus:
            widths = [(0, p - 1) for p in self.field]
            picture = np.pad(picture, [*widths, (0, 0)], mode="wrap")
        seen = [
            sum(
                correlate(picture[..., c], field[..., c], mode="valid", method="direct")
                for c in range(field.shape[-1])
            )
            for field in self.fields
        ]
        return np.stack([each[self.places] for each in seen], axis=-1)

    def objective(self, picture, code, threshold):
        return 0.5 * np.sum((picture - self.picture(code)) ** 2) + threshold * np.abs(code).sum()

    def strength(self, n=60):
        """Largest eigenvalue of drive after picture, by power iteration, a little too large."""
        code = np.random.default_rng(0).standard_normal((*self.positions, len(self.fields)))
        for _ in range(n):
            code /= np.linalg.norm(code)
            code = self.drive(self.picture(code))
        return 1.05 * np.linalg.norm(code)

    def fista(self, picture, threshold, *, n=400):
        """Return the code and objective of the minimum, with restarts (O'Donoghue & Candès 2015)."""
        step = 1 / self.strength()
        code = ahead = np.zeros((*self.positions, len(self.fields)))
        t = 1.0
        for _ in range(n):
            moved = ahead + step * self.drive(picture - self.picture(ahead))
            new = np.sign(moved) * np.maximum(np.abs(moved) - step * threshold, 0)
            if np.sum((ahead - new) * (new - code)) > 0:
                t = 1.0
            later = (1 + np.sqrt(1 + 4 * t**2)) / 2
            code, ahead, t = new, new + (t - 1) / later * (new - code), later
        return code, self.objective(picture, code, threshold)


def random_fields(n, field, rng, channels=1):
    """Smooth random fields of unit norm, (n, *field, channels)."""
    fields = rng.standard_normal((n, *field, channels))
    for axis in range(1, 1 + len(field)):
        fields = fields + 0.5 * np.roll(fields, 1, axis=axis)
    return fields / np.sqrt((fields**2).sum(axis=tuple(range(1, fields.ndim)), keepdims=True))


class JointConvolution(Convolution):
    """Several pictures explained by one code, each times its gain; they lie behind each other as one row."""

    def __init__(self, parts, gains):
        self.parts, self.roots = parts, np.sqrt(gains)
        self.fields, self.positions = parts[0].fields, parts[0].positions

    def row(self, pictures):
        return np.concatenate(
            [root * np.ravel(picture) for root, picture in zip(self.roots, pictures, strict=True)]
        )

    def picture(self, code):
        return self.row([part.picture(code) for part in self.parts])

    def drive(self, row):
        shapes = [(*part.shape, part.fields.shape[-1]) for part in self.parts]
        pictures = np.split(row, np.cumsum([np.prod(shape) for shape in shapes])[:-1])
        return sum(
            root * part.drive(picture.reshape(shape))
            for root, part, picture, shape in zip(self.roots, self.parts, pictures, shapes, strict=True)
        )
