"""Positions of fields over a picture, and the overlaps and the stiffness of all of them without a matrix of all."""

import numpy as np
import pytest

from neurosim.engine.shared.grid import Grid, grid_of_positions
from neurosim.engine.shared.patches import add_patches, patch_products
from neurosim.engine.shared.spectrum import largest_shared_overlap
from neurosim.engine.shared.weights import joint_overlaps, shared_overlaps

RNG = np.random.default_rng(2)
GRIDS = [
    Grid((7,), (3,), (2,)),
    Grid((8, 9), (4, 3), (2, 3)),
    Grid((8, 9), (4, 3), (2, 3), "torus"),
    Grid((5, 6), (4, 3), (1, 2), "torus"),
    Grid((7, 5), (4, 3), (2, 3), "same"),
    Grid((4, 6, 6), (2, 3, 3), (1, 3, 1)),
    Grid((6, 6), (3, 3), (1, 1), "valid", 2),
]


def placed(fields, grid):
    """Every neuron's field among the pixels of the canvas, by plain loops over positions and pixels."""
    rows = []
    for position in np.ndindex(*grid.positions):
        for field in fields.reshape(len(fields), *grid.field, grid.channels):
            canvas = np.zeros((*grid.canvas, grid.channels))
            for pixel in np.ndindex(*grid.field):
                at = [x * s + z for x, s, z in zip(position, grid.stride, pixel, strict=True)]
                if grid.boundary == "torus":
                    at = [y % n for y, n in zip(at, grid.canvas, strict=True)]
                canvas[tuple(at)] += field[pixel]
            rows.append(canvas.ravel())
    return np.array(rows)


def fields_of(grid, n=3):
    return RNG.standard_normal((n, grid.field_size))


@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_every_pixel_is_in_a_field(grid):
    assert (placed(np.ones((1, grid.field_size)), grid).sum(axis=0) > 0).all()


@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_both_directions_are_those_of_the_matrix_of_all_fields(grid):
    fields = fields_of(grid)
    matrix, code = placed(fields, grid), RNG.standard_normal((2, 3 * grid.n_positions))
    code[:, ::2] = 0
    pictures = np.zeros((2, grid.n_pixels))
    add_patches(pictures, code, fields, grid.fields)
    np.testing.assert_allclose(pictures, code @ matrix, atol=1e-12)
    np.testing.assert_allclose(patch_products(pictures, fields, grid.fields), pictures @ matrix.T, atol=1e-12)


@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_the_table_holds_the_overlaps_of_all_pairs(grid):
    fields = fields_of(grid)
    matrix, code = placed(fields, grid), RNG.standard_normal((1, 3 * grid.n_positions))
    inhibition = np.zeros_like(code)
    add_patches(inhibition, code, shared_overlaps(fields, grid), grid.overlaps(3))
    np.testing.assert_allclose(inhibition, code @ (matrix @ matrix.T - np.eye(len(matrix))), atol=1e-11)


@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_no_population_is_stiffer_than_the_spectrum_says(grid):
    fields = fields_of(grid)
    strongest = np.linalg.eigvalsh(placed(fields, grid) @ placed(fields, grid).T)[-1]
    found = largest_shared_overlap(fields, grid)
    if grid.boundary == "torus":
        assert found == pytest.approx(strongest)
    else:
        assert strongest < 1.001 * found < 4 * strongest


# Of the same positions; in some the farthest reach is one picture's along one axis, another's along the other.
SEVERAL = [
    [Grid((8, 9), (4, 3), (2, 3)), Grid((5, 9), (3, 5), (1, 2)), Grid((6, 6), (2, 2), (2, 2), "valid", 2)],
    [Grid((8, 9), (4, 3), (2, 3), "torus"), Grid((4, 6), (3, 2), (1, 2), "torus")],
    [Grid((7, 5), (4, 3), (2, 3), "same"), Grid((4, 2), (4, 1), (1, 1), "same")],
    [Grid((4, 6, 6), (2, 3, 3), (1, 3, 1)), Grid((3, 2, 6), (1, 1, 3), (1, 1, 1))],
]


def several_of(grids):
    """Fields in every picture, and every neuron's among the pixels of all."""
    fields = [fields_of(grid) for grid in grids]
    return fields, np.hstack([placed(*each) for each in zip(fields, grids, strict=True)])


@pytest.mark.parametrize("grids", SEVERAL, ids=lambda grids: grids[0].boundary)
def test_the_table_of_several_pictures_holds_the_sums_of_their_overlaps(grids):
    fields, matrix = several_of(grids)
    grid = grid_of_positions(grids)
    assert (grid.positions, grid.n_positions) == (grids[0].positions, grids[0].n_positions)
    code = RNG.standard_normal((1, 3 * grid.n_positions))
    inhibition = np.zeros_like(code)
    add_patches(inhibition, code, joint_overlaps(fields, grids), grid.overlaps(3))
    np.testing.assert_allclose(inhibition, code @ (matrix @ matrix.T - np.eye(len(matrix))), atol=1e-11)


@pytest.mark.parametrize("grids", SEVERAL, ids=lambda grids: grids[0].boundary)
def test_no_population_over_several_pictures_is_stiffer_than_their_spectrum_says(grids):
    fields, matrix = several_of(grids)
    strongest = np.linalg.eigvalsh(matrix @ matrix.T)[-1]
    found = largest_shared_overlap(np.hstack(fields), *grids)
    if grids[0].boundary == "torus":
        assert found == pytest.approx(strongest)
    else:
        assert strongest < 1.001 * found < 4 * strongest


def test_pictures_of_different_positions_share_no_table():
    with pytest.raises(ValueError, match="expected grids of the same positions and boundary"):
        grid_of_positions([GRIDS[1], GRIDS[2]])


def test_a_picture_keeps_its_sizes_through_same():
    grid = Grid((7, 5), (4, 3), (2, 3), "same")
    assert (grid.positions, grid.margins, grid.canvas) == ((4, 2), ((1, 2), (0, 1)), (10, 6))
    assert grid.patch_areas == 5


def test_films_have_time_first():
    assert Grid((4, 6, 6), (2, 3, 3), (1, 3, 1)).axes == ("frames", "rows", "columns")


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        (((8, 8), (4, 4), (5, 5)), "stride: expected 1 to 4 rows, the size of a field, got 5"),
        (((3, 8), (4, 4), (2, 2)), "expected pictures of 4 rows or more"),
        (((8, 9), (4, 4), (2, 2)), "the last 1 would be in no field; cut them to 8 columns"),
        (((8, 8), (4,), (2, 2)), "of equally many axes, one to three"),
        (((8, 8), (4, 4), (2, 2), "round"), "boundary: expected one of valid, same, torus, got 'round'"),
    ],
)
def test_a_grid_that_does_not_cover_a_picture_is_refused(sizes, message):
    with pytest.raises(ValueError, match=message):
        Grid(*sizes)
