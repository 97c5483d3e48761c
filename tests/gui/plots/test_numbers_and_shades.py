"""Numbers on axes, shading, level lines, extents: what needs no window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emdesk.gui.plots.extents import frame_key, home_extent, steadied
from emdesk.gui.plots.level_lines import level_lines
from emdesk.gui.plots.renderers.curve import stepped
from emdesk.gui.plots.renderers.points import LEVELS, certainty, fill_levels, point_size
from emdesk.gui.plots.renderers.series import runs
from emdesk.gui.plots.row_picker import RowPicker, inside
from emdesk.gui.plots.shading import ramp_table, shade_counts, shade_values
from emdesk.gui.plots.ticks import decade_texts, decade_values, tick_texts, tick_values
from emdesk.gui.plots.timeline_track import gain_heights
from tests.gui.plots import pictures


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (-3.2, 7.9), (1e8, 1e8 + 3), (1e-9, 4e-9), (-1e12, 1e12), (0, 1e-300)]
)
def test_an_axis_has_at_most_seven_round_numbers_inside_its_range(low: float, high: float) -> None:
    values, step = tick_values(low, high)
    assert 2 <= len(values) <= 7
    slack = 1e-6 * (high - low)
    assert values[0] >= low - slack and values[-1] <= high + slack
    assert np.allclose(np.diff(values), step)
    assert len(set(tick_texts(values, step))) == len(values)


def test_numbers_are_written_with_a_true_minus_narrow_spaces_and_equal_decimals() -> None:
    assert tick_texts(np.array([-1500.0, 0.0, 1500.0]), 1500.0) == [
        "−1\u202f500",
        "0",
        "1\u202f500",
    ]
    assert tick_texts(np.array([0.5, 1.0, 1.5]), 0.5) == ["0.5", "1.0", "1.5"]
    assert tick_texts(np.array([-2e-9, 0.0, 2e-9]), 2e-9) == ["−2e−9", "0", "2e−9"]


def test_years_are_written_without_a_space() -> None:
    assert tick_texts(np.array([1900.0, 1950.0]), 50.0, grouped=False) == ["1900", "1950"]


def test_iterations_are_numbered_whole() -> None:
    values, step = tick_values(0, 2, whole=True)
    assert values.tolist() == [0, 1, 2] and step == 1


def test_gains_are_numbered_in_powers_of_ten() -> None:
    values, _ = decade_values(-9.3, 1.2, 4)
    assert decade_texts(values) == ["10⁻⁹", "10⁻⁶", "10⁻³", "1"]


def test_a_range_without_width_has_no_numbers() -> None:
    assert len(tick_values(1, 1)[0]) == len(tick_values(0, float("nan"))[0]) == 0


def test_the_colour_of_a_pixel_mixes_its_groups_and_its_opacity_grows_with_the_count() -> None:
    counts = np.array([[[0.0, 1.0, 5.0]], [[0.0, 1.0, 95.0]]])
    image = shade_counts(counts, [(200, 0, 0), (0, 100, 0)])
    assert image.shape == (1, 3, 4)
    assert image[0, 0].tolist() == [0, 0, 0, 0]
    assert image[0, 1, :3].tolist() == [100, 50, 0]
    assert image[0, 2, :3].tolist() == [10, 95, 0]
    assert 0 < image[0, 1, 3] < image[0, 2, 3]


def test_no_rows_leave_the_paper_white() -> None:
    assert not shade_counts(np.zeros((2, 3, 4)), [(1, 2, 3), (4, 5, 6)]).any()


def test_a_heatmap_starts_at_the_surface_and_missing_values_are_transparent() -> None:
    table = ramp_table([(255, 255, 255), (0, 0, 0)])
    image = shade_values(np.array([[0.0, 0.25, 1.0, np.nan]]), table)
    assert image[0, :, 0].tolist() == [255, 127, 0, 0]
    assert image[0, :, 3].tolist() == [255, 255, 255, 0]


def test_signed_values_are_shaded_about_zero() -> None:
    table = ramp_table([(0, 0, 255), (255, 255, 255), (255, 0, 0)], 257)
    image = shade_values(np.array([[-2.0, 0.0, 1.0]]), table, signed=True)
    assert image[0, 0, :3].tolist() == [0, 0, 255]
    assert image[0, 1, :3].tolist() == [255, 255, 255]
    assert image[0, 2, :3].tolist() == [255, 128, 128]


def test_a_level_line_of_a_round_hill_is_one_closed_circle() -> None:
    axis = np.linspace(-1.95, 1.95, 40)
    values = -np.hypot(axis[None, :], axis[:, None])
    lines = level_lines(values, (-2, 2, -2, 2), -1.0)
    assert len(lines) == 1
    assert np.allclose(lines[0][:, 0], lines[0][:, -1])
    assert np.allclose(np.hypot(*lines[0]), 1.0, atol=0.01)


def test_a_level_line_that_leaves_the_grid_stays_open_and_a_flat_function_has_none() -> None:
    slope = np.tile(np.arange(5.0), (4, 1))
    (line,) = level_lines(slope, (0, 5, 0, 4), 1.5)
    assert np.allclose(line[0], 2.0) and line[1].min() == 0.5 and line[1].max() == 3.5
    assert level_lines(np.ones((4, 4)), (0, 1, 0, 1), 1.0) == []


def test_a_saddle_gives_two_lines() -> None:
    values = np.array([[1.0, 0.0], [0.0, 1.0]])
    assert len(level_lines(values, (0, 2, 0, 2), 0.5)) == 2


def test_the_axes_follow_the_rows_not_the_moving_fit() -> None:
    assert home_extent(pictures.scatter()) == home_extent(pictures.scatter(moved=5.0))
    assert frame_key(pictures.scatter()) == frame_key(pictures.scatter(moved=5.0))
    other = replace(pictures.scatter(), x_label="c")
    assert frame_key(other) != frame_key(pictures.scatter())


def test_a_single_row_still_has_an_axis() -> None:
    one = replace(
        pictures.points(),
        x=np.array([5.0]),
        y=np.array([0.0]),
        group=np.array([0]),
        rows=np.array([0]),
        top_probability=None,
    )
    x0, x1, y0, y1 = home_extent(replace(pictures.scatter(), marks=(one,)))
    assert x0 < 5 < x1 and y0 < 0 < y1


def test_a_collapsing_component_does_not_flatten_the_histogram() -> None:
    calm, spike = home_extent(pictures.histogram()), home_extent(pictures.histogram(peak=1e6))
    assert spike[3] <= 1.06 * 1.6 * 0.9 + 1e-9
    grown = steadied(spike, calm, pictures.histogram())
    assert grown[3] == spike[3]


def test_nothing_at_all_has_the_unit_square() -> None:
    assert home_extent(replace(pictures.scatter(), marks=())) == (0, 1, 0, 1)


def test_a_row_is_hollow_below_six_tenths_and_strong_when_certain() -> None:
    levels = fill_levels(pictures.points())
    assert levels.tolist() == [LEVELS] * 5 + [0]
    assert certainty(np.array([0.25, 1.0]), 4).tolist() == [0.0, 1.0]
    assert certainty(np.array([1.0]), 1).tolist() == [1.0]


def test_symbols_shrink_as_rows_become_many() -> None:
    assert [point_size(n) for n in (500, 501, 2001, 10_001)] == [8.5, 7.5, 5.0, 3.0]


def test_probabilities_of_counts_are_steps_around_each_count() -> None:
    x, y = stepped(np.array([0.0, 1.0]), np.array([0.2, 0.8]))
    assert x.tolist() == [-0.5, 0.5, 0.5, 1.5] and y.tolist() == [0.2, 0.2, 0.8, 0.8]


def test_neighbouring_bands_of_one_state_become_one() -> None:
    edges = np.array([0.0, 1.0, 2.0, 3.0])
    assert runs(edges, np.array([1, 1, 0])) == [(0.0, 2.0, 1), (2.0, 3.0, 0)]


def test_a_lasso_holds_what_is_inside_even_when_it_bends() -> None:
    outline = np.array([[0, 0], [4, 0], [4, 4], [2, 1], [0, 4]], dtype=float)
    x, y = np.array([1.0, 2.0, 3.0, 5.0]), np.array([1.0, 3.0, 1.0, 1.0])
    assert inside(outline, x, y).tolist() == [True, False, True, False]


def test_the_row_under_the_pointer_is_the_nearest_within_reach() -> None:
    picker = RowPicker()
    assert picker.nearest(0, 0, 10, 10) == -1
    picker.set_rows(np.array([0.0, 1.0, np.nan]), np.array([0.0, 0.0, 0.0]), np.array([5, 7, 8]))
    assert picker.nearest(0.8, 0.0, 10, 10) == 7
    assert picker.nearest(0.5, 9.0, 10, 10) == -1
    assert picker.place(7) == (1.0, 0.0)


def test_the_landscape_of_the_timeline_falls_with_the_gain() -> None:
    heights = gain_heights(np.array([np.nan, 10.0, 1.0, 0.0]))
    assert heights[1] == 1.0 and 0 < heights[2] < 1 and heights[0] == heights[3] == 0
    assert not gain_heights(np.array([np.nan])).any()
