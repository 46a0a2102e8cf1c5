"""Picture files as they come from cameras, scanners, the web and broken disks: each works or is a sentence."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from app.backdrop import BackdropError
from app.picture import LARGEST_SIDE, Picture

FRAME = np.zeros((90, 160, 3), np.uint8)
RED = (0, 0, 255)


def _red(width: int = 160, height: int = 90) -> Image.Image:
    return Image.new("RGB", (width, height), (255, 0, 0))


def _saved(image: Image.Image, kind: str, **how: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()


def _noise() -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (90, 160, 3), dtype=np.uint8))


WORK = {
    "cmyk.jpg": lambda: _saved(_red().convert("CMYK"), "JPEG", quality=95),
    "palette.png": lambda: _saved(_red().convert("P"), "PNG"),
    "progressive.jpg": lambda: _saved(_red(), "JPEG", progressive=True, quality=95),
    "animated.webp": lambda: _saved(
        _red(), "WEBP", save_all=True, append_images=[_noise()], duration=50, quality=95
    ),
    "compressed.tiff": lambda: _saved(_red(), "TIFF", compression="tiff_lzw"),
    "jpeg that says it is a png.png": lambda: _saved(_red(), "JPEG", quality=95),
}
BROKEN = {
    "cut.jpg": lambda: _saved(_noise(), "JPEG")[:4000],
    "cut.png": lambda: _saved(_noise(), "PNG")[:9000],
    "cut.webp": lambda: _saved(_noise(), "WEBP")[:2000],
    "cut.tiff": lambda: _saved(_noise(), "TIFF")[:9000],
    "flipped bits.png": lambda: bytes(
        byte ^ (255 if index % 997 == 500 else 0) for index, byte in enumerate(_saved(_noise(), "PNG"))
    ),
    "zeros.jpg": lambda: b"\xff\xd8\xff\xe0" + bytes(5000),
}


@pytest.mark.parametrize("name", WORK)
def test_a_picture_of_an_unusual_kind_is_shown(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(WORK[name]())
    shown = Picture(path).render(FRAME, None)
    assert shown.shape == FRAME.shape
    assert np.abs(shown.reshape(-1, 3).mean(axis=0) - RED).max() < 12


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_picture_is_shown_as_far_as_it_goes_or_is_a_sentence(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(BROKEN[name]())
    try:
        shown = Picture(path).render(FRAME, None)
    except BackdropError as error:
        shown, said = None, str(error)
    if shown is None:
        assert name in said
        assert "\n" not in said
    else:
        assert (shown.shape, shown.dtype) == (FRAME.shape, np.uint8)


def test_of_a_large_picture_no_more_is_kept_than_any_camera_asks_for(tmp_path):
    path = tmp_path / "large.jpg"
    path.write_bytes(cv2.imencode(".jpg", np.full((4000, 3900, 3), RED, np.uint8))[1].tobytes())
    picture = Picture(path)
    picture.render(FRAME, None)
    assert picture._pixels is not None
    assert max(picture._pixels.shape) == LARGEST_SIDE
    assert picture._pixels.base is None
    assert picture._pixels.nbytes < 50_000_000
