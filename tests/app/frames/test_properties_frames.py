"""Frames of any size and content through the whole pipeline, with a network file of our own making."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from backdrop.frames import i420
from backdrop.frames.frame import Frame
from backdrop.frames.pixel_format import PixelFormat
from backdrop.frames.placeholder import GROUND
from backdrop.pipeline.pipeline import LEAST_SIDE, Pipeline
from backdrop.pipeline.quality import QUALITY_LEVELS
from backdrop.settings.settings import Settings
from sinet_core import Segmenter
from tests.secret_room import leaked, secret_frame
from tests.toy_network import write_toy_network

MOST_PIXELS = 300_000  # so that an example takes milliseconds
LONGEST = 10  # times as wide as high, or as high as wide, that the network can look at; no camera comes near
ON = Settings(backdrop="colour", colour="#203040")

sides = st.integers(LEAST_SIDE, 4000)
sizes = st.tuples(sides, sides).filter(lambda size: size[0] * size[1] <= MOST_PIXELS)
backdrops = st.sampled_from(["colour", "blur"])


@pytest.fixture(scope="module")
def nobody(tmp_path_factory: pytest.TempPathFactory) -> Segmenter:
    """A network that finds nobody: then not a pixel of the room may be seen."""
    path: Path = write_toy_network(tmp_path_factory.mktemp("network") / "nobody.onnx", "nobody")
    return Segmenter.load(path)


@settings(deadline=None, max_examples=40)
@given(
    size=sizes,
    backdrop=backdrops,
    quality_level=st.sampled_from(QUALITY_LEVELS),
    mirror=st.booleans(),
    planes=st.booleans(),
)
@example(size=(32, 32), backdrop="blur", quality_level=QUALITY_LEVELS[0], mirror=False, planes=True)
@example(size=(33, 47), backdrop="blur", quality_level=QUALITY_LEVELS[-1], mirror=True, planes=True)
@example(size=(57, 336), backdrop="colour", quality_level=QUALITY_LEVELS[0], mirror=False, planes=False)
@example(size=(4000, 32), backdrop="blur", quality_level=QUALITY_LEVELS[0], mirror=False, planes=False)
@example(size=(32, 4000), backdrop="colour", quality_level=QUALITY_LEVELS[0], mirror=True, planes=True)
def test_no_size_shows_the_room_or_changes_on_its_way(nobody, size, backdrop, quality_level, mirror, planes):
    pipeline = Pipeline(nobody, live=False)
    wanted = Settings(backdrop=backdrop, colour="#203040", mirror=mirror)
    for number in range(2):
        frame = Frame(secret_frame(*size, seed=number), number, number / 30)
        result = pipeline.process(
            frame,
            wanted,
            pixel_format=PixelFormat.I420 if planes else PixelFormat.BGR,
            quality_level=quality_level,
        )
        assert result.notice is None or max(size) > LONGEST * min(size)
        assert result.size == size
        assert result.pixels.shape == (size[1], size[0], 3)
        assert result.pixels.dtype == np.uint8
        assert leaked(result.pixels) == 0
        even = size[0] % 2 == size[1] % 2 == 0 and result.notice is None  # a card is BGR always
        assert (result.composite.ndim == 2) is (planes and even)
        assert i420.size_of(result.composite) == size


@settings(deadline=None, max_examples=15)
@given(order=st.lists(sizes, min_size=2, max_size=5), backdrop=backdrops)
def test_sizes_in_any_order_each_get_their_own_composite(nobody, order, backdrop):
    pipeline = Pipeline(nobody, live=False)
    for number, size in enumerate(order):
        frame = Frame(secret_frame(*size, seed=number), number, number / 30)
        result = pipeline.process(frame, Settings(backdrop=backdrop, colour="#203040"))
        assert result.size == size
        assert leaked(result.pixels) == 0


kinds = st.sampled_from([np.uint8, np.int8, np.uint16, np.float32, np.float64, np.bool_, np.object_])
shapes = st.lists(st.integers(0, 80), min_size=0, max_size=5)


@settings(deadline=None, max_examples=40)
@given(shape=shapes, kind=kinds, backdrop=st.sampled_from(["none", "colour", "blur"]))
def test_what_is_no_frame_gives_the_card_whatever_its_shape_and_type(nobody, shape, kind, backdrop):
    pixels: NDArray = np.zeros(shape, kind)
    right = kind == np.uint8 and len(shape) == 3 and shape[2] == 3 and min(shape[:2]) >= LEAST_SIDE
    result = Pipeline(nobody, live=False).process(Frame(pixels, 0, 0.0), Settings(backdrop=backdrop))
    if right:
        assert result.notice is None
    else:
        assert result.notice
        assert not result.is_raw
        assert tuple(result.pixels[0, 0]) == GROUND


@settings(deadline=None, max_examples=40)
@given(times=st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=2, max_size=6))
def test_no_clock_brings_the_room_out(nobody, times):
    pipeline = Pipeline(nobody, live=False)
    for number, captured_at in enumerate(times):
        result = pipeline.process(Frame(secret_frame(64, 48, number), number, captured_at), ON)
        assert leaked(result.pixels) == 0
