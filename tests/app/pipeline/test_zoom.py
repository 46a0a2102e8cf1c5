"""The part of a frame that the person chooses with the wheel and a drag."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backdrop.frames.frame import Frame
from backdrop.pipeline.pipeline import Pipeline
from backdrop.pipeline.zoom import END, LARGEST, Zoom
from backdrop.settings.settings import Settings, about
from tests.secret_room import DiscFinder, leaked, round_the_person, secret_frame

zooms = st.builds(Zoom, st.integers(100, LARGEST), st.integers(-END, END), st.integers(-END, END))
part = st.floats(0, 1)


def seen(zoom):
    """Where the shown part begins and how large it is, as parts of the frame."""
    size = 100 / zoom.zoom
    return (1 - size) * (zoom.x + END) / (2 * END), (1 - size) * (zoom.y + END) / (2 * END), size


def test_the_settings_have_the_same_limits():
    assert (about("zoom").least, about("zoom").most) == (100, LARGEST)
    assert (about("zoom_x").least, about("zoom_y").most) == (-END, END)


@given(zooms, st.integers(16, 2000), st.integers(16, 2000))
def test_the_part_lies_inside_the_frame_in_even_pixels(zoom, width, height):
    window = zoom.window(width, height)
    if window is None:
        return
    assert 0 <= window.left <= width - window.width
    assert 0 <= window.top <= height - window.height
    assert not (window.left | window.top | window.width | window.height) % 2


def test_ends_and_middle():
    assert Zoom().window(1280, 720) is None
    middle = Zoom(200).window(1280, 720)
    assert (middle.left, middle.top, middle.width, middle.height) == (320, 180, 640, 360)
    assert (Zoom(200, -END, END).window(1280, 720).left, Zoom(200, -END, END).window(1280, 720).top) == (
        0,
        360,
    )


@given(zooms, part, part)
def test_the_point_under_the_wheel_stays_where_it_is(zoom, x, y):
    closer = zoom.at(1.1, x, y)
    before, after = seen(zoom), seen(closer)
    for axis, point in enumerate((x, y)):
        there, here = before[axis] + point * before[2], after[axis] + point * after[2]
        assert abs(there - here) < 2e-3


@given(zooms, part, part)
def test_turning_the_wheel_back_far_enough_shows_everything(zoom, x, y):
    for _ in range(40):
        zoom = zoom.at(1 / 1.1, x, y)
    assert zoom == Zoom()


def test_the_wheel_stops_at_the_largest_zoom():
    zoom = Zoom()
    for _ in range(40):
        zoom = zoom.at(1.1, 0.2, 0.7)
    assert zoom.zoom == LARGEST


@given(zooms, st.floats(-1, 1), st.floats(-1, 1))
def test_a_drag_moves_the_picture_along_and_stops_at_its_edge(zoom, right, down):
    moved = zoom.moved(right, down)
    before, after = seen(zoom), seen(moved)
    if zoom.zoom == 100:
        assert moved == Zoom()
        return
    for axis, by in enumerate((right, down)):
        wanted = min(max(before[axis] - by * before[2], 0), 1 - before[2])
        assert after[axis] == pytest.approx(wanted, abs=1e-3)


ON = Settings(backdrop="colour", colour="#203040")


def test_what_is_chosen_is_enlarged_with_its_own_alpha():
    frame = Frame(secret_frame(320, 180), 0, 0.0)
    whole = Pipeline(DiscFinder()).process(frame, ON)
    zoomed = Pipeline(DiscFinder()).process(frame, replace(ON, zoom=200))
    assert zoomed.pixels.shape == whole.pixels.shape
    assert (zoomed.alpha > 128).sum() > 3.3 * (whole.alpha > 128).sum()
    person = round_the_person(320, 180)[45:135, 80:240].repeat(2, axis=0).repeat(2, axis=1)
    assert leaked(zoomed.pixels, person) == 0


def test_a_raw_frame_is_zoomed_too_and_nothing_runs_without_zoom():
    frame = Frame(secret_frame(320, 180), 0, 0.0)
    pipeline = Pipeline(DiscFinder())
    none = replace(ON, backdrop="none")
    assert pipeline.process(frame, none).composite is frame.pixels
    corner = pipeline.process(frame, replace(none, zoom=200, zoom_x=-END, zoom_y=-END))
    assert corner.is_raw
    inside = frame.pixels[:90, :160].repeat(2, axis=0).repeat(2, axis=1)
    # Interpolated spots of the same corner.
    assert np.abs(corner.pixels.astype(int) - inside)[::7, ::7].mean() < 60


def test_centring_goes_before_the_chosen_part():
    frame = Frame(secret_frame(320, 180), 0, 0.0)
    centred = Pipeline(DiscFinder()).process(frame, replace(ON, auto_framing=True))
    both = Pipeline(DiscFinder()).process(frame, replace(ON, auto_framing=True, zoom=300, zoom_x=END))
    np.testing.assert_array_equal(centred.pixels, both.pixels)
