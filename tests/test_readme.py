"""The docs: every command exists, those that need nothing plugged in are run, and figures and links are right."""

import re
import shlex
import subprocess
import sys

import pytest

from backdrop.backdrops.arguments import read_settings
from backdrop.cli.parser import build_parser
from backdrop.settings.settings import Settings
from tests import ROOT
from tests.own_folders import runtime_folder

DOCS = (
    "README.md",
    "CONTRIBUTING.md",
    "docs/use.md",
    "docs/quality.md",
    "docs/performance.md",
    "docs/segmentation.md",
)
PAGES = (*DOCS, "CHANGELOG.md", "docs/faults.md", "docs/doctor.md")
WORDS, WIDTH = 700, 120  # at most: of the README, of a line
SECONDS = "1"
# What the docs name as an example of somebody's own file or folder.
EXAMPLES = re.compile(r"^(.*\.(mp4|mov|mkv|jpg|jpeg|png|webp|onnx|gif)|folder.*|runs/.*)$")
# Words that read as if translated, and what others they stand for.
BANNED = re.compile(
    r"(?i)\b(mends?|mended|anew|whoever|of whom|so many|so-manieth|cannot be told|is sound|gives? (no )?pictures)\b|Left out:"
)


def code_blocks(text: str) -> list[tuple[str, list[str]]]:
    """(language, lines) of every fenced block, and of every one that is indented."""
    blocks = []
    for fence in re.finditer(r"(?ms)^```(\w*)\n(.*?)^```", text):
        blocks.append((fence[1], fence[2].splitlines()))
    plain = re.sub(r"(?ms)^```.*?^```", "", text)
    blocks += [("", block.splitlines()) for block in re.findall(r"(?m)(?:^ {4}\S.*\n)+", plain)]
    return blocks


def commands(text: str) -> list[list[str]]:
    """The words of every command, without what is said about it: that stands behind two spaces or more, or a #."""
    found = []
    for _language, lines in code_blocks(text):
        joined = re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines()
        for line in joined:
            line = re.split(r"\s{2,}|\s#\s", line.strip().removeprefix("$ "))[0]
            if re.match(r"(backdrop|make|python|pip|sudo|git|systemctl|dist/backdrop/backdrop)\b", line):
                found += [shlex.split(part) for part in line.split(" && ")]
    return found


def mentions(text: str) -> list[list[str]]:
    """The words of every command that a sentence names between backquotes; it may name no more than its first words."""
    prose = re.sub(r"(?ms)^```.*?^```", "", text)
    return [shlex.split(line) for line in re.findall(r"`((?:backdrop|make) [^`]+)`", prose)]


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


TEXTS = [(ROOT / name).read_text(encoding="utf-8") for name in DOCS]
ALL = sorted({tuple(words) for text in TEXTS for words in commands(text)})
MENTIONED = sorted({tuple(words) for text in TEXTS for words in mentions(text)})
BACKDROP = [list(words[1:]) for words in ALL if words[0] in ("backdrop", "dist/backdrop/backdrop")]
NAMED = [words for words in MENTIONED if words[0] == "backdrop" and words[1].islower()]
OWN = [words for words in BACKDROP if not {"COMMAND", "WHAT", "NAME=VALUE", "FILE", "CLIP", "…"} & set(words)]
MAKE = [list(words[1:]) for words in (*ALL, *MENTIONED) if words[0] == "make"]
MODULES = [list(words[2:]) for words in ALL if words[:2] == ("python", "-m")]


def needs_nothing(words: list[str]) -> bool:
    """Whether a command runs anywhere: with the demo camera, and no device to send to."""
    name = words[0] if words else ""
    if name in ("doctor", "devices"):
        return "--try-camera" not in words
    return (
        name == "run"
        and "demo" in words
        and ("null" in words or any(word.endswith(".mp4") for word in words))
    )


def name_of(words: list[str]) -> str:
    return " ".join(words) or "alone"


def test_the_docs_have_commands():
    assert len(OWN) >= 8
    assert len(MAKE) >= 5
    assert any(needs_nothing(words) for words in OWN)


@pytest.mark.parametrize("words", OWN, ids=name_of)
def test_a_command_of_the_docs_is_understood(words):
    if not words or words[0].startswith("-"):
        words = ["gui", *words]
    arguments = build_parser().parse_args(words)
    given = vars(arguments)
    for name in ("backdrop", "picture"):  # a picture of the reader's own is not here
        if EXAMPLES.match(str(given.get(name))):
            given[name] = str(ROOT / "assets" / "demo" / "astronaut.png")
    read_settings(arguments, Settings())


@pytest.mark.parametrize("words", NAMED, ids=" ".join)
def test_a_command_that_a_sentence_names_is_there(words, capsys):
    with pytest.raises(SystemExit):
        build_parser().parse_args([words[1], "--help"])
    told = capsys.readouterr().out
    assert told.startswith(f"usage: backdrop {words[1]}")
    assert all(word in told for word in words[2:] if word.startswith("--"))


@pytest.mark.parametrize("words", MAKE, ids=name_of)
def test_make_has_every_target_that_the_docs_name(words):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = [word for word in words if "=" not in word and not word.startswith("-")]
    for target in targets:
        assert re.search(rf"(?m)^{re.escape(target)}:", makefile), target
    variables = {word.partition("=")[0] for word in words if "=" in word and not word.startswith("-")}
    assert all(f"$({name})" in makefile for name in variables)


@pytest.mark.parametrize("words", MODULES, ids=name_of)
def test_a_module_that_the_docs_start_is_there(words):
    path = ROOT / words[0].replace(".", "/")
    assert (
        path.with_suffix(".py").is_file() or (path / "__main__.py").is_file() or words[0] in ("pytest", "pip")
    )


@pytest.mark.parametrize("words", [words for words in OWN if needs_nothing(words)], ids=name_of)
def test_a_command_that_needs_nothing_plugged_in_runs(words, tmp_path):
    words = list(words)
    if "--seconds" in words:
        words[words.index("--seconds") + 1] = SECONDS
    elif words[0] == "run":
        words += ["--seconds", SECONDS]
    home = {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": runtime_folder(), "PATH": "/usr/bin:/bin", "LANGUAGE": "en",
            "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}  # fmt: skip
    ended = subprocess.run(
        [sys.executable, "-m", "backdrop", *words],
        cwd=tmp_path, env=home, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert ended.returncode == 0 or (words[0] == "doctor" and ended.returncode == 1), ended.stderr
    assert ended.stdout
    for name in [word for word in words if word.endswith(".mp4")]:
        assert (tmp_path / name).stat().st_size > 1000


def test_the_python_of_the_docs_runs(tmp_path):
    """As it stands there, on the demo's portrait in place of the reader's photo."""
    programs = [lines for text in TEXTS for language, lines in code_blocks(text) if language == "python"]
    assert programs
    photo = (ROOT / "assets" / "demo" / "astronaut.png").read_bytes()
    for program in programs:
        source = "\n".join(program)
        for name in re.findall(r'imread\("([^"]+)"\)', source):
            (tmp_path / name).write_bytes(photo)  # OpenCV knows a PNG by its content
        environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
        ended = subprocess.run(
            [sys.executable, "-c", source],
            cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("name", PAGES)
def test_what_the_docs_link_to_is_there(name):
    links = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", text_of(name))
    folder = (ROOT / name).parent
    missing = [link for link in links if "://" not in link and not (folder / link).exists()]
    assert missing == []


def test_the_readme_is_short():
    assert len(text_of("README.md").split()) <= WORDS


@pytest.mark.parametrize("name", DOCS)
def test_lines_are_no_wider_than_a_reader_likes(name):
    """Tables, pictures and commands cannot be broken; everything else can."""
    fenced, wide = False, []
    for line in text_of(name).splitlines():
        fenced ^= line.startswith("```")
        if not fenced and len(line) > WIDTH and not line.startswith(("|", "    ", "![")):
            wide.append(line)
    assert wide == []


@pytest.mark.parametrize("name", [*DOCS, "docs/faults.md"])
def test_the_docs_are_in_plain_english(name):
    prose = "\n".join(line for line in text_of(name).splitlines() if not line.startswith("|"))
    assert [found[0] for found in BANNED.finditer(prose)] == []


def test_the_figures_of_the_readme_are_those_of_the_docs():
    readme = text_of("README.md")
    cost = re.search(r"\*\*(\d+) ms of one CPU core\*\* per 720p frame", readme)
    measured = re.search(r"\| CPU per frame \| ([\d.]+) ms", text_of("docs/performance.md"))
    assert cost is not None
    assert measured is not None
    assert int(cost[1]) == round(float(measured[1]))
    size = re.search(r"\*\*(\d+) kB of network\.\*\* ([\d,]+) parameters", readme)
    assert size is not None
    assert float(size[1]) * 1000 == pytest.approx((ROOT / "weights" / "sinet.onnx").stat().st_size, rel=0.02)
    assert f"{size[2]} parameters" in text_of("weights/README.md")
    assert "**0 frames of your room**" in readme
    assert "**0 raw frames escaped**" in text_of("docs/faults.md")


LEVEL = 0.005  # of IoU: a smaller difference on 95 photos says nothing


def test_the_readme_is_as_honest_as_the_measurements():
    """It says on which photos Backdrop is ahead and on which it is not: docs/quality.md has the figures."""
    rows = re.findall(
        r"(?m)^\| (\S+).*?, (plain|refined)" + r" \| (\.\d+)[^|]*" * 4,
        text_of("docs/quality.md").partition("## The network alone")[0],
    )
    iou = {(name, how): tuple(map(float, sets)) for name, how, *sets in rows}
    ours, *others = iou["**Backdrop**", "refined"], iou["MediaPipe", "plain"], iou["Meet", "plain"]
    claim = re.search(
        r"(behind|level with|ahead of) MediaPipe's and Meet's networks on webcams in general, (ahead|behind) on cut-outs",
        " ".join(text_of("README.md").split()),
    )
    assert claim is not None
    lead = ours[0] - max(each[0] for each in others)
    assert claim[1] == ("level with" if abs(lead) <= LEVEL else "ahead of" if lead > 0 else "behind")
    assert claim[2] == ("ahead" if ours[3] > max(each[3] for each in others) else "behind")


def test_commands_are_found_in_a_text():
    text = "A\n\n    backdrop run --camera demo      what it does\n    make test   all\n\n```sh\n$ pip install . # now\n```\n"
    text += "and `backdrop doctor`.\n"
    assert commands(text) == [["pip", "install", "."], ["backdrop", "run", "--camera", "demo"], ["make", "test"],
                              ]  # fmt: skip
    assert mentions(text) == [["backdrop", "doctor"]]
