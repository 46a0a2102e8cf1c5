"""Every package that Backdrop runs on is named with its licence, and the bundle has the texts."""

import runpy
from importlib import metadata
from pathlib import Path

import pytest

from tests import ROOT

third_party = runpy.run_path(str(ROOT / "assets" / "bundle" / "third_party.py"))
PARTS, normal = third_party["PARTS"], third_party["normal"]
# How metadata names licences: in SPDX's words, or in older ones.
WORDS = {
    "Apache-2.0": ("Apache-2.0", "Apache 2.0"),
    "BSD-3-Clause": ("BSD-3-Clause", "3-Clause BSD"),
    "GPL-2.0-only": ("GPLv2)", "GPL-2.0"),
    "LGPL-2.1-or-later": ("LGPLv2+", "LGPL-2.1-or-later"),
    "MIT": ("MIT",),
}


def test_the_page_is_the_one_that_the_script_writes():
    written = (ROOT / "THIRD_PARTY.md").read_text("utf-8")
    assert written == third_party["page"](), "run python assets/bundle/third_party.py"


def test_every_package_that_backdrop_runs_on_has_its_line():
    named = {normal(part.name) for part in PARTS}
    needed = third_party["needed"]()
    assert {"numpy", "pyvirtualcam", "pyside6-essentials", "shiboken6"} <= needed
    assert needed <= named, "a package that nobody has looked at"


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_a_package_says_of_itself_what_the_page_says(part):
    try:
        about = metadata.metadata(part.name)
    except metadata.PackageNotFoundError:
        pytest.skip("not needed on this system")
    said = " ".join(str(about.get(key, "")) for key in ("License", "License-Expression"))
    said += " ".join(line for line in about.get_all("Classifier", []) if line.startswith("License"))
    assert any(word in said for word in WORDS.get(part.licence, (part.licence,))), said


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_a_package_has_its_texts(part):
    try:
        metadata.metadata(part.name)
    except metadata.PackageNotFoundError:
        pytest.skip("not needed on this system")
    texts = third_party["texts_of"](part)
    assert texts
    assert all(path.stat().st_size > 150 for path in texts)
    if "GPL" in part.licence + part.holds.replace("GCC runtime (GPL-3.0", ""):
        assert any("GENERAL PUBLIC LICENSE" in path.read_text("utf-8", "replace").upper() for path in texts)


def test_no_two_texts_lie_in_the_same_place_of_the_bundle():
    wanted = [f"{folder}/{Path(source).name}" for source, folder in third_party["for_the_bundle"]()]
    assert len(wanted) == len(set(wanted)) > 30
    assert {"./LICENSE", "./THIRD_PARTY.md", "licences/Python/Python.txt", "licences/av/GPL-3.0.txt"} <= set(
        wanted
    )


def test_ffmpeg_is_what_the_page_says_it_is():
    """PyAV's wheel is built with x264 and x265, whatever FFmpeg says of itself."""
    import av

    assert "libx264" in av.codecs_available
    assert "libx265" in av.codecs_available


@pytest.mark.skipif(not Path("/usr/share/doc/zlib1g/copyright").exists(), reason="there is no Debian here")
def test_a_library_of_the_system_brings_what_its_distribution_says_of_it():
    zlib = next(str(path) for path in Path("/usr/lib/x86_64-linux-gnu").glob("libz.so.1"))
    assert third_party["of_the_system"]([zlib, "/elsewhere/libours.so"]) == [
        ("zlib1g", "/usr/share/doc/zlib1g/copyright")
    ]
    assert third_party["of_the_system"](["/elsewhere/libours.so"]) == []
