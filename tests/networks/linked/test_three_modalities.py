"""Three modalities share a code, and any one or two of them may be missing."""

from itertools import combinations

import numpy as np
import pytest

from neurosim.networks import LinkedLCA
from neurosim.stimuli import dialled_digits, embedded_digits, printed_digits, split_digits, unit_norm
from neurosim.stimuli.digits.fonts import find_font

# Of the 1,797 digits a part, so that learning takes seconds.
TRAIN, TEST = split_digits(
    split_digits(embedded_digits(), n_test=900, rng=np.random.default_rng(0))[1],
    n_test=200,
    rng=np.random.default_rng(1),
)
PRINTS = unit_norm(printed_digits(8, font=find_font("DejaVu Sans"), fraction=1.0).flat)
NAMES = ("handwriting", "printed", "sound")


def shown(digits, *, seed):
    heard = dialled_digits(digits.labels, rng=seed).reshape(len(digits), -1)
    return {
        "handwriting": unit_norm(digits.flat),
        "printed": PRINTS[digits.labels],
        "sound": unit_norm(heard),
    }


SEEN, ASKED = shown(TRAIN, seed=1), shown(TEST, seed=2)
MEANS = {
    name: np.stack([rows[TRAIN.labels == digit].mean(axis=0) for digit in range(10)])
    for name, rows in SEEN.items()
}


def learned(pairs):
    net = LinkedLCA(
        60, threshold=0.1, batch_size=50, n_epochs=2, learning_rate=0.3125, initial_dictionary="stimuli",
        random_state=0, backend="numpy",
    )  # fmt: skip
    return net.fit(pairs)


def right(net, present, want):
    recalled = net.recall({name: ASKED[name] for name in present}, want=want)
    return np.mean((unit_norm(recalled + 1e-12) @ unit_norm(MEANS[want]).T).argmax(axis=1) == TEST.labels)


@pytest.fixture(scope="module")
def trained():
    return learned(SEEN)


@pytest.mark.parametrize("missing", NAMES)
def test_whichever_is_missing_is_recalled_from_the_others(trained, missing):
    assert right(trained, [name for name in NAMES if name != missing], missing) >= 0.95


@pytest.mark.parametrize(("alone", "wanted"), list(combinations(NAMES, 2)))
def test_one_alone_recalls_the_others(trained, alone, wanted):
    assert right(trained, [alone], wanted) > 0.9


# Many neurons respond to what no two causes explain.
@pytest.mark.filterwarnings("ignore:the code is dense:sklearn.exceptions.ConvergenceWarning")
def test_nothing_is_recalled_where_pairs_were_shuffled_while_learning():
    rng = np.random.default_rng(3)
    net = learned(SEEN | {name: rng.permutation(SEEN[name]) for name in ("printed", "sound")})
    for missing in NAMES:
        assert right(net, [name for name in NAMES if name != missing], missing) < 0.3
