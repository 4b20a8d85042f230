"""Classifiers read planted classes, find nothing in shuffled ones, and see test labels only to count."""

import warnings

import numpy as np
import pandas as pd
import pytest

from neurosim.analysis.codes.classification import CLASSIFIERS, accuracy_table, classify

STYLES = ("tuned", "paper")


def clouds(n=400, n_classes=4, spread=1.0, seed=0):
    """Return non-negative codes, each class about a corner of its own."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % n_classes
    return np.maximum(4 * np.eye(n_classes, 8)[labels] + spread * rng.normal(size=(n, 8)), 0), labels


def rings(n=600, seed=0):
    """Return two classes that no plane divides."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    angle = rng.uniform(0, 2 * np.pi, n)
    radius = 1 + 2 * labels + 0.2 * rng.normal(size=n)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1), labels


def table_of(code, labels, n_train=300, **options):
    rng = np.random.default_rng(5)
    return classify(code[:n_train], labels[:n_train], code[n_train:], labels[n_train:], rng=rng, **options)


@pytest.mark.parametrize("style", STYLES)
def test_classes_far_apart_are_read_by_every_classifier(style):
    table = table_of(*clouds(spread=0.3), style=style)
    assert table["classifier"].tolist() == list(CLASSIFIERS)
    assert (table["accuracy"] == 1).all()
    assert (table["seconds"] > 0).all()


@pytest.mark.parametrize("style", STYLES)
def test_codes_that_know_nothing_of_the_class_leave_chance(style):
    code, labels = np.random.default_rng(1).random((1300, 8)), np.arange(1300) % 4
    accuracy = table_of(code, labels, style=style)["accuracy"]
    assert (np.abs(accuracy - 0.25) < 0.06).all()


@pytest.mark.parametrize("style", STYLES)
def test_only_the_gaussian_kernel_reads_rings(style):
    accuracy = table_of(*rings(), style=style).set_index("classifier")["accuracy"]
    assert accuracy["rbf_svm"] > 0.98
    assert (accuracy.drop("rbf_svm") < 0.75).all()


@pytest.mark.parametrize("style", STYLES)
def test_test_labels_change_the_count_and_nothing_else(style):
    code, labels = clouds(spread=2.5)
    wrong = np.roll(labels, 1)
    right_table, wrong_table = (
        classify(code[:300], labels[:300], code[300:], shown[300:], rng=np.random.default_rng(0), style=style)
        for shown in (labels, wrong)
    )
    told = ["parameters", "validation_accuracy", "converged"]
    pd.testing.assert_frame_equal(right_table[told], wrong_table[told])
    assert (right_table["accuracy"] > wrong_table["accuracy"]).all()


def test_test_codes_do_not_choose_the_parameters():
    code, labels = clouds(spread=2.5)
    tables = [
        classify(code[:300], labels[:300], test, labels[300:], rng=np.random.default_rng(0))
        for test in (code[300:], 100 * code[300:])
    ]
    assert tables[0]["parameters"].tolist() == tables[1]["parameters"].tolist()


@pytest.mark.parametrize("factor", [1e-3, 255.0])
def test_the_unit_of_a_code_does_not_matter_when_tuned(factor):
    code, labels = clouds(spread=2.5)
    plain, scaled = (table_of(values, labels) for values in (code, factor * code))
    assert plain["parameters"].tolist() == scaled["parameters"].tolist()
    np.testing.assert_allclose(plain["accuracy"], scaled["accuracy"], atol=0.011)


def test_the_stimuli_that_judge_foretell_the_test():
    table = table_of(*clouds(n=1200, spread=2.0), n_train=900)
    np.testing.assert_allclose(table["validation_accuracy"], table["accuracy"], atol=0.08)
    assert (table["accuracy"] < 0.97).all()


def test_scaling_each_neuron_is_chosen_where_a_loud_one_says_nothing():
    code, labels = clouds(spread=0.8)
    loud = np.concatenate([code, 300 * np.random.default_rng(2).normal(size=(len(code), 1))], axis=1)
    parameters = table_of(loud, labels, classifiers=["rbf_svm"])["parameters"][0]
    assert "scaling=each" in parameters


def test_a_fit_that_stops_early_is_recorded_and_raises_nothing():
    rng = np.random.default_rng(0)
    code, labels = np.exp(6 * rng.normal(size=(300, 20))), np.arange(300) % 3
    table = table_of(code, labels, n_train=200, style="paper", classifiers=["logistic"])
    assert table["converged"].tolist() == [False]
    assert table_of(*clouds(), style="paper", classifiers=["logistic"])["converged"].tolist() == [True]


def test_other_warnings_are_not_swallowed(monkeypatch):
    from sklearn.linear_model import LogisticRegression

    def warn(self, X, y):
        self.fitted_ = True
        warnings.warn("something else", RuntimeWarning, stacklevel=1)

    monkeypatch.setattr(LogisticRegression, "fit", warn)
    monkeypatch.setattr(LogisticRegression, "predict", lambda self, X: np.zeros(len(X), dtype=int))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        table_of(*clouds(), style="paper", classifiers=["logistic"])
    assert "something else" in [str(warning.message) for warning in caught]


def test_the_same_seed_gives_the_same_table():
    tables = [table_of(*clouds(spread=2.5)).drop(columns="seconds") for _ in range(2)]
    pd.testing.assert_frame_equal(*tables)


def test_the_search_is_held_to_its_number_of_stimuli(monkeypatch):
    import neurosim.analysis.codes.classification as module

    sizes = []
    fitted = module._fitted
    monkeypatch.setattr(
        module, "_fitted", lambda model, to: sizes.append(len(to.labels)) or fitted(model, to)
    )
    table_of(*clouds(), n_search=120, classifiers=["linear_svm"])
    assert sizes[-1] == 300
    assert set(sizes[:-1]) == {100}


def test_silent_neurons_and_silent_stimuli_are_no_trouble():
    code, labels = clouds(spread=0.3)
    code[:, 6:] = 0
    code[::50] = 0
    assert (table_of(code, labels)["accuracy"] > 0.9).all()


def test_bad_input_is_refused_with_what_is_wrong():
    code, labels = clouds(n=40)
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"`train_labels` of shape \(30,\)"):
        classify(code[:30], labels[:20], code[30:], labels[30:], rng=rng)
    with pytest.raises(ValueError, match="`test_labels` of shape"):
        classify(code[:30], labels[:30], code[30:], labels[:3], rng=rng)
    with pytest.raises(ValueError, match="two classes or more"):
        classify(code[:30], np.zeros(30, dtype=int), code[30:], labels[30:], rng=rng)
    with pytest.raises(ValueError, match="got also 8, 9"):
        classify(code[:30], labels[:30], code[30:], [8, 9, *labels[32:]], rng=rng)
    with pytest.raises(ValueError, match="8 neurons trained on, got 5"):
        classify(code[:30], labels[:30], code[30:, :5], labels[30:], rng=rng)
    holed = np.where(np.arange(10)[:, None] == 3, np.nan, code[30:])
    with pytest.raises(ValueError, match="finite `test_code`, got 8 NaN"):
        classify(code[:30], labels[:30], holed, labels[30:], rng=rng)
    with pytest.raises(ValueError, match="did you mean 'rbf_svm'"):
        classify(code[:30], labels[:30], code[30:], labels[30:], rng=rng, classifiers=["rbf_swm"])
    with pytest.raises(ValueError, match="did you mean 'tuned'"):
        classify(code[:30], labels[:30], code[30:], labels[30:], rng=rng, style="tune")


def test_a_class_of_one_stimulus_cannot_be_searched_on_but_can_be_fitted():
    code, labels = clouds(n=41, n_classes=2)
    labels[0] = 7
    with pytest.raises(ValueError, match="one of class 7"):
        table_of(code, labels, n_train=30)
    assert len(table_of(code, labels, n_train=30, style="paper")) == 3


def test_the_table_over_seeds_is_mean_and_sample_deviation():
    frames = [
        pd.DataFrame({"classifier": ["logistic", "rbf_svm"], "accuracy": [share, share + 0.1]})
        for share in (0.5, 0.6, 0.7)
    ]
    table = accuracy_table({"linked": frames, "pixels": frames[:1]})
    assert table[["code", "classifier"]].to_numpy().tolist() == [
        ["linked", "logistic"], ["linked", "rbf_svm"], ["pixels", "logistic"], ["pixels", "rbf_svm"],
    ]  # fmt: skip
    np.testing.assert_allclose(table["mean"], [0.6, 0.7, 0.5, 0.6])
    np.testing.assert_allclose(table["sd"], [0.1, 0.1, np.nan, np.nan])
    assert table["n"].tolist() == [3, 3, 1, 1]


def test_tables_of_other_classifiers_are_not_averaged():
    one = pd.DataFrame({"classifier": ["logistic"], "accuracy": [0.5]})
    with pytest.raises(ValueError, match="same classifiers"):
        accuracy_table({"linked": [one, one.replace("logistic", "rbf_svm")]})
    with pytest.raises(ValueError, match="one table"):
        accuracy_table({"linked": []})
