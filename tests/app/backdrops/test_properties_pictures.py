"""Pictures of any bytes: as backdrops, as tiles of the gallery, and the list that names them."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from backdrop.backdrops.base import BackdropError
from backdrop.frames.frame import Frame
from backdrop.pipeline.pipeline import Pipeline
from backdrop.settings.settings import Settings
from backdrop.ui.own_pictures import MOST, load_own_pictures
from backdrop.ui.thumbnails import read_thumbnail
from tests.secret_room import DiscFinder, round_the_person, secret_frame

SUFFIXES = (".jpg", ".png", ".webp", ".bmp", ".tiff", ".gif")
ROOM, OTHER_ROOM = secret_frame(160, 96), secret_frame(160, 96, seed=1)
PERSON = round_the_person(160, 96)


def _encoded(suffix: str) -> bytes:
    slope = np.linspace(0, 200, 40 * 60 * 3).reshape(40, 60, 3).astype(np.uint8)
    done, encoded = cv2.imencode(suffix, slope)
    assert done
    return encoded.tobytes()


WHOLE = {suffix: _encoded(suffix) for suffix in SUFFIXES}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pictures")


def shown_or_said(path: Path) -> None:
    """The picture is shown, or the card and a sentence are; never the room."""
    chosen = Settings(backdrop="picture", picture=str(path))
    result, elsewhere = (
        Pipeline(DiscFinder(), live=False).process(Frame(room, 0, 0.0), chosen) for room in (ROOM, OTHER_ROOM)
    )
    assert result.pixels.shape == ROOM.shape
    # What is not the person is the same in another room. (A broken picture may have the room's loud colours itself.)
    outside = PERSON == 0
    assert np.array_equal(result.pixels[outside], elsewhere.pixels[outside])
    if result.notice is not None:
        assert path.name in result.notice
        assert len(result.notice.splitlines()) == 1
        with pytest.raises(BackdropError):
            read_thumbnail(path)


@settings(deadline=None, max_examples=60)
@given(raw=st.binary(max_size=400), suffix=st.sampled_from(SUFFIXES))
def test_any_bytes_under_a_pictures_name_are_shown_or_said_to_be_none(folder, raw, suffix):
    path = folder / f"any{suffix}"
    path.write_bytes(raw)
    shown_or_said(path)


@settings(deadline=None, max_examples=50)
@given(suffix=st.sampled_from(SUFFIXES), share=st.floats(0, 1))
def test_a_real_picture_that_is_cut_short_is_shown_or_said_to_be_broken(folder, suffix, share):
    path = folder / f"short{suffix}"
    whole = WHOLE[suffix]
    path.write_bytes(whole[: round(share * len(whole))])
    shown_or_said(path)


changes = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=12)


@settings(deadline=None, max_examples=50)
@given(suffix=st.sampled_from(SUFFIXES), changed=changes)
@example(suffix=".tiff", changed=[(693, 3)])  # decodes to a picture with magenta of its own
def test_a_real_picture_with_changed_bytes_is_shown_or_said_to_be_broken(folder, suffix, changed):
    path = folder / f"changed{suffix}"
    raw = bytearray(WHOLE[suffix])
    for at, value in changed:
        raw[at % len(raw)] = value
    path.write_bytes(raw)
    shown_or_said(path)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@settings(deadline=None, max_examples=80)
@given(raw=st.binary(max_size=300) | anything.map(lambda value: json.dumps(value).encode()))
def test_any_list_of_own_pictures_gives_texts_and_not_too_many(folder, raw):
    path = folder / "pictures.json"
    path.write_bytes(raw)
    found = load_own_pictures(path)
    assert len(found) <= MOST
    assert all(isinstance(each.picture, str) and each.picture and each.name for each in found)
    assert len({each.picture for each in found}) == len(found)
