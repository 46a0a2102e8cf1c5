"""Where composites leave the line. The troubles of an output are in test_engine, with the whole line round it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backdrop.frames.fit import fit
from backdrop.frames.placeholder import GROUND
from backdrop.outputs.base import OutputError
from backdrop.run.limits import Limits
from backdrop.run.output_sink import OutputSink
from backdrop.settings.settings import Settings
from tests.line_ends import Recorder

ON = Settings(virtual_camera=True)


def always() -> bool:
    return True


sizes = st.tuples(st.integers(1, 120), st.integers(1, 120))


@settings(deadline=None, max_examples=80)
@given(sizes, sizes)
def test_any_composite_fits_any_output(shape, size):
    fitted = fit(np.full((*shape, 3), 200, np.uint8), *size)
    assert fitted.shape == (size[1], size[0], 3)
    bars = (fitted == np.array(GROUND, np.uint8)).all(axis=2)
    assert (fitted[~bars] == 200).all()
    assert not bars.all()


@pytest.mark.parametrize(
    ("shape", "inside"), [((480, 640), (0, 160)), ((360, 640), (0, 0)), ((200, 800), (200, 0))]
)
def test_nothing_is_stretched_and_what_is_short_is_in_the_middle(shape, inside):
    fitted = fit(np.full((*shape, 3), 200, np.uint8), 1280, 720)
    rows, columns = np.nonzero((fitted == 200).all(axis=2))
    top, left = inside
    assert (rows.min(), rows.max()) == (top, 719 - top)
    assert (columns.min(), columns.max()) == (left, 1279 - left)


def test_the_right_size_is_passed_on_as_it_is_and_an_odd_pixel_is_cut():
    pixels = np.random.default_rng(0).integers(0, 256, (181, 321, 3), dtype=np.uint8)
    assert fit(pixels, 321, 181) is pixels
    cut = fit(pixels, 320, 180)
    np.testing.assert_array_equal(cut, pixels[:180, :320])
    assert cut.flags.c_contiguous


def test_another_output_closes_the_one_before_and_opens_at_the_size_of_its_first_composite():
    opened: list[Recorder] = []

    def open_output(spec: str, width: int, height: int, fps: float) -> Recorder:
        opened.append(Recorder(width, height, fps))
        return opened[-1]

    sink = OutputSink(open_output)
    sink.send(np.zeros((180, 320, 3), np.uint8), ON, 24.0, always)
    sink.send(np.zeros((360, 640, 3), np.uint8), replace(ON, output="/dev/video9"), 30.0, always)
    assert [(output.size, output.fps) for output in opened] == [((320, 180), 24.0), ((640, 360), 30.0)]
    assert opened[0].closed.is_set()
    assert sink.name == "recorder"
    sink.close()
    assert opened[1].closed.is_set()
    assert sink.name == ""


def test_an_output_that_cannot_be_closed_is_said_and_stops_nothing():
    class Stuck(Recorder):
        def close(self) -> None:
            raise ValueError("held")

    sink = OutputSink(lambda spec, width, height, fps: Stuck(width, height, fps))
    sink.send(np.zeros((180, 320, 3), np.uint8), ON, 30.0, always)
    sink.close()
    assert "held" in (sink.notice or "")


def test_a_missing_output_is_tried_again_when_its_time_has_come_and_not_before():
    tries: list[str] = []
    now = 100.0

    def open_output(spec: str, width: int, height: int, fps: float) -> Recorder:
        tries.append(spec)
        raise OutputError("There is no virtual camera.")

    sink = OutputSink(open_output, limits=Limits(output_retry=5.0), clock=lambda: now)
    for now, expected in ((100.0, 1), (104.9, 1), (105.0, 2), (109.9, 2), (110.0, 3)):  # noqa: B007 - the clock reads it
        sink.send(np.zeros((180, 320, 3), np.uint8), ON, 30.0, always)
        assert len(tries) == expected
    assert sink.notice == "There is no virtual camera."
