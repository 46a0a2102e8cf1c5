"""Without a backdrop: for files with transparency, and as squares in the preview."""

import av
import cv2
import numpy as np
import pytest

from backdrop.backdrops.transparent import DARK, LIGHT, over_squares, unpremultiplied
from backdrop.frames.frame import Frame
from backdrop.outputs.video_writer import VideoWriter
from backdrop.pipeline.pipeline import Pipeline
from backdrop.settings.settings import Settings
from tests.secret_room import DiscFinder, leaked, round_the_person, secret_frame

KEY, KEY_BGR = "#00b140", np.array([0x40, 0xB1, 0x00])
WANTED = Settings(backdrop="transparent", key_colour=KEY)


def _person_over_key(width: int = 160, height: int = 90) -> tuple[np.ndarray, np.ndarray]:
    """A composite of a person of one colour over the key, and its alpha, soft at the edge."""
    disc = cv2.circle(np.zeros((height, width), np.uint8), (width // 2, height // 2), height // 3, 255, -1)
    alpha = cv2.blur(disc, (11, 11))
    share = alpha[..., None] / 255
    return np.round(np.array([120, 150, 200]) * share + KEY_BGR * (1 - share)).astype(np.uint8), alpha


def test_the_persons_own_colours_come_back_and_nothing_where_nobody_is():
    pixels, alpha = _person_over_key()
    made = unpremultiplied(pixels, alpha, KEY)
    np.testing.assert_array_equal(made[..., 3], alpha)
    assert not made[alpha == 0].any()
    person = alpha > 60
    assert np.abs(made[person][:, :3].astype(int) - (120, 150, 200)).max() <= 3


def test_a_card_is_opaque():
    made = unpremultiplied(np.full((20, 30, 3), 7, np.uint8), None, "")
    assert (made[..., 3] == 255).all()
    assert (made[..., :3] == 7).all()


def test_squares_take_the_place_of_the_key_and_only_of_it():
    pixels, alpha = _person_over_key()
    shown = over_squares(cv2.cvtColor(pixels, cv2.COLOR_BGR2BGRA), alpha, KEY)[..., :3]
    assert set(np.unique(shown[alpha == 0])) == {DARK, LIGHT}
    np.testing.assert_array_equal(shown[alpha == 255], pixels[alpha == 255])
    greener = shown[..., 1].astype(int) - shown.max(axis=2, initial=0, where=[True, False, True])
    assert greener.max() <= 2  # nothing of the key is left in the edge


def test_the_line_gives_the_key_and_says_so():
    result = Pipeline(DiscFinder(), live=False).process(Frame(secret_frame(), 0, 0.0), WANTED)
    assert result.key == KEY
    assert leaked(result.pixels, round_the_person(320, 180)) == 0
    assert (result.pixels[0, 0] == KEY_BGR).all()
    assert leaked(result.unpremultiplied[..., :3], round_the_person(320, 180)) == 0
    assert result.unpremultiplied[0, 0].tolist() == [0, 0, 0, 0]
    other = Pipeline(DiscFinder(), live=False).process(
        Frame(secret_frame(), 0, 0.0), Settings(backdrop="colour")
    )
    assert other.key == ""


def _read_back(path: str) -> np.ndarray:
    """The first frame, BGRA. FFmpeg's own VP9 leaves alpha out; libvpx has it."""
    with av.open(path) as container:
        stream = container.streams.video[0]
        if not path.endswith(".webm"):
            return next(container.decode(stream)).to_ndarray(format="bgra")
        decoder = av.CodecContext.create("libvpx-vp9", "r")
        for packet in container.demux(stream):
            for frame in decoder.decode(packet):
                return frame.to_ndarray(format="bgra")
    raise AssertionError("no frame")


@pytest.mark.parametrize("suffix", [".mov", ".webm"])
def test_a_file_has_the_alpha_and_the_persons_colours(tmp_path, suffix):
    pixels, alpha = _person_over_key()
    path = tmp_path / f"keyed{suffix}"
    output = VideoWriter(path, 160, 90, 25, transparent=True)
    for _ in range(5):
        output.send(unpremultiplied(pixels, alpha, KEY))
    output.close()
    shown = _read_back(str(path))
    assert np.abs(shown[..., 3].astype(int) - alpha).mean() < 3
    assert shown[..., 3].min() == 0
    assert shown[..., 3].max() == 255
    assert np.abs(shown[alpha == 255][:, :3].astype(int) - (120, 150, 200)).mean() < 6
