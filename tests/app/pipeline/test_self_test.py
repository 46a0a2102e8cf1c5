"""A damaged network shows nobody's room: it is known by its hash, or found out on pictures whose answer is known."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from backdrop.pipeline import self_test
from backdrop.pipeline.self_test import check_network, load_network
from backdrop.resources import resource
from sinet_core import Segmenter, SegmenterError, segmenter
from sinet_core.segmenter import hash_path, shipped_weights
from tests.toy_network import write_toy_network
from tests.whole_line import is_card, until

WEIGHTS = shipped_weights().read_bytes()
FILES, DAMAGED = 120, 512
ENOUGH = 3  # files that would show a room: among those, refusing means something


def damaged(seed: int) -> bytes:
    """The weights that ship with 512 bytes in one place replaced by random ones."""
    rng = np.random.default_rng(seed)
    at = int(rng.integers(len(WEIGHTS) - DAMAGED))
    return WEIGHTS[:at] + rng.bytes(DAMAGED) + WEIGHTS[at + DAMAGED :]


@pytest.fixture(scope="module")
def rooms() -> list[np.ndarray]:
    """Empty rooms, drawn, that the self-test does not use."""
    found = []
    for name in ("office", "cafe", "wall"):
        pixels = cv2.imdecode(np.frombuffer(resource(f"backdrops/{name}.jpg").read_bytes(), np.uint8), 1)
        found.append(np.asarray(cv2.resize(pixels, (640, 360), interpolation=cv2.INTER_AREA), np.uint8))
    return found


def shown(network: Segmenter, room: np.ndarray) -> float:
    """How much of an empty room a network shows; nothing where it answers what is no alpha, for then there is the placeholder."""
    try:
        return float(np.mean(network(room) > 0.5))
    except SegmenterError:
        return 0.0


def test_of_120_damaged_files_in_the_place_of_ours_none_is_loaded(tmp_path, monkeypatch):
    path = tmp_path / "sinet.onnx"
    hash_path(path).write_bytes(hash_path(shipped_weights()).read_bytes())
    monkeypatch.setattr(segmenter, "shipped_weights", lambda: path)
    for seed in range(FILES):
        path.write_bytes(damaged(seed))
        with pytest.raises(SegmenterError, match="damaged or exchanged"):
            Segmenter.load()


@pytest.mark.long
def test_of_120_damaged_files_of_others_the_self_test_lets_none_pass_that_shows_a_room(tmp_path, rooms):
    path, would_show, passed = tmp_path / "other.onnx", 0, 0
    for seed in range(FILES):
        path.write_bytes(damaged(seed))
        try:
            network = Segmenter.load(path)
        except SegmenterError:
            continue
        try:
            check_network(network)
        except SegmenterError:
            if would_show < ENOUGH:
                would_show += any(shown(network, room) > 0.5 for room in rooms)
            continue
        passed += 1
        assert max(shown(network, room) for room in rooms) < 0.05, seed
    assert would_show == ENOUGH, "these are files that would show the room"
    assert passed < FILES / 10


def test_the_network_that_ships_passes():
    check_network(load_network())


@pytest.mark.parametrize(
    ("kind", "says"), [("everyone", "doesn't find the person"), ("nobody", "doesn't find the person")]
)
def test_a_network_that_is_none_is_one_sentence(tmp_path, kind, says):
    path = write_toy_network(tmp_path / "toy.onnx", kind)
    with pytest.raises(SegmenterError, match=says):
        load_network(path)


def test_a_network_that_finds_the_person_and_an_empty_room_too_is_refused():
    class Generous:
        def __init__(self) -> None:
            self.network = Segmenter.load()

        def __call__(self, frame: np.ndarray) -> np.ndarray:
            alpha = self.network(frame)
            return np.ones_like(alpha) if alpha.mean() < 0.05 else alpha

    with pytest.raises(SegmenterError, match="takes 100% of an empty room for a person"):
        check_network(Generous())


def test_a_picture_that_is_missing_or_damaged_is_named(tmp_path, monkeypatch):
    (tmp_path / "cut.png").write_bytes(resource("demo/astronaut.png").read_bytes()[:100])
    for place in (tmp_path / "gone.png", tmp_path / "cut.png"):
        monkeypatch.setattr(self_test, "resource", lambda name, place=place: Path(place))
        with pytest.raises(SegmenterError, match=r"file demo/astronaut\.png is missing or damaged"):
            load_network()


def test_a_damaged_network_shows_the_placeholder_with_a_sentence(tmp_path, line, impatient):
    path = tmp_path / "other.onnx"
    path.write_bytes(damaged(7))  # which shows all of a room
    engine = line.start(segmenter=lambda: load_network(path))
    result = until(engine, lambda result: "could not be loaded" in (result.notice or ""))
    assert is_card(result.composite)
    assert "doesn't find the person in a test picture" in str(result.notice)
    line.output().wait_for(is_card, count=5)
    assert all(is_card(pixels) for pixels in line.sent)
