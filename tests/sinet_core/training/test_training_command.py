"""`python -m sinet_core.training COMMAND`: one table of commands, each of them there."""

import re
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from sinet_core.training.__main__ import COMMANDS, main
from tests.toy_network import write_toy_network

FOLDER = Path(sys.modules["sinet_core"].__file__ or "").parent / "training"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_its_own_name_in_its_help(name, capsys):
    with pytest.raises(SystemExit) as ended:
        main([*name.split(), "--help"])
    assert ended.value.code == 0
    assert f"usage: python -m sinet_core.training {name} " in " ".join(capsys.readouterr().out.split())


def test_every_module_that_is_a_command_is_in_the_table_or_says_how_it_is_started():
    named = {entry[0].rpartition(".")[0] for entry in COMMANDS.values()}
    for path in FOLDER.rglob("[a-z]*.py"):
        module, text = ".".join(path.relative_to(FOLDER).with_suffix("").parts), path.read_text("utf-8")
        if re.search(r"^def main\(", text, re.M):
            assert module in named or f'prog="python -m sinet_core.training.{module}"' in text, module


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [
        ([], 2, "train"),
        (["--help"], 0, "labels"),
        (["evaluate"], 2, "evaluate region"),
        (["fly"], 2, "export"),
    ],
)
def test_what_is_no_command_gets_the_list(words, code, named, capsys):
    assert main(words) == code
    said = capsys.readouterr()
    assert f"  {named} " in (said.err if code else said.out)
    assert ("  export " in said.err) == (words in ([], ["fly"]))


def test_looking_from_near_is_compared_with_whole_frames(tmp_path, capsys):
    photos = tmp_path / "photos"
    photos.mkdir()
    frame = np.full((540, 960, 3), 30, np.uint8)
    frame[260:320, 400:440] = 220  # whom the toy network takes for a person
    alpha = (frame[:, :, 0] > 128).astype(np.uint8) * 255
    cv2.imwrite(str(photos / "one.webp"), frame, [cv2.IMWRITE_WEBP_QUALITY, 101])
    cv2.imwrite(str(photos / "one.png"), alpha)
    toy = write_toy_network(tmp_path / "toy.onnx")
    asked = [toy, "--data", photos]
    assert main(["evaluate", "region", *map(str, asked)]) == 0
    _, photo = capsys.readouterr().out.splitlines()
    assert photo.split()[:2] == ["photos", "1"]
    whole, near = map(float, photo.split()[2:4])
    assert near > max(0.8, whole)
