"""What a linear and a non-linear reader can tell about the class of a stimulus from its code."""

import time
import warnings
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim._turns import one_at_a_time
from neurosim.analysis.codes.labelled_input import (
    Matrix,
    checked_labels,
    finite_matrix,
    labelled_rows,
    stratified_subset,
)
from neurosim.analysis.codes.point_scale import in_range
from neurosim.analysis.progress import counted
from neurosim.stimuli.randomness import Randomness, generator

__all__ = ["CLASSIFIERS", "Style", "accuracy_table", "classify"]

CLASSIFIERS = ("logistic", "linear_svm", "rbf_svm")
Style = Literal["tuned", "paper"]

# What is tried, one parameter after the other, each at the best of those before it; the middle of a grid is
# where the others wait. C rises: of equals the first, the stronger regularisation, is taken.
_C = (0.001, 0.01, 0.1, 1.0, 10.0)
_GRIDS: dict[str, dict[str, tuple[Any, ...]]] = {
    "logistic": {"scaling": ("whole", "each"), "C": _C},
    "linear_svm": {"scaling": ("whole", "each"), "C": _C[:-1]},
    "rbf_svm": {"scaling": ("whole", "each"), "gamma": (0.3, 1.0, 3.0), "C": (1.0, 10.0, 100.0)},
}
_START: dict[str, dict[str, Any]] = {
    "logistic": {"scaling": "whole", "C": 0.1},
    "linear_svm": {"scaling": "whole", "C": 0.01},
    "rbf_svm": {"scaling": "whole", "gamma": 1.0, "C": 10.0},
}
_HELD_OUT = 6  # one in six of the stimuli searched on judges the settings
_LARGEST_TEST = 1e15  # activity that classifiers are still asked about, trained on up to 1e12
_CACHE_MB = 2000  # of the kernel matrix: ten times the default, which halves the time of 60,000 codes


class _Labelled(NamedTuple):
    code: Matrix
    labels: NDArray[np.int64]

    def at(self, rows: NDArray[np.intp]) -> "_Labelled":
        return _Labelled(self.code[rows], self.labels[rows])


def classify(
    train_code: ArrayLike,
    train_labels: ArrayLike,
    test_code: ArrayLike,
    test_labels: ArrayLike,
    *,
    rng: Randomness,
    classifiers: Sequence[str] = CLASSIFIERS,
    style: Style = "tuned",
    n_search: int = 10_000,
) -> pd.DataFrame:
    """Train classifiers on codes and count what they get right on codes they have not seen.

    Parameters
    ----------
    train_code, test_code : array_like, shape (n_stimuli, n_neurons)
        Activity, any unit; raw pixels do as well. float32 halves the memory.
    train_labels, test_labels : array_like of int, shape (n_stimuli,)
        Class of each stimulus. Test labels are used to count, after everything has been chosen.
    rng : numpy.random.Generator or int
        Draws the training stimuli the settings are searched on.
    classifiers : sequence of {"logistic", "linear_svm", "rbf_svm"}
        Logistic regression, a linear support vector machine (one against the rest, squared hinge) and one
        with a Gaussian kernel.
    style : {"tuned", "paper"}
        ``"tuned"``: scaling, C and (Gaussian kernel) gamma are searched, one after the other, on `n_search`
        training stimuli, five sixths to fit and one sixth to judge; then all training stimuli are fitted with
        the best. ``"paper"``: scikit-learn's defaults on the data as they are. Barari & Kim report neither
        settings nor scaling, so this stands for "no particular care" and is no reproduction of theirs. Give it
        pixels in [0, 1]: on 0 to 255 its linear machine runs for minutes without converging.
    n_search : int
        Training stimuli used for the search, each class in its share. The Gaussian kernel's time grows with
        the square of their number: on one core, 10,000 codes of 256 neurons are fitted in 6 s and 40,000 in
        80 s, 10,000 digits of 784 pixels in 15 to 40 s, and searching fits six times.

    Returns
    -------
    DataFrame
        One row per classifier: ``classifier``, ``accuracy`` (share of test stimuli, 0 to 1), ``parameters``
        (text; gamma in multiples of 1 / (n_neurons · variance); scaling "whole": all activities divided by
        their root mean square, "each": every neuron by its largest magnitude first), ``converged`` (False if
        scikit-learn said that the fit stopped early), ``validation_accuracy`` (NaN for ``"paper"``) and
        ``seconds`` (search, fit and test).

    Raises
    ------
    TypeError
        If labels are no integers.
    ValueError
        If shapes do not fit, a value is not finite, there is one class only, test labels do not occur in
        training, a classifier or style is unknown, or a class is too small for the search.

    References
    ----------
    Barari & Kim, linked dictionaries, Table I (logistic regression, linear and non-linear SVM on MNIST).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> labels = np.arange(120) % 2
    >>> code = rng.normal(size=(120, 5)) + 4 * labels[:, None]
    >>> table = classify(code[:80], labels[:80], code[80:], labels[80:], rng=rng, classifiers=["logistic"])
    >>> table[["classifier", "accuracy", "converged"]].to_numpy().tolist()
    [['logistic', 1.0, True]]
    """
    rng = generator(rng)
    train, test = _checked_splits(train_code, train_labels, test_code, test_labels)
    for name in classifiers:
        _known("classifier", name, CLASSIFIERS)
    _known("style", style, get_args(Style))
    train, test = _in_range(train, test, style)
    seed = int(rng.integers(2**31))
    search = _search_parts(train, n_search, rng) if style == "tuned" else None
    return pd.DataFrame(
        [_row(name, train, test, search=search, seed=seed) for name in counted(classifiers, "classifiers")]
    )


def accuracy_table(frames: Mapping[str, Sequence[pd.DataFrame]]) -> pd.DataFrame:
    """Average the accuracies of several seeds.

    Parameters
    ----------
    frames : mapping of str to sequence of DataFrame
        For each code (``"linked"``, ``"pixels"``, …) what `classify` returned, one table per seed.

    Returns
    -------
    DataFrame
        One row per code and classifier: ``code``, ``classifier``, ``mean``, ``sd`` (over seeds, n - 1 in the
        denominator; NaN for a single seed) and ``n`` (seeds).

    Raises
    ------
    ValueError
        If a code has no table, a table lacks a column, or the tables of a code are not of the same classifiers.

    Examples
    --------
    >>> seeds = [pd.DataFrame({"classifier": ["logistic"], "accuracy": [share]}) for share in (0.9, 0.92)]
    >>> accuracy_table({"linked": seeds}).round(4).to_numpy().tolist()
    [['linked', 'logistic', 0.91, 0.0141, 2]]
    """
    rows = []
    for code, tables in frames.items():
        if not tables or any({"classifier", "accuracy"} - set(table.columns) for table in tables):
            raise ValueError(
                f"expected one table of `classify` or more for {code!r}, each with `classifier` and `accuracy`"
            )
        names = list(tables[0]["classifier"])
        if any(list(table["classifier"]) != names or len(set(names)) < len(names) for table in tables):
            raise ValueError(
                f"expected the same classifiers, each once, in every table of {code!r}, got "
                f"{[list(table['classifier']) for table in tables]}"
            )
        for name, shares in zip(
            names, np.stack([table["accuracy"] for table in tables], axis=1), strict=True
        ):
            sd = float(shares.std(ddof=1)) if len(shares) > 1 else np.nan
            rows.append(
                {"code": code, "classifier": name, "mean": float(shares.mean()), "sd": sd, "n": len(shares)}
            )
    return pd.DataFrame(rows, columns=["code", "classifier", "mean", "sd", "n"])


def _checked_splits(
    train_code: ArrayLike, train_labels: ArrayLike, test_code: ArrayLike, test_labels: ArrayLike
) -> tuple[_Labelled, _Labelled]:
    train = _Labelled(*labelled_rows(train_code, train_labels, name="train_code", labels_name="train_labels"))
    shown = finite_matrix("test_code", test_code)
    test = _Labelled(shown, checked_labels("test_labels", test_labels, n=len(shown)))
    if test.code.shape[1] != train.code.shape[1]:
        raise ValueError(
            f"expected test codes of the {train.code.shape[1]} neurons trained on, got {test.code.shape[1]}"
        )
    unknown = np.setdiff1d(test.labels, train.labels)
    if len(unknown):
        raise ValueError(
            f"expected test labels that occur in training, got also {', '.join(map(str, unknown))}: no "
            "classifier can name a class it was not shown"
        )
    return train, test


def _in_range(train: _Labelled, test: _Labelled, style: Style) -> tuple[_Labelled, _Labelled]:
    """Return codes whose squares exist; their unit does not matter to settings that are searched."""
    scaled, exponent = in_range(train.code, centred=False)
    with np.errstate(over="ignore"):
        others = np.ldexp(test.code, -exponent) if exponent else test.code
    if (exponent and style == "paper") or float(np.abs(others).max()) > _LARGEST_TEST:
        raise ValueError(
            f"expected codes that can be squared, those to test on of about the size of those trained on, got values "
            f"up to {np.abs(train.code).max():.3g} in training and {np.abs(test.code).max():.3g} in the test: divide "
            "both by the same number that brings them near 1"
        )
    return train._replace(code=scaled), test._replace(code=others)


def _known(what: str, name: str, names: Sequence[str]) -> None:
    if name not in names:
        near = get_close_matches(str(name), names, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(names)}"
        raise ValueError(f"expected the name of a {what}, got {name!r}; {hint}")


def _search_parts(train: _Labelled, n_search: int, rng: np.random.Generator) -> tuple[_Labelled, _Labelled]:
    """Draw the training stimuli that are fitted and those that judge, each class in its share."""
    classes, counts = np.unique(train.labels, return_counts=True)
    if counts.min() < 2:
        raise ValueError(
            "expected two training stimuli or more of every class, one to fit and one to judge, got one of "
            f"class {classes[counts.argmin()]}: leave the class out or use style='paper'"
        )
    chosen = train.at(stratified_subset(train.labels, size=n_search, rng=rng, least=2))
    judging = stratified_subset(
        chosen.labels, size=max(len(classes), len(chosen.labels) // _HELD_OUT), rng=rng
    )
    fitting = np.setdiff1d(np.arange(len(chosen.labels)), judging)
    return chosen.at(fitting), chosen.at(judging)


def _row(
    name: str, train: _Labelled, test: _Labelled, *, search: tuple[_Labelled, _Labelled] | None, seed: int
) -> dict[str, Any]:
    started = time.perf_counter()
    setting, judged = _searched(name, *search, seed=seed) if search else (None, np.nan)
    model, converged = _fitted(_pipeline(name, setting, train.code, seed=seed), train)
    return {
        "classifier": name,
        "accuracy": float((model.predict(test.code) == test.labels).mean()),
        "parameters": ", ".join(f"{k}={v:g}" if k != "scaling" else f"{k}={v}" for k, v in setting.items())
        if setting
        else "scikit-learn's defaults",
        "converged": converged,
        "validation_accuracy": judged,
        "seconds": time.perf_counter() - started,
    }


def _searched(
    name: str, fitting: _Labelled, judging: _Labelled, *, seed: int
) -> tuple[dict[str, Any], float]:
    """Return the best setting and its share of right answers on the stimuli that judge."""
    best, score = dict(_START[name]), -1.0
    for key, values in _GRIDS[name].items():
        shares = []
        for value in values:
            if value == best[key] and score >= 0:
                shares.append(score)  # the best so far, already fitted
                continue
            model, _ = _fitted(_pipeline(name, best | {key: value}, fitting.code, seed=seed), fitting)
            shares.append(float((model.predict(judging.code) == judging.labels).mean()))
        best[key], score = values[int(np.argmax(shares))], max(shares)
    return best, score


def _pipeline(name: str, setting: dict[str, Any] | None, code: Matrix, *, seed: int) -> Any:
    """Return an unfitted pipeline; its scale and kernel width are those of `code`, which it will be fitted to."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer
    from sklearn.svm import SVC, LinearSVC

    if setting is None:
        plain = {
            "logistic": LogisticRegression(),
            "linear_svm": LinearSVC(random_state=seed),
            "rbf_svm": SVC(cache_size=_CACHE_MB),
        }
        return make_pipeline(plain[name])
    divisor = _divisor(code, setting["scaling"])
    if name == "logistic":
        model: Any = LogisticRegression(C=setting["C"], max_iter=1000, tol=1e-3)
    elif name == "linear_svm":
        model = LinearSVC(C=setting["C"], dual=False, tol=1e-3, random_state=seed)
    else:
        spread = float((code / divisor).var()) * code.shape[1]
        model = SVC(C=setting["C"], gamma=setting["gamma"] / spread if spread else 1.0, cache_size=_CACHE_MB)
    return make_pipeline(FunctionTransformer(_divided, kw_args={"by": divisor}), model)


def _divisor(code: Matrix, scaling: str) -> Matrix:
    """Return what the activity is divided by, one number per neuron; silent neurons stay as they are."""
    largest = np.abs(code).max(axis=0) if scaling == "each" else np.ones(code.shape[1], dtype=code.dtype)
    each = np.asarray(np.where(largest > 0, largest, 1), dtype=code.dtype)
    root_mean_square = float(np.sqrt(np.mean((code / each) ** 2, dtype=np.float64)))
    return np.asarray(each * (root_mean_square or 1.0), dtype=code.dtype)


def _divided(code: Matrix, by: Matrix) -> Matrix:
    return code / by


def _fitted(model: Any, to: _Labelled) -> tuple[Any, bool]:
    """Fit, and return whether it was to the end, of which scikit-learn warns; other warnings pass."""
    from sklearn.exceptions import ConvergenceWarning

    # Filters of warnings are one for all threads.
    with one_at_a_time(), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        model.fit(to.code, to.labels)
    for warning in caught:
        if not issubclass(warning.category, ConvergenceWarning):
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    return model, not any(issubclass(warning.category, ConvergenceWarning) for warning in caught)
