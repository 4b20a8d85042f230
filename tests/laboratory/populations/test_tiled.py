"""Fields on a grid: where they lie, how they inhibit each other, and which networks have such inhibition."""

import numpy as np
import pytest
from sklearn.linear_model import Lasso

from neurosim.front_end import FrontEnd, ParallelFrontEnd
from neurosim.laboratory import answers, map_fields, tile
from neurosim.networks import (
    LCA,
    WLSC,
    ConvolutionalLCA,
    EINet,
    ParallelLCA,
    SAILnet,
    SpikingLCA,
    TopographicLCA,
)
from neurosim.networks.models import MODELS
from neurosim.stimuli import ZCA, VisualField, white_noise

SIDE, N, BACKEND = 4, 5, "numpy"


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def fields(rng, n=N, n_pixels=SIDE**2):
    rows = rng.normal(size=(n, n_pixels))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def lca(rng, **parameters):
    given = {"threshold": 0.3, "backend": BACKEND, "batch_size": 4, "epsilon": 0.0} | parameters
    return LCA.from_dictionary(fields(rng), **given)


def test_the_middle_tile_is_named_and_its_units_keep_the_networks_order(rng):
    net = lca(rng)
    tiled = tile(net, stride=2, size=8)
    assert tiled.places.tolist() == [[r, c] for r in (0, 2, 4) for c in (0, 2, 4)]
    assert tiled.corner == (2, 2)
    assert tiled.central.tolist() == list(range(4 * N, 5 * N))
    inside = tiled.fields[:, 0, 2:6, 2:6]
    assert np.array_equal(inside.reshape(N, -1), net.dictionary_)
    assert np.count_nonzero(tiled.fields) == np.count_nonzero(net.dictionary_)


def test_fields_of_four_channels_are_tiled_channel_by_channel_and_mapped_by_white_noise(rng):
    relays = [FrontEnd(gain=gain, on_off="push_pull") for gain in (1.0, 0.5)]
    before = ParallelFrontEnd(relays, names=["broad", "sharp"])
    net = LCA.from_dictionary(
        fields(rng, n_pixels=4 * SIDE**2), threshold=0.3, backend=BACKEND, batch_size=4, epsilon=0.0
    )
    tiled = tile(net, stride=2, size=8, front_end=before)
    inside = tiled.fields[:, :, 2:6, 2:6]
    assert np.array_equal(inside.reshape(N, -1), net.dictionary_)
    noise = white_noise(4000, field=VisualField(8, 8, 8), rms=1.0, rng=0)
    mapped = map_fields(noise, answers(tiled.without_interactions(threshold=None), noise)).field.values
    wanted = before.adjoint(tiled.fields)
    cosine = (mapped * wanted).sum((1, 2)) / np.sqrt((mapped**2).sum((1, 2)) * (wanted**2).sum((1, 2)))
    assert cosine.min() > 0.98


def copies(net, tiled):
    """A network of the same kind with a neuron of its own for every field at every place, as tiling is meant."""
    kept = {name: value for name, value in net.get_params().items() if name not in ("n_neurons", "streams")}
    placed = np.stack([row for place in tiled.places for row in over_larger_field(tiled, place)])
    return LCA.from_dictionary(placed, **kept)


def over_larger_field(tiled, place):
    row, column = place
    wider = np.zeros((len(tiled.patches), tiled.patches.shape[1], tiled.size, tiled.size))
    wider[:, :, row : row + tiled.side, column : column + tiled.side] = tiled.patches
    return wider.reshape(len(wider), -1)


def drifting(n, size):
    """Gratings of all orientations in discs, as the laboratory shows them."""
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    angles, radii = np.linspace(0, np.pi, n, endpoint=False), np.linspace(1.5, size, n)
    return np.array(
        [
            1.5 * np.cos(1.3 * (x * np.cos(a) + y * np.sin(a)) + 2 * a) * (np.hypot(x, y) < r)
            for a, r in zip(angles, radii, strict=True)
        ]
    )


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"nonnegative": True, "adaptation": 0.5},
        {"form": "residual"},
        {"threshold_kind": "firm"},
        {"membrane_terms": "- 0.2*u", "dt": "0.5 ms", "presentation": "300 ms"},
    ],
    ids=["signed", "adapting", "residual", "firm", "terms"],
)
def test_fields_on_a_grid_answer_gratings_as_copies_of_them_would(rng, given):
    net = lca(rng, tolerance=1e-9, **given)
    tiled = tile(net, stride=2, size=8)
    gratings = drifting(6, 8)
    wanted = copies(net, tiled).transform(gratings.reshape(6, -1))
    assert isinstance(tiled.network, ConvolutionalLCA)
    np.testing.assert_allclose(tiled.respond_all(gratings), wanted, atol=1e-6)
    assert (wanted != 0).mean() > 0.02


def test_without_interactions_a_stimulus_on_a_units_place_gets_the_untiled_answer(rng):
    net = lca(rng)
    tiled = tile(net, stride=2, size=8)
    patch = rng.normal(size=(3, SIDE, SIDE))
    image = np.zeros((3, 8, 8))
    image[:, 2:6, 2:6] = patch
    drive = patch.reshape(3, -1) @ net.dictionary_.T
    assert np.allclose(tiled.without_interactions(threshold=None)(image), drive)
    assert np.allclose(tiled.without_interactions()(image), np.maximum(drive, 0))
    assert np.allclose(tiled.without_interactions(threshold="own")(image), np.maximum(drive - 0.3, 0))


def test_tiles_that_do_not_overlap_answer_as_the_untiled_network(rng):
    net = lca(rng)
    tiled = tile(net, stride=SIDE, size=3 * SIDE)
    image = rng.normal(size=(2, 12, 12))
    every = tiled.respond_all(image).reshape(2, 9, N)
    for k, (row, column) in enumerate(tiled.places):
        patch = image[:, row : row + SIDE, column : column + SIDE].reshape(2, -1)
        assert np.allclose(every[:, k], net.transform(patch), atol=1e-6)
    assert np.array_equal(tiled.respond(image), every[:, 4])


def test_the_tiled_population_settles_at_the_lasso_of_all_its_fields(rng):
    net = lca(rng, nonnegative=True)
    tiled = tile(net, stride=2, size=8)
    image = rng.normal(size=(1, 8, 8))
    lasso = Lasso(alpha=0.3 / 64, positive=True, fit_intercept=False, tol=1e-10, max_iter=100_000)
    wanted = lasso.fit(copies(net, tiled).dictionary_.T, image.ravel()).coef_
    assert np.allclose(tiled.respond_all(image)[0], wanted, atol=1e-4)
    assert np.count_nonzero(wanted) > 3


def test_what_lies_around_suppresses_tiled_units_and_not_those_that_act_alone():
    net = LCA.from_dictionary(np.full((1, 16), 0.25), threshold=0.1, backend=BACKEND)
    tiled = tile(net, stride=2, size=8)
    small, large = np.zeros((2, 8, 8))
    small[2:6, 2:6] = 1.0
    large[:] = 1.0
    alone = tiled.without_interactions()(np.stack([small, large]))
    together = tiled.respond(np.stack([small, large]))
    assert alone[0, 0] == alone[1, 0] > 0
    assert together[1, 0] < 0.8 * together[0, 0]


def test_a_tiled_network_keeps_threshold_kind_sign_and_times(rng):
    learned = LCA(
        N, nonnegative=True, threshold_kind="firm", tau="5 ms", epsilon=0.01, n_epochs=1,
        backend=BACKEND, random_state=0, initial_dictionary=fields(rng),
    ).fit(rng.normal(size=(200, SIDE**2)))  # fmt: skip
    tiled = tile(learned, stride=2, size=8).network
    kept = tiled.get_params()
    assert kept["threshold"] == learned.threshold_ == tiled.threshold_
    for name in ("nonnegative", "threshold_kind", "tau", "epsilon", "backend", "batch_size", "random_state"):
        assert kept[name] == learned.get_params()[name], name


def test_fields_of_single_precision_are_simulated_in_it(rng):
    net = LCA.from_dictionary(fields(rng).astype(np.float32), threshold=0.3, backend=BACKEND)
    tiled = tile(net, stride=2, size=8)
    assert tiled.network.dictionary_.dtype == np.float32
    assert tiled.respond(rng.normal(size=(1, 8, 8))).dtype == np.float64


def test_relays_come_first_and_pixels_second_over_the_larger_field_too(rng):
    net = LCA.from_dictionary(fields(rng, n_pixels=2 * SIDE**2), threshold=0.3, backend=BACKEND)
    tiled = tile(net, stride=2, size=8, front_end=FrontEnd(on_off="split"))
    assert tiled.fields.shape == (N, 2, 8, 8)
    image = np.zeros((1, 8, 8))
    image[0, 3, 4] = -2.0  # OFF, at (1, 2) of the middle patch
    wanted = 2.0 * net.dictionary_.reshape(N, 2, SIDE, SIDE)[:, 1, 1, 2]
    assert np.allclose(tiled.without_interactions(threshold=None)(image)[0], wanted)


def test_a_spiking_network_tiles_with_its_charge_and_counts_spikes(rng):
    options = {
        "threshold": 0.3,
        "charge": 0.5,
        "dt": "0.05 ms",
        "presentation": "20 ms",
        "backend": BACKEND,
    }
    tiled = tile(SpikingLCA.from_dictionary(fields(rng), **options), stride=2, size=8)
    images = 2 * rng.normal(size=(2, 8, 8))
    counts, rates = tiled.spike_counts(images), tiled.respond(images)
    assert (tiled.network.charge_, tiled.network.threshold_) == (0.5, 0.3)
    assert counts.shape == (2, 2 * N)
    per_spike = 0.5 * 1 / 20  # charge · tau / presentation
    assert np.allclose(per_spike * (counts[:, :N] - counts[:, N:]), rates, rtol=1e-5)
    assert rates.any()


def test_membranes_have_no_spikes_to_count(rng):
    with pytest.raises(ValueError, match="expected a network that spikes, got ConvolutionalLCA"):
        tile(lca(rng), stride=2, size=8).spike_counts(np.zeros((1, 8, 8)))


def test_a_torus_goes_on_from_tile_to_tile(rng):
    net = TopographicLCA.from_dictionary(fields(rng, 12), threshold=0.5, sheet=(3, 4), backend=BACKEND)
    tiled = tile(net, stride=2, size=8)
    assert tiled.network.sheet == (9, 12)
    assert np.array_equal(tiled.network.positions_ % [3, 4], net.positions_[tiled.neurons])
    assert np.array_equal(tiled.network.positions_ // [3, 4], np.stack(np.divmod(tiled.tiles, 3), axis=1))
    assert np.array_equal(tiled.neurons[tiled.central], np.arange(12))
    assert np.array_equal(tiled.fields[:, 0, 2:6, 2:6].reshape(12, -1), net.dictionary_)


def test_copies_of_a_sheet_that_all_see_the_same_answer_as_the_sheet_alone(rng):
    options = {"threshold": 0.5, "sheet": (3, 4), "backend": BACKEND, "tolerance": 1e-8, "epsilon": 0.0}
    net = TopographicLCA.from_dictionary(fields(rng, 12), **options)
    patch = rng.normal(size=(1, SIDE, SIDE))
    tiled = tile(net, stride=SIDE, size=3 * SIDE)
    found = tiled.respond(np.tile(patch, (1, 3, 3)))
    assert np.allclose(found, net.transform(patch.reshape(1, -1)), atol=1e-4)


def test_a_sheet_with_edges_is_refused(rng):
    net = TopographicLCA.from_dictionary(fields(rng, 9), threshold=0.5, torus=False)
    with pytest.raises(ValueError, match="torus=True"):
        tile(net, stride=2, size=8)


@pytest.mark.parametrize(
    ("network", "reason"),
    [
        (SAILnet(N), "learned between neurons of one patch"),
        (EINet(N), "learned between neurons of one patch"),
        (WLSC(N), "distances between a field and the whole stimulus"),
    ],
)
def test_networks_with_other_inhibition_stay_on_their_patch(network, reason):
    with pytest.raises(ValueError, match=reason):
        tile(network, stride=2, size=8)


def test_every_model_says_whether_it_tiles_and_if_not_why():
    assert {model.name for model in MODELS if not model.untiled} == {
        "lca", "parallel-lca", "spiking-lca", "topographic-lca", "convolutional-lca",
    }  # fmt: skip
    assert all(len(model.untiled) > 40 for model in MODELS if model.untiled)


@pytest.mark.parametrize(("stride", "size"), [(2, 6), (3, 9), (0, 8), (5, 14), (2, 4), (2, 9)])
def test_a_grid_without_a_middle_tile_is_refused_with_sizes_that_have_one(rng, stride, size):
    with pytest.raises(ValueError, match=f"got stride={stride}, size={size}"):
        tile(lca(rng), stride=stride, size=size)
    with pytest.raises(ValueError, match="with this stride: 8, 12, 16"):
        tile(lca(rng), stride=2, size=6)


def test_fields_that_are_no_square_patches_are_refused(rng):
    net = LCA.from_dictionary(fields(rng, n_pixels=12), threshold=0.3)
    with pytest.raises(ValueError, match="expected fields on square patches"):
        tile(net, stride=2, size=8)


def test_a_front_end_that_divides_by_contrast_is_refused(rng):
    with pytest.raises(ValueError, match="expected a front end of fixed gain"):
        tile(lca(rng), stride=2, size=8, front_end=FrontEnd(normalise="patch"))


def test_the_networks_own_front_end_is_kept_where_no_other_is_given(rng):
    net = lca(rng)
    net.front_end_ = FrontEnd(gain=3.0)
    assert tile(net, stride=2, size=8).front_end is net.front_end_
    other = tile(net, stride=2, size=8, front_end=FrontEnd(gain=2.0))
    assert other.front_end.gain == 2.0
    net.front_end_ = FrontEnd(normalise="patch")
    with pytest.raises(ValueError, match="expected a front end of fixed gain"):
        tile(net, stride=2, size=8)


def test_a_front_end_of_the_patchs_size_cannot_see_the_larger_field(rng):
    whitening = ZCA().fit(rng.normal(size=(200, SIDE**2)))
    with pytest.raises(ValueError, match="expected images of 16 pixels"):
        tile(lca(rng), stride=2, size=8, front_end=FrontEnd(whitening))


def test_images_of_another_size_are_refused(rng):
    with pytest.raises(ValueError, match=r"expected images \(n_images, 8, 8\)"):
        tile(lca(rng), stride=2, size=8).respond(np.zeros((1, 4, 4)))


def test_nine_tiles_of_many_fields_fit_in_memory(rng):
    net = SpikingLCA.from_dictionary(
        fields(rng, 256, 256).astype(np.float32), threshold=2.0, charge=0.5, backend=BACKEND
    )
    copied = tile(net, stride=8, size=32)
    assert copied.network.dictionary_.shape == (2304, 1024)
    assert copied.network.dictionary_.nbytes < 10e6
    shared = tile(LCA.from_dictionary(net.dictionary_, threshold=2.0, backend=BACKEND), stride=8, size=32)
    assert len(shared.tiles) == 2304
    assert shared.network.dictionary_.nbytes < 0.3e6


class _TwoChannels(FrontEnd):
    """The image, and its negative."""

    n_channels = 2

    def rows(self, images):
        pictures = np.asarray(images, dtype=np.float64).reshape(len(images), -1)
        return np.hstack([pictures, -pictures])


def test_streams_answer_on_a_grid_as_copies_of_their_fields_would(rng):
    rows = np.zeros((N, 2 * SIDE**2))
    rows[:3, : SIDE**2], rows[3:, SIDE**2 :] = fields(rng, 3), fields(rng, 2)
    net = ParallelLCA.from_dictionary(
        rows, streams=((3, 16), (2, 16)), threshold=0.3, backend=BACKEND, batch_size=4, epsilon=0.0,
        tolerance=1e-9, adaptation=0.4,
    )  # fmt: skip
    tiled = tile(net, stride=2, size=8, front_end=_TwoChannels())
    gratings = drifting(5, 8)
    wanted = copies(net, tiled).transform(_TwoChannels().rows(gratings))
    place_by_place = np.lexsort((tiled.neurons, tiled.tiles))
    np.testing.assert_allclose(tiled.respond_all(gratings)[:, place_by_place], wanted, atol=1e-6)
    np.testing.assert_allclose(tiled.respond(gratings), wanted[:, 4 * N : 5 * N], atol=1e-6)
    code, unsettled = tiled.network.settle(_TwoChannels().rows(gratings))
    np.testing.assert_array_equal(code, tiled.respond_all(gratings))
    assert not unsettled.any()
    assert tiled.without_interactions(threshold="own")(gratings).shape == (5, N)
    assert (wanted > 0.01).any()
    assert np.array_equal(tiled.fields[:, :, 2:6, 2:6].reshape(N, -1), rows)


def test_neurons_that_stand_everywhere_are_shown_larger_pictures(rng):
    bars = fields(rng).reshape(N, SIDE, SIDE)
    net = ConvolutionalLCA.from_dictionary(bars, stride=2, threshold=0.3, backend=BACKEND)
    tiled = tile(net, stride=2, size=12)
    picture = rng.normal(size=(2, 12, 12))
    np.testing.assert_array_equal(tiled.respond(picture), net.transform(picture)[:, 2, 2])
    assert np.array_equal(tiled.fields[:, 0, 4:8, 4:8], bars)
    with pytest.raises(ValueError, match="stride at which the network's fields stand, 2, got stride=1"):
        tile(net, stride=1, size=12)
    oblong = ConvolutionalLCA.from_dictionary(bars[:, :3], stride=2, threshold=0.3, backend=BACKEND)
    with pytest.raises(ValueError, match="expected square fields of pictures with the front end's 1 channel"):
        tile(oblong, stride=2, size=12)


def test_what_derives_from_an_lca_is_copied_as_it_is(rng):
    class Louder(LCA):
        """An LCA of somebody's own."""

    net = Louder.from_dictionary(fields(rng), threshold=0.3, backend=BACKEND, epsilon=0.0, tolerance=1e-9)
    tiled = tile(net, stride=2, size=8)
    assert type(tiled.network) is Louder
    shared = tile(lca(rng, tolerance=1e-9), stride=2, size=8)
    assert tiled.network.lateral_.shape == (len(shared.tiles),) * 2
    one, other = 4 * N + 1, 2 * N + 3  # at (2, 2) and at (0, 4): two rows and two columns in common
    patches = net.dictionary_.reshape(N, SIDE, SIDE)
    assert tiled.network.lateral_[one, other] == pytest.approx(
        (patches[1][:2, 2:] * patches[3][2:, :2]).sum()
    )
    assert tiled.network.lateral_[0 * N, 8 * N] == 0  # tiles that do not touch


def test_streams_that_see_parts_of_a_channel_are_not_tiled(rng):
    net = ParallelLCA.from_dictionary(np.zeros((2, 16)), streams=((1, 8), (1, 8)), backend=BACKEND)
    with pytest.raises(ValueError, match=r"whole channels of 16 pixels, got streams that see 8, 8 values"):
        tile(net, stride=2, size=8)
