"""Picture files as they come from cameras, scanners, the web and broken disks: each works or is a sentence."""

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from backdrop.backdrops.base import BackdropError
from backdrop.backdrops.picture import Picture
from backdrop.backdrops.picture_file import LARGEST_SIDE
from backdrop.frames.fit import contain, cover

FRAME = np.zeros((90, 160, 3), np.uint8)
needs_proc = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="needs Linux to tell its memory"
)
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
    "Büro am Morgen.bmp": lambda: _saved(_red(), "BMP"),
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


def _shown(path, frame=FRAME):
    return Picture(path).render(frame, None)


@pytest.mark.parametrize("suffix", [".png", ".webp", ".avif", ".tiff"])
def test_where_a_picture_is_transparent_nothing_hidden_is_seen(tmp_path, suffix):
    """Programs leave anything in the colours of what is transparent, also what a person has erased."""
    pixels = np.zeros((90, 160, 4), np.uint8)
    pixels[..., 0], pixels[..., 3] = 255, 0  # red, and not to be seen
    pixels[:, 80:] = (0, 255, 0, 255)
    path = tmp_path / f"erased{suffix}"
    Image.fromarray(pixels, "RGBA").save(
        path, **({"exact": True, "lossless": True} if suffix == ".webp" else {})
    )
    shown = _shown(path)
    assert np.abs(shown[45, 20].astype(int) - 128).max() < 6
    assert np.abs(shown[45, 140].astype(int) - (0, 255, 0)).max() < 12


def test_half_transparent_pixels_and_palettes_are_mixed_with_what_is_behind(tmp_path):
    Image.new("RGBA", (160, 90), (255, 255, 255, 128)).save(tmp_path / "half.png")
    assert np.abs(_shown(tmp_path / "half.png").astype(int) - 192).max() < 3
    palette = Image.new("P", (160, 90), 1)
    palette.putpalette([255, 0, 0, 0, 0, 255])
    palette.save(tmp_path / "palette.png", transparency=1)
    assert np.abs(_shown(tmp_path / "palette.png").astype(int) - 128).max() < 3


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".avif", ".tiff"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_of_any_kind_is_upright(tmp_path, suffix, orientation):
    upright = np.full((96, 160, 3), 40, np.uint8)
    upright[:32, :48] = 220
    # How a camera that was held so sees that scene.
    lying = {
        1: upright, 2: upright[:, ::-1], 3: upright[::-1, ::-1], 4: upright[::-1], 5: upright.swapaxes(0, 1),
        6: np.rot90(upright), 7: np.rot90(upright, 2).swapaxes(0, 1), 8: np.rot90(upright, -1),
    }[orientation]  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(np.ascontiguousarray(lying)).save(tmp_path / f"a{suffix}", exif=exif)
    shown = _shown(tmp_path / f"a{suffix}", np.zeros((96, 160, 3), np.uint8))
    assert np.abs(shown.astype(int) - upright).mean() < 6


def _wide_profile() -> bytes:
    """An ICC profile with sRGB's primaries exchanged, so that it can be seen whether it was looked at: red is green."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = int.from_bytes(profile[128:132], "big")
    tags = {bytes(profile[at : at + 4]): at for at in range(132, 132 + 12 * count, 12)}
    red, green = tags[b"rXYZ"] + 4, tags[b"gXYZ"] + 4
    profile[red : red + 8], profile[green : green + 8] = profile[green : green + 8], profile[red : red + 8]
    return bytes(profile)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".avif", ".tiff"])
def test_a_colour_profile_is_honoured(tmp_path, suffix):
    _red().save(tmp_path / f"a{suffix}", icc_profile=_wide_profile())
    assert np.abs(_shown(tmp_path / f"a{suffix}")[45, 80].astype(int) - (0, 255, 0)).max() < 16


@pytest.mark.parametrize("profile", [b"no profile", b""])
def test_a_colour_profile_that_is_broken_is_left_aside(tmp_path, profile):
    _red().save(tmp_path / "a.png", icc_profile=profile)
    assert np.abs(_shown(tmp_path / "a.png")[45, 80].astype(int) - RED).max() < 3


LIMITED = """
import re, sys, time
import numpy as np
from pathlib import Path
from backdrop.backdrops.picture import Picture
def most():  # megabytes of memory so far; getrusage() also counts those of the program that started this one
    return int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024
Picture(Path(sys.argv[2])).render(np.zeros((720, 1280, 3), "u1"), None)  # all that is loaded once
before = most()
begun = time.process_time()
try:
    shown = Picture(Path(sys.argv[1])).render(np.zeros((720, 1280, 3), "u1"), None)
    print(shown.shape, end=" ")
except Exception as error:
    print(error, end=" ")
print("|", most() - before, time.process_time() - begun)
"""


def _costs(path, small) -> tuple[str, int, float]:
    """What comes of a picture, how many megabytes more it takes, and how many seconds of the processor."""
    ended = subprocess.run(
        [sys.executable, "-c", LIMITED, path, small], capture_output=True, text=True, timeout=120, check=True
    )
    came, costs = ended.stdout.split(" |")
    megabytes, seconds = costs.split()
    return came, int(megabytes), float(seconds)


def png(width, height, packed):
    """A PNG with these sides and this packed content, which need not fit them."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def _bomb(path, width, height):
    """A whole PNG of one colour, written line by line: a kilobyte for a megapixel."""
    packer = zlib.compressobj(1)
    line = bytes(1 + width * 3)
    path.write_bytes(
        png(width, height, b"".join(packer.compress(line) for _ in range(height)) + packer.flush())
    )
    return path


@needs_proc
def test_a_picture_bomb_is_refused_before_it_is_decoded(tmp_path):
    _red().save(tmp_path / "small.png")
    bomb = _bomb(tmp_path / "bomb.png", 8200, 8200)
    assert bomb.stat().st_size < 2_000_000
    came, megabytes, seconds = _costs(bomb, tmp_path / "small.png")
    assert "too many pixels" in came
    assert megabytes < 10
    assert seconds < 1


@needs_proc
def test_a_photo_of_a_hundred_megapixels_is_made_smaller_while_it_is_decoded(tmp_path):
    _red().save(tmp_path / "small.png")
    _red(10_000, 7_000).save(tmp_path / "photo.jpg", quality=50)
    came, megabytes, _ = _costs(tmp_path / "photo.jpg", tmp_path / "small.png")
    assert came == "(720, 1280, 3)"
    assert megabytes < 300, "decoded whole it would be more than 400"


@needs_proc
def test_of_a_progressive_photo_no_more_is_decoded_than_of_any_picture(tmp_path):
    _red().save(tmp_path / "small.png")
    _red(10_000, 7_000).save(tmp_path / "photo.jpg", quality=20, progressive=True)
    came, megabytes, _ = _costs(tmp_path / "photo.jpg", tmp_path / "small.png")
    assert "too many pixels" in came
    assert megabytes < 30


def test_a_panorama_keeps_the_lines_of_what_is_shown_of_it(tmp_path):
    """Of a strip that is twelve times as wide as high only the middle is seen: its width must not blur that."""
    lines = np.zeros((600, 7200, 3), np.uint8)
    lines[::2] = 255
    Image.fromarray(lines).save(tmp_path / "strip.png")
    shown = _shown(tmp_path / "strip.png", np.zeros((600, 1000, 3), np.uint8))
    assert np.abs(np.diff(shown[..., 0].astype(int), axis=0)).mean() > 200


def test_a_cropped_picture_shows_the_part_that_is_asked_for():
    pixels = np.zeros((100, 400, 3), np.uint8)
    pixels[:, :200], pixels[:, 200:] = 50, 200
    assert cover(pixels, 160, 90, 0).mean() == pytest.approx(50, abs=1)
    assert cover(pixels, 160, 90, 100).mean() == pytest.approx(200, abs=1)
    assert np.array_equal(cover(pixels, 160, 90, 50), cover(pixels, 160, 90))


@pytest.mark.parametrize("size", [(400, 100), (100, 400), (1, 500), (500, 1)])
def test_a_whole_picture_lies_within_the_frame_where_it_is_asked_for(size):
    pixels = np.full((*size[::-1], 3), 250, np.uint8)
    for position, axis in ((0, 0), (50, 1), (100, 2)):
        placed = contain(pixels, 160, 90, position)
        assert placed.shape == (90, 160, 3)
        light = placed[..., 0] > 240
        assert light.any()
        across, down = light.any(axis=0).nonzero()[0], light.any(axis=1).nonzero()[0]
        edges = (across[0], down[0]) == (0, 0), True, (across[-1], down[-1]) == (159, 89)
        assert edges[axis]
        assert light.mean() < 0.6


def test_placing_a_picture_takes_effect_at_once_and_reads_nothing_again(tmp_path):
    path = tmp_path / "wide.png"
    pixels = np.zeros((100, 400, 3), np.uint8)
    pixels[:, 200:] = 200
    cv2.imwrite(str(path), pixels)
    picture, frame = Picture(path), np.zeros((90, 160, 3), np.uint8)
    assert 90 < picture.render(frame, None).mean() < 110
    path.unlink()
    picture.place(whole=False, position=100)
    assert picture.render(frame, None).mean() > 195
    picture.place(whole=True, position=50)
    assert picture.render(frame, None)[0].mean() < 150
    assert picture.render(frame, None) is picture.render(frame, None)
