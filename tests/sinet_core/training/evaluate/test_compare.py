"""The contact sheet of networks beside one another, on frames in which it is known who the person is."""

import cv2
import numpy as np
import pytest

from sinet_core import metrics
from sinet_core.training.evaluate.compare import (
    Entrant,
    answers,
    compare_clip,
    compare_photo,
    composited,
    entrants,
    finest_edge,
    main,
    rows,
    still_answers,
)
from sinet_core.training.evaluate.contact_sheet import CAPTION
from sinet_core.training.evaluate.networks import load_scored_network
from tests.toy_network import write_toy_network
from tests.videos import write_video

SIZE = (96, 160)


def bright_person(left=60, width=40):
    """A frame with a bright box, which the toy network takes for a person."""
    frame = np.full((*SIZE, 3), 30, np.uint8)
    frame[30:, left : left + width] = 220
    return frame


@pytest.fixture
def toy(tmp_path):
    return write_toy_network(tmp_path / "toy.onnx")


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.webp"
    cv2.imwrite(str(path), bright_person(), [cv2.IMWRITE_WEBP_QUALITY, 101])
    cv2.imwrite(str(tmp_path / "photo.png"), (bright_person()[:, :, 0] > 128).astype(np.uint8) * 255)
    return path


def test_a_row_shows_frame_alphas_composites_and_the_edge_enlarged(toy, photo):
    (found,) = rows(compare_photo(photo, entrants([f"Toy={toy}"])))
    caption, pictures = found
    assert caption == "photo: Toy, IoU 1.000"
    frame, raw, alpha, on_light, on_dark, *edges = pictures
    assert frame[80, 80].tolist() == [220] * 3
    assert (raw[80, 80].min() > 250, raw[10, 10].max() < 5) == (True, True)
    assert (alpha[80, 80].min() > 250, alpha[10, 10].max() < 5) == (True, True)
    for composite in (on_light, on_dark):
        assert composite[80, 80].tolist() == [220] * 3, "the person stays as they are"
    assert on_light[10, 10].min() > 200 > 100 > on_dark[10, 10].max()
    assert len(edges) == 3
    assert all(edge.shape[1] == round(SIZE[1] / 3.5) for edge in edges)


def test_a_peer_is_shown_as_its_users_get_it(toy):
    assert [(each.name, each.as_ours) for each in entrants([str(toy), f"Peer={toy}"])] == [
        ("toy", True),
        ("Peer", False),
    ]


def test_steadying_has_its_memory_at_the_frame_of_a_clip(toy):
    network = load_scored_network(toy)
    # The frame hardly changes, and yet the network becomes unsure of a part; of the rest it is sure, so somebody is there.
    still, faint = bright_person(), bright_person()
    for frame, grey in ((still, 132), (faint, 128)):
        frame[45:, 65:95] = grey
    seen = [
        answers(Entrant("", network, as_ours), [*[still] * 5, faint], [5])[5] for as_ours in (True, False)
    ]
    person = (slice(50, 90), slice(70, 90))
    assert seen[0].raw[person].mean() == pytest.approx(0.5, abs=0.1)
    alone = answers(Entrant("", network, True), [faint], [0])[0]
    assert seen[0].alpha[person].mean() > alone.alpha[person].mean() + 0.05


def test_who_is_far_away_is_looked_at_from_near_as_in_the_application(toy):
    frame = np.full((540, 960, 3), 30, np.uint8)
    frame[260:320, 400:440] = 220
    truth = (frame[:, :, 0] > 128).astype(np.uint8) * 255
    network = load_scored_network(toy)
    near, far = (still_answers(frame, [Entrant("", network, as_ours)])[""].alpha for as_ours in (True, False))
    assert metrics.iou(near, truth) > max(0.9, metrics.iou(far, truth))


def test_frames_of_a_clip_are_those_that_were_asked_for(toy, tmp_path):
    path = write_video(tmp_path / "clip.mkv", [bright_person(left) for left in range(20, 100, 10)], fps=30)
    first, last = compare_clip(path, [1, 7], entrants([str(toy)]))
    assert (first.name, last.name) == ("clip 1", "clip 7")
    assert int(np.argmax(first.frame[80, :, 0] > 128)) == pytest.approx(30, abs=2)
    assert int(np.argmax(last.frame[80, :, 0] > 128)) == pytest.approx(90, abs=2)
    with pytest.raises(ValueError, match="no frame 8: 8 could be read"):
        compare_clip(path, [8], entrants([str(toy)]))


def test_the_edge_that_is_enlarged_is_where_an_outline_passes_detail():
    chance = np.random.default_rng(0)
    frame = np.full((350, 700, 3), 90, np.uint8)
    frame[:100, 600:] = chance.integers(0, 255, (100, 100, 3), np.uint8)  # detail, but no outline
    frame[200:260, 100:160] = chance.integers(0, 255, (60, 60, 3), np.uint8)  # both
    alpha = np.zeros((350, 700), np.float32)
    alpha[150:, 130:500] = 1
    rows_, columns = finest_edge(frame, [alpha])
    assert (rows_.stop - rows_.start, columns.stop - columns.start) == (100, 200)
    assert rows_.start <= 200 < 260 <= rows_.stop
    assert columns.start <= 130 < columns.stop


def test_a_composite_is_exactly_the_mix_that_alpha_says():
    frame, backdrop = np.full((2, 2, 3), 200, np.uint8), np.full((2, 2, 3), 100, np.uint8)
    mixed = composited(frame, np.array([[0, 1], [0.5, 0.25]], np.float32), backdrop)
    assert mixed[:, :, 0].tolist() == [[100, 200], [150, 125]]


def test_the_command_writes_a_sheet_of_a_folder_without_taking_alphas_for_photos(
    toy, photo, tmp_path, capsys
):
    target = tmp_path / "sheet.png"
    folder = photo.parent / "photos"
    folder.mkdir()
    for name in ("photo.webp", "photo.png"):
        (photo.parent / name).rename(folder / name)
    assert main([str(toy), f"Peer={toy}", "--photos", str(folder), "--to", str(target)]) == 0
    drawn = cv2.imread(str(target))
    assert drawn.shape == (2 * (CAPTION + round(264 * 96 / 160)), 8 * 264, 3)
    assert str(target) in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "named"),
    [(["nowhere.onnx", "--photos", "a.jpg"], "nowhere.onnx"), (["{toy}", "--photos", "a.jpg"], "a.jpg")],
)
def test_what_cannot_be_read_is_named_in_one_line(toy, tmp_path, capsys, arguments, named):
    filled = [each.format(toy=toy) for each in arguments]
    assert main([*filled, "--to", str(tmp_path / "sheet.png")]) == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert named in said[0]
