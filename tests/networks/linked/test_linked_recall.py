"""Recall of an absent modality from the code of the others: planted common causes are found again."""

import numpy as np
import pytest
from linked_cases import joined, planted

from neurosim.networks import LinkedLCA

SIZES = {"seen": 16, "heard": 12}
N_TRAIN = 300
BOTH, CAUSES = planted(400, sizes=SIZES)
TRAIN, TEST = (
    {name: array[part] for name, array in BOTH.items()} for part in (slice(N_TRAIN), slice(N_TRAIN, None))
)
FAINT = {"threshold": 0.02, "batch_size": 25, "backend": "numpy"}


def relative_error(recalled, wanted):
    return np.linalg.norm(recalled - wanted) / np.linalg.norm(wanted)


def learned(shown):
    mean_square = float(np.square(joined(shown)).mean())
    net = LinkedLCA(
        16, threshold=0.1, batch_size=25, n_epochs=4, learning_rate=4.0 * mean_square,
        learning_rate_schedule="cosine", random_state=1, backend="numpy",
    )  # fmt: skip
    # Two neurons of one cause share it out slowly.
    return net.fit(shown).set_params(threshold=0.02, presentation="30 second")


@pytest.fixture(scope="module")
def trained():
    return learned(TRAIN)


@pytest.mark.parametrize(("given", "wanted"), [("seen", "heard"), ("heard", "seen")])
def test_the_true_fields_recall_an_absent_modality(given, wanted):
    net = LinkedLCA.from_dictionary(CAUSES, **FAINT)
    recalled = net.recall({given: TEST[given]}, want=wanted)
    assert recalled.shape == TEST[wanted].shape
    assert relative_error(recalled, TEST[wanted]) < 0.05


def test_learned_fields_recall_what_was_never_shown(trained):
    assert relative_error(trained.recall({"seen": TEST["seen"]}, want="heard"), TEST["heard"]) < 0.1


# Many neurons respond to what no two causes explain.
@pytest.mark.filterwarnings("ignore:the code is dense:sklearn.exceptions.ConvergenceWarning")
def test_they_recall_nothing_where_pairs_were_shuffled_while_learning():
    shuffled = np.random.default_rng(5).permutation(N_TRAIN)
    net = learned(TRAIN | {"heard": TRAIN["heard"][shuffled]})
    # Silence would have an error of one.
    assert relative_error(net.recall({"seen": TEST["seen"]}, want="heard"), TEST["heard"]) > 0.8


def test_the_right_pair_is_recalled_and_not_just_the_average(trained):
    recalled = trained.recall({"seen": TEST["seen"]}, want="heard")
    distances = np.linalg.norm(recalled[:, np.newaxis] - TEST["heard"], axis=2)
    assert (distances.argmin(axis=1) == np.arange(len(recalled))).mean() > 0.8


def test_a_modality_that_is_present_is_reconstructed(trained):
    alone = trained.recall({"seen": TEST["seen"]}, want="seen")
    assert relative_error(alone, TEST["seen"]) < 0.1
    code = trained.transform(TEST)
    np.testing.assert_array_equal(trained.recall(TEST, want="seen"), code @ trained.dictionaries_["seen"])


def test_recall_reconstruction_and_inverse_are_the_same_numbers(trained):
    code = trained.transform({"seen": TEST["seen"]})
    parts, whole = trained.reconstruct(code), trained.inverse_transform(code)
    assert {name: part.shape for name, part in parts.items()} == {"seen": (100, 16), "heard": (100, 12)}
    np.testing.assert_allclose(np.hstack(list(parts.values())), whole, atol=1e-12)
    np.testing.assert_array_equal(trained.recall({"seen": TEST["seen"]}, want="heard"), parts["heard"])


def test_weights_do_not_enter_what_is_recalled():
    # At rest g (s - a) = threshold in the modality that is present, g being the larger weight.
    ones = {"seen": np.eye(1), "heard": 3 * np.eye(1)}
    options = {"threshold": 0.5, "presentation": "2 second", "epsilon": 0, "backend": "numpy"}
    net = LinkedLCA.from_dictionary(ones, weights={"seen": 2, "heard": 1}, **options)
    np.testing.assert_allclose(net.recall({"seen": [[1.0]]}, want="heard"), [[3 * 0.75]], atol=1e-9)


def test_a_weak_modality_alone_is_as_strong_as_the_strongest():
    ones = {"seen": np.eye(1), "heard": np.eye(1)}
    options = {"threshold": 0.2, "presentation": "2 second", "epsilon": 0, "backend": "numpy"}
    net = LinkedLCA.from_dictionary(ones, weights={"heard": 0.1}, **options)
    # With its own weight, a tenth, it would stay below the threshold.
    for name in ones:
        np.testing.assert_allclose(net.transform({name: [[1.0]]}), [[0.8]], atol=1e-9)
    both = net.transform({"seen": [[1.0]], "heard": [[1.0]]})
    np.testing.assert_allclose(both, [[1 - 0.2 / 1.1]], atol=1e-9)


def test_neurons_that_adapt_recall_what_all_with_the_same_print_have_seen():
    # One print, a little stronger in the first neuron, which without adaptation takes all of it.
    fields = {"seen": np.eye(2), "printed": np.array([[1.0], [0.9]])}
    options = {"threshold": 0.1, "presentation": "20 second", "epsilon": 0, "backend": "numpy"}
    net = LinkedLCA.from_dictionary(fields, weights={"printed": 0.3}, **options)
    np.testing.assert_allclose(net.recall({"printed": [[1.0]]}, want="seen"), [[0.9, 0]], atol=1e-6)
    net.set_params(adaptation=0.5)
    # At rest phi_i (s - sum phi_j a_j) = threshold + c a_i.
    overlaps = fields["printed"] @ fields["printed"].T + 0.5 * np.eye(2)
    expected = np.linalg.solve(overlaps, fields["printed"][:, 0] - 0.1)
    assert expected.min() > 0.2
    np.testing.assert_allclose(net.recall({"printed": [[1.0]]}, want="seen"), [expected], atol=1e-6)


def test_neurons_adapt_while_they_recall_and_not_otherwise():
    fields = {"seen": np.eye(2), "printed": np.array([[1.0], [0.9]])}
    options = {"threshold": 0.1, "presentation": "3 second", "epsilon": 0, "backend": "numpy"}
    net = LinkedLCA.from_dictionary(fields, recall_adaptation=0.5, **options)
    adapting = LinkedLCA.from_dictionary(fields, adaptation=0.5, **options)
    plain = LinkedLCA.from_dictionary(fields, **options)
    shown = {"printed": [[1.0]]}
    np.testing.assert_array_equal(net.recall(shown, want="seen"), adapting.recall(shown, want="seen"))
    assert np.abs(net.recall(shown, want="seen") - plain.recall(shown, want="seen")).max() > 0.2
    # What is there is rebuilt from the code that `transform` returns.
    np.testing.assert_array_equal(net.transform(shown), plain.transform(shown))
    np.testing.assert_array_equal(net.recall(shown, want="printed"), plain.recall(shown, want="printed"))
    none = LinkedLCA.from_dictionary(fields, adaptation=0.5, recall_adaptation=0, **options)
    np.testing.assert_array_equal(none.recall(shown, want="seen"), plain.recall(shown, want="seen"))


def test_hard_thresholds_recall_without_adaptation_only():
    with pytest.raises(ValueError, match="recall_adaptation: goes with threshold_kind"):
        LinkedLCA.from_dictionary(CAUSES, threshold_kind="hard", recall_adaptation=0.5, threshold=0.1)
    LinkedLCA.from_dictionary(CAUSES, threshold_kind="hard", recall_adaptation=0, threshold=0.1)
