"""What `make deb` packs, with a small program in the bundle's place. tests/deb_in_a_clean_machine.sh installs the real one."""

import json
import runpy
import shutil
import subprocess

import pytest

from backdrop.system.desktop_entry import ID
from tests import ROOT

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("dpkg-deb", "objdump"))),
    reason="Debian's and Ubuntu's own tools make the package",
)


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    """The control fields and the files, each with its mode and owner, of a package made of a small bundle."""
    folder = tmp_path_factory.mktemp("deb")
    bundle = folder / "dist" / "backdrop"
    (bundle / "_internal").mkdir(parents=True)
    shutil.copy(shutil.which("true"), bundle / "backdrop")
    (bundle / "_internal" / "link.so").symlink_to("../backdrop")
    (bundle / "_internal" / "text").write_text("not a program, and it names GLIBC_9.99")
    (bundle / "_internal" / "text").chmod(0o600)
    deb = runpy.run_path(str(ROOT / "assets" / "bundle" / "deb.py"))
    build = deb["build"]
    build.__globals__.update(BUNDLE=bundle, TREE=folder / "tree")
    package = build("zstd")
    told = subprocess.run(["dpkg-deb", "--field", package], capture_output=True, text=True, check=True).stdout
    listed = subprocess.run(
        ["dpkg-deb", "--contents", package], capture_output=True, text=True, check=True
    ).stdout
    files = {}
    for line in listed.splitlines():
        mode, owner, _size, _day, _time, path = line.split(maxsplit=5)
        files[path.removeprefix("./")] = (mode, owner)
    return told, files


def test_every_file_lies_where_the_system_looks_for_it_and_is_root_s(packed):
    _told, files = packed
    for path, mode in {
        "usr/lib/backdrop/backdrop": "-rwxr-xr-x",
        "usr/lib/backdrop/_internal/text": "-rw-r--r--",
        f"usr/share/applications/{ID}.desktop": "-rw-r--r--",
        f"usr/share/metainfo/{ID}.metainfo.xml": "-rw-r--r--",
        f"usr/share/polkit-1/actions/{ID}.policy": "-rw-r--r--",
        "usr/libexec/backdrop/set-up-virtual-camera": "-rwxr-xr-x",
        "usr/lib/systemd/user/backdrop.service": "-rw-r--r--",
        "usr/share/icons/hicolor/scalable/apps/backdrop.svg": "-rw-r--r--",
        "usr/share/icons/hicolor/48x48/apps/backdrop.png": "-rw-r--r--",
        "usr/share/doc/backdrop/copyright": "-rw-r--r--",
    }.items():
        assert files[path] == (mode, "root/root")
    assert "usr/bin/backdrop -> ../lib/backdrop/backdrop" in files
    assert "usr/lib/backdrop/_internal/link.so -> ../backdrop" in files


def test_it_asks_for_the_c_library_that_its_programs_need_and_recommends_both_cameras(packed):
    told, _files = packed
    assert "libc6 (>= 2." in told
    assert "9.99" not in told
    (recommends,) = [line for line in told.splitlines() if line.startswith("Recommends: ")]
    assert "v4l2loopback-dkms" in recommends
    assert "pipewire" in recommends


def test_the_policy_names_the_script_where_the_package_has_it(packed):
    _told, files = packed
    policy = (ROOT / "assets" / "desktop" / "backdrop.policy").read_text()
    assert policy.count("/usr/libexec/backdrop/set-up-virtual-camera") == 2
    assert "usr/libexec/backdrop/set-up-virtual-camera" in files


@pytest.mark.skipif(shutil.which("flatpak-builder") is None, reason="needs flatpak-builder")
def test_flatpak_builder_reads_the_manifest_which_says_that_it_is_untested_and_names_files_that_are_there(
    tmp_path,
):
    manifest = ROOT / "assets" / "flatpak" / f"{ID}.yaml"
    assert manifest.read_text().startswith("# UNTESTED")
    asked = ["flatpak-builder", "--show-manifest", manifest]
    read = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True)
    assert read.returncode == 0, read.stderr
    told = json.loads(read.stdout)
    assert told["id"] == ID
    assert "--share=network" not in told["finish-args"]
    assert {"--device=all", "--filesystem=xdg-run/pipewire-0"} <= set(told["finish-args"])
    (module,) = told["modules"]
    paths = [source["path"] for source in module["sources"]]
    assert "../../dist/backdrop" in paths  # what make bundle makes
    assert all((manifest.parent / path).exists() for path in paths if "dist/" not in path)
