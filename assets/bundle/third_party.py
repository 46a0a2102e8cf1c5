# ruff: noqa: E501
"""THIRD_PARTY.md: whose code Backdrop uses, under which licences; and the licence texts that the bundle carries.

    python assets/bundle/third_party.py        writes THIRD_PARTY.md

What there is to say of a package is written below, for metadata seldom says what a wheel holds besides. tests/test_third_party.py
holds it against the packages that are installed: none may be missing, and none may be without a text.
"""

import shutil
import subprocess
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "THIRD_PARTY.md"
COMMON = ROOT / "assets" / "licences"  # texts that some wheels leave out
OURS = "sinet-backdrop"
TEXTS = (
    "licen",
    "copying",
    "notice",
    "author",
    "thirdparty",
)  # begin or are in the names of files with licences


@dataclass(frozen=True, slots=True)
class Part:
    """A package. licence: in SPDX's words. holds: what is in its wheel under other terms. texts: of COMMON."""

    name: str
    licence: str
    holds: str = ""
    texts: tuple[str, ...] = ()


PARTS = (
    Part(
        "av",
        "BSD-3-Clause",
        "FFmpeg, which calls itself LGPL-3.0-or-later; x264 and x265, which are GPL-2.0-or-later, so that FFmpeg together with them "
        "is GPL-3.0-or-later; GnuTLS and libunistring (LGPL), GMP and Nettle (LGPL-3.0-or-later or GPL-2.0-or-later), LAME (LGPL), "
        "opencore-amr (Apache-2.0), dav1d, libvpx, Opus, SVT-AV1, libwebp, libxcb, libdrm, oneVPL (permissive)",
        ("GPL-2.0", "GPL-3.0", "LGPL-2.1", "LGPL-3.0", "Apache-2.0"),
    ),
    Part("flatbuffers", "Apache-2.0", texts=("Apache-2.0",)),
    Part("jeepney", "MIT"),
    Part("numpy", "BSD-3-Clause", "OpenBLAS and LAPACK (BSD), the GCC runtime (GPL-3.0 with its exception), libquadmath (LGPL-2.1)"),
    Part("onnxruntime", "MIT", "what its ThirdPartyNotices.txt lists, permissive"),
    Part(
        "opencv-python-headless",
        "Apache-2.0",
        "its Python packaging (MIT); FFmpeg (LGPL-2.1-or-later) with OpenSSL 1.1.1 (OpenSSL and SSLeay licences); libaom, libavif, "
        "libvpx, libpng, OpenBLAS (permissive); libquadmath (LGPL-2.1)",
        ("Apache-2.0", "LGPL-2.1"),
    ),
    Part("packaging", "Apache-2.0 OR BSD-2-Clause"),
    Part(
        "pillow",
        "MIT-CMU",
        "libjpeg-turbo, OpenJPEG, libpng, libtiff, libwebp, libavif with libaom and dav1d, libyuv, Little CMS, FreeType, HarfBuzz, Raqm, Brotli, "
        "liblzma, Zstandard, libxcb (permissive)",
    ),
    Part("protobuf", "BSD-3-Clause"),
    Part(
        "PySide6_Essentials",
        "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only",
        "Qt, under the same terms; ICU (Unicode-3.0)",
        ("LGPL-3.0", "GPL-3.0", "GPL-2.0"),
    ),
    Part("python-xlib", "LGPL-2.1-or-later"),
    Part("pyvirtualcam", "GPL-2.0-only", "libyuv (BSD-3-Clause)"),
    Part(
        "shiboken6",
        "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only",
        texts=("LGPL-3.0", "GPL-3.0", "GPL-2.0"),
    ),
    Part("six", "MIT"),
)  # fmt: skip

HEAD = """\
# Whose code Backdrop uses

Written by `python assets/bundle/third_party.py`; change that, not this.

Backdrop's own code and weights are under the [MIT licence](LICENSE), and so is the package (wheel) that holds nothing else but
pictures drawn by that code and the demo's portrait, which is NASA's and in the public domain. Installing it fetches the packages
below, each from its maker and under its own terms. The bundle that `make bundle` builds holds them all in one folder, with their
licence texts in `licences/`, and Python (PSF-2.0) as well.

| package | licence | what else is in its wheel |
|---|---|---|
"""
WHOLE = """
## The bundle as a whole

Whoever hands the bundle on hands on all of this, and must keep to all of its terms. As we read them, and this is no legal advice:

- x264, x265 and the FFmpeg built with them make it a work under the **GNU GPL, version 3 or later**, source code included. MIT, BSD,
  Apache-2.0 and LGPL-3.0 (Qt) allow that; version 2 of the GPL alone would not do, for Apache-2.0 (OpenCV) and LGPL-3.0 do not go
  with it.
- **pyvirtualcam** says GPL version 2, in its metadata and its licence file, and nothing of later versions. Taken by the word, that is
  GPL-2.0-only, which goes neither with version 3 nor with Apache-2.0 in one work. OpenCV's wheel also holds OpenSSL 1.1.1, whose old
  licence does not go with the GPL either; Backdrop never uses it.
- So nothing forbids building the bundle and using it yourself: the GPL sets terms for handing on, not for running. Before handing it
  on, leave pyvirtualcam out or have its author's word that later versions of the GPL will do, and take an OpenCV without OpenSSL.

Installed from packages, as the README says, nothing is handed on together: each package comes from its own maker.

## In the texts

`licences/NAME/` has what the package itself brings. Where its wheel brings none, or holds libraries without theirs, the texts in
`assets/licences` stand in: GPL-2.0, GPL-3.0, LGPL-2.1, LGPL-3.0, Apache-2.0, and Python's. Libraries that PyInstaller takes from the
computer that builds the bundle are covered by the files `copyright` of that computer's distribution, in `licences/system/`.
"""


def needed(name: str = OURS) -> set[str]:
    """The packages, by their normal names, that an installed one needs to run on Linux, and what those need."""
    found: set[str] = set()
    left = [name]
    while left:
        for text in metadata.requires(left.pop()) or ():
            wanted = Requirement(text)
            here = wanted.marker is None or wanted.marker.evaluate({"extra": ""})
            if here and normal(wanted.name) not in found:
                found.add(normal(wanted.name))
                left.append(wanted.name)
    return found


def normal(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def texts_of(part: Part) -> list[Path]:
    """The files with its licences: its own, and those that stand in for what its wheel leaves out."""
    own = [
        Path(str(file.locate()))
        for file in metadata.files(part.name) or ()
        if file.suffix not in (".py", ".pyc") and any(word in file.name.lower() for word in TEXTS)
    ]
    return [path for path in own if path.is_file()] + [COMMON / f"{name}.txt" for name in part.texts]


def for_the_bundle() -> list[tuple[str, str]]:
    """(file, folder in the bundle) of every licence text, and of THIRD_PARTY.md and our own licence."""
    wanted = [(str(path), ".") for path in (ROOT / "LICENSE", TARGET)]
    wanted.append((str(COMMON / "Python.txt"), "licences/Python"))
    for part in PARTS:
        folders: dict[str, int] = {}
        for path in texts_of(part):
            again = folders[path.name] = (
                folders.get(path.name, 0) + 1
            )  # numpy has a LICENSE.md for each of its parts
            wanted.append((str(path), f"licences/{part.name}" + (f"/{again}" if again > 1 else "")))
    return wanted


def of_the_system(libraries: list[str]) -> list[tuple[str, str]]:
    """(Debian package, its file "copyright") of libraries that lie in the system, where dpkg knows them."""
    own = sorted({str(Path(path).resolve()) for path in libraries if path.startswith(("/lib", "/usr/lib"))})
    own += [path.removeprefix("/usr") for path in own]  # as Debian 12's packages name them
    if not own or shutil.which("dpkg-query") is None:
        return []
    told = subprocess.run(["dpkg-query", "-S", *own], capture_output=True, text=True, check=False).stdout
    packages = sorted(
        {line.partition(":")[0] for line in told.splitlines() if not line.startswith("diversion")}
    )
    texts = ((package, Path("/usr/share/doc", package, "copyright")) for package in packages)
    return [(package, str(text)) for package, text in texts if text.is_file()]


def page() -> str:
    rows = [f"| {part.name} | {part.licence} | {part.holds or '–'} |" for part in PARTS]
    return HEAD + "\n".join(rows) + "\n" + WHOLE


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
    print(TARGET)
