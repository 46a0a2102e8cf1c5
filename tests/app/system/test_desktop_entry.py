"""Desktop entry, metadata, icons and unit: valid by their own tools, started by this Backdrop, and taken away again."""

import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import cv2
import numpy as np
import pytest

from backdrop import __version__
from backdrop.language import LANGUAGES
from backdrop.resources import resource
from backdrop.system.desktop_entry import ID, SIZES, command, contents, icon, install_desktop

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a thing of Linux")
ODD = ["/opt/my apps/100 % \"odd\" $HOME `x`/back\\drop"]  # fmt: skip


@pytest.fixture
def home(tmp_path):
    return {"XDG_DATA_HOME": str(tmp_path / "data"), "XDG_CONFIG_HOME": str(tmp_path / "config")}


@pytest.fixture
def installed(home, tmp_path):
    install_desktop(environment=home)
    return tmp_path


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed here; `make test` installs it on Debian and Ubuntu")
    return found


def entry_of(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, delimiters="=", strict=True)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(text)
    return parser


def desktop_entry(folder: Path) -> Path:
    return folder / "data" / "applications" / f"{ID}.desktop"


def test_everything_lies_where_the_desktop_looks_and_is_gone_after_removal(home, tmp_path, capsys):
    former = tmp_path / "data" / "applications" / "backdrop.desktop"
    former.parent.mkdir(parents=True)
    former.write_text("[Desktop Entry]")
    assert install_desktop(environment=home) == 0
    assert not former.exists(), "Backdrop is to be among the applications once"
    installed = tmp_path
    files = [path for path in installed.rglob("*") if path.is_file()]
    assert set(files) == set(contents(command(), home))
    assert {path.name for path in files} >= {
        f"{ID}.desktop",
        f"{ID}.metainfo.xml",
        "backdrop.service",
        "backdrop.svg",
        "backdrop.png",
    }
    told = capsys.readouterr().out
    assert all(str(path) in told for path in files)
    assert install_desktop(remove=True, environment=home) == 0
    assert [path for path in installed.rglob("*") if path.is_file()] == []
    assert install_desktop(remove=True, environment=home) == 0, "harmless the second time"


def test_the_desktop_entry_is_valid(installed):
    told = subprocess.run(
        [tool("desktop-file-validate"), desktop_entry(installed)], capture_output=True, text=True
    )
    assert (told.returncode, told.stdout) == (0, "")


def test_the_metadata_are_valid_and_of_this_version():
    path = resource("desktop/backdrop.metainfo.xml")
    root = ET.parse(path).getroot()
    assert next(each.get("version") for each in root.iter("release")) == __version__
    assert (root.findtext("id"), root.findtext("launchable")) == (ID, f"{ID}.desktop")
    told = subprocess.run(
        [tool("appstreamcli"), "validate", "--no-net", path], capture_output=True, text=True
    )
    assert told.returncode == 0, told.stdout  # so from a warning on; what it only remarks upon does not count


def test_the_unit_is_valid_and_has_no_network(installed, tmp_path):
    path = installed / "config" / "systemd" / "user" / "backdrop.service"
    unit = entry_of(path.read_text(encoding="utf-8"))
    assert unit["Service"]["PrivateNetwork"] == unit["Service"]["NoNewPrivileges"] == "yes"
    assert unit["Service"]["ExecStart"].endswith(" run")
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path), "SYSTEMD_LOG_LEVEL": "warning"}
    told = subprocess.run(
        [tool("systemd-analyze"), "--user", "verify", path], env=environment, capture_output=True, text=True
    )
    assert (told.returncode, told.stderr) == (0, "")


def test_what_is_started_is_this_backdrop_and_knows_its_words(installed):
    from backdrop.cli.parser import build_parser

    entry = entry_of(desktop_entry(installed).read_text(encoding="utf-8"))
    lines = [entry[section]["Exec"] for section in entry.sections()]
    assert len(lines) == 3
    for line in lines:
        words = shlex.split(line)
        assert words[: len(command())] == command()
        build_parser().parse_args(words[len(command()) :])
    ended = subprocess.run([*command(), "--version"], capture_output=True, text=True, check=True, timeout=600)
    assert ended.stdout.startswith(f"Backdrop {__version__}\n")


def test_a_path_with_odd_letters_is_quoted_as_the_specification_asks(home):
    files = {
        path.name: content.decode() for path, content in contents(ODD, home).items() if path.suffix != ".png"
    }
    line = entry_of(files[f"{ID}.desktop"])["Desktop Entry"]["Exec"]
    quoted = re.fullmatch(
        r'"(.*)" gui', line.replace("\\\\", "\\")
    )  # first the escapes of a string, then the quotes
    assert quoted is not None
    assert re.sub(r'\\(["`$\\])', r"\1", quoted[1]).replace("%%", "%") == ODD[0]
    unit = entry_of(files["backdrop.service"])["Service"]["ExecStart"]
    assert shlex.split(unit.replace("%%", "%").replace("$$", "$")) == [*ODD, "run"]


@pytest.mark.parametrize("size", SIZES)
def test_an_icon_has_its_size_and_round_corners(size):
    pixels = cv2.imdecode(np.frombuffer(icon(size), np.uint8), cv2.IMREAD_UNCHANGED)
    assert pixels.shape == (size, size, 4)
    assert pixels[0, 0, 3] == 0
    assert pixels[size // 2, size // 2, 3] == 255


def test_the_words_of_the_desktop_are_in_every_language():
    entry = entry_of(resource("desktop/backdrop.desktop").read_text(encoding="utf-8"))
    metadata = resource("desktop/backdrop.metainfo.xml").read_text(encoding="utf-8")
    for code in set(LANGUAGES) - {"en"}:
        for section in entry.sections():
            for key in ("GenericName", "Comment", "Keywords") if section == "Desktop Entry" else ("Name",):
                assert entry[section][f"{key}[{code}]"] != entry[section][key]
        assert metadata.count(f'xml:lang="{code}"') >= 4
