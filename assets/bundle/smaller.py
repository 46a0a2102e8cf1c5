"""Makes the bundle smaller: what its libraries are linked to, but Backdrop never calls, is replaced by a few kilobytes.

A wheel links its libraries to others for all that it can do. OpenCV wants FFmpeg for files, which Backdrop reads with PyAV,
and OpenBLAS for equations that Backdrop never solves; PyAV wants encoders that Backdrop never chooses. The linker wants each of
them by name, so a library of that name stands in: it has the names that others look up, and a function that is called
all the same says so and ends the program. tests/test_bundle.py uses the bundle in every way that Backdrop uses these libraries.

Needs a C compiler and binutils; without them everything stays as it is.
"""

import re
import shutil
import struct
import subprocess
from collections.abc import Iterable
from pathlib import Path

Entry = tuple[str, str, str]  # PyInstaller's: the name in the bundle, the file, its kind

REFUSES = None
# The beginning of each library's name, and what its functions answer; REFUSES where nothing ever calls one. A path: of a
# file in C with the functions that are called, while the others refuse.
STAND_INS: dict[str, int | Path | None] = {
    # NumPy multiplies matrices and solves equations with it. Backdrop has only small matrices, and no equations.
    "numpy.libs/libscipy_openblas": Path(__file__).with_name("blas.c"),
    # What OpenCV reads files and multiplies matrices with, and what decodes AVIF for it: Backdrop gives it its own PNGs alone.
    "opencv_python_headless.libs/libavcodec": REFUSES,
    "opencv_python_headless.libs/libavformat": REFUSES,
    "opencv_python_headless.libs/libavutil": REFUSES,
    "opencv_python_headless.libs/libswscale": REFUSES,
    "opencv_python_headless.libs/libopenblas": REFUSES,
    "opencv_python_headless.libs/libaom": REFUSES,
    # Encoders that Backdrop does not offer. FFmpeg asks x265 once which depths it has: none.
    "av.libs/libx265": 0,
    "av.libs/libSvtAv1Enc": REFUSES,
    "av.libs/libvpl": -1,
    "av.libs/libwebp": REFUSES,
    "av.libs/libmp3lame": REFUSES,
    "av.libs/libopencore": REFUSES,
    # Screens, sound cards and the network, which Backdrop never uses. FFmpeg initialises the latter once: it fails.
    "av.libs/libxcb": REFUSES,
    "pillow.libs/libxcb": REFUSES,
    "av.libs/libasound": REFUSES,
    "av.libs/libgnutls": -1,
    # D-Bus asks it only where it is a server.
    "libsystemd": REFUSES,
}
ICU_DATA = "PySide6/Qt/lib/libicudata.so"
# Qt takes the order of letters, by which its file dialog sorts, from there, and all else from its own tables.
ICU_KEPT = re.compile(
    r"[^/]+/(coll/(ucadata\.icu|root\.res|res_index\.res|de\.res|en\.res)|cnvalias\.icu|root\.res|nfkc\w*\.nrm)"
)

OF_OTHERS = re.compile(r"(lib[^/]*|[^/]+\.libs/[^/]+)$")
KEPT = "libpython"  # loaded by PyInstaller's program


def smaller(entries: Iterable[Entry], folder: Path) -> list[Entry]:
    """The entries with the libraries above replaced by files in `folder`, and without what nothing needs any longer."""
    entries = list(entries)
    if not all(map(shutil.which, ("gcc", "nm", "objdump"))):
        return entries
    folder.mkdir(parents=True, exist_ok=True)
    needs = {name: needed(source) for name, source, kind in entries if kind in ("BINARY", "EXTENSION")}
    made = []
    for name, source, kind in entries:
        answer = [answer for beginning, answer in STAND_INS.items() if name.startswith(beginning)]
        target = folder / Path(name).name
        if kind == "BINARY" and answer:
            users = [each for at, each, _kind in entries if Path(name).name in needs.get(at, ())]
            stand_in(Path(source), users, answer[0], target)
            needs[name] = needed(target)
            source = str(target)
        elif kind == "BINARY" and name.startswith(ICU_DATA):
            icu_data(Path(source), target)
            source = str(target)
        made.append((name, source, kind))
    return without_unneeded(made, needs)


def without_unneeded(entries: list[Entry], needs: dict[str, set[str]]) -> list[Entry]:
    """The entries without libraries that no other file is linked to, and without the links to them.

    Of the system's libraries at the top, and of those that wheels bring in folders NAME.libs; all others are loaded by name.
    """
    needs = dict(needs)
    while True:
        wanted = {KEPT}.union(*needs.values())
        gone = [
            name for name in needs if OF_OTHERS.match(name) and not Path(name).name.startswith(tuple(wanted))
        ]
        if not gone:
            break
        for name in gone:
            del needs[name]
    last = {Path(name).name for name in needs}
    return [
        entry
        for entry in entries
        if entry[0] in needs or entry[2] == "DATA" or (entry[2] == "SYMLINK" and Path(entry[1]).name in last)
    ]


def stand_in(library: Path, users: Iterable[str], answer: int | Path | None, target: Path) -> None:
    """Write a library with those of another's names that its users look up, under its name and versions."""
    given = answer if isinstance(answer, Path) else None
    made = compiled_names(given, target.with_suffix(".o")) if given else set()
    wanted = {name for user in users for name, kind, _size in symbols(user) if kind in "Uwv"}
    versions: dict[str, list[str]] = {}
    code = ["extern int dprintf(int, const char *, ...); extern void abort(void);"]
    for full, kind, size in symbols(library):
        name, _, version = full.replace("@@", "@").partition("@")
        asked = {name} if full == name or "@@" in full else set()
        if kind in "UwvA" or name in made or not (asked | {f"{name}@{version}"}) & wanted:
            continue
        versions.setdefault(version, []).append(name)
        if kind in "TWi":
            does = (f'dprintf(2, "Backdrop\'s bundle has no {library.name}, but {name}() was called.\\n"); abort();'
                    if answer is None or given else f"return {answer};")  # fmt: skip
            code.append(f"long {name}(void) {{ {does} }}")
        else:
            code.append(f"char {name}[{size}];")
    script = target.with_suffix(".map")
    script.write_text("".join(
        f"{version} {{ global: {'; '.join(names)}; {'local: *;' if at == 0 else ''} }};\n"
        for at, (version, names) in enumerate(versions.items())))  # fmt: skip
    source = target.with_suffix(".c")
    source.write_text("\n".join(code))
    versioned = [f"-Wl,--version-script={script}"] if any(versions) else []
    given_too = [str(target.with_suffix(".o"))] if given else []
    compiled(["-w", "-fno-builtin", str(source), *given_too, *versioned], library.name, target)


def compiled_names(source: Path, target: Path) -> set[str]:
    """Compile a file in C. Returns the names of its functions."""
    subprocess.run(["gcc", "-c", "-fPIC", "-O2", str(source), "-o", str(target)], check=True)
    said = subprocess.run(["nm", "-g", str(target)], capture_output=True, text=True, check=True).stdout
    return {line.split()[-1] for line in said.splitlines()}


def icu_data(library: Path, target: Path) -> None:
    """Write ICU's library of data with only the items of ICU_KEPT. The format: icu4c/source/common/ucmndata.h."""
    listing = subprocess.run(
        ["objdump", "-T", str(library)], capture_output=True, text=True, check=True
    ).stdout
    symbol, at = re.search(r"^([0-9a-f]+) g .*\b(icudt\d+_dat)$", listing, re.M).group(2, 1)
    sections = subprocess.run(
        ["objdump", "-h", str(library)], capture_output=True, text=True, check=True
    ).stdout
    start = next(int(offset, 16) + int(at, 16) - int(address, 16)
                 for size, address, offset in re.findall(r"^ +\d+ \S+ +(\w+) +(\w+) +\w+ +(\w+)", sections, re.M)
                 if int(address, 16) <= int(at, 16) < int(address, 16) + int(size, 16))  # fmt: skip
    data = library.read_bytes()[start:]
    (head,) = struct.unpack_from("<H", data)
    (count,) = struct.unpack_from("<I", data, head)
    table = [struct.unpack_from("<II", data, head + 4 + 8 * number) for number in range(count)]
    ends = [*(item for _name, item in table[1:]), None]
    kept = []
    for (name, item), end in zip(table, ends, strict=True):
        called = data[head + name : data.index(b"\0", head + name)].decode()
        if end is not None and ICU_KEPT.fullmatch(called):
            kept.append((called, data[head + item : head + end]))
    names = b"".join(name.encode() + b"\0" for name, _item in kept)
    place = 4 + 8 * len(kept)
    bodies, contents, first = b"", b"", -(-(place + len(names)) // 16) * 16
    for name, item in kept:
        contents += struct.pack("<II", place, first + len(bodies))
        place += len(name) + 1
        bodies += item + bytes(-len(item) % 16)
    whole = struct.pack("<I", len(kept)) + contents + names
    raw = target.with_suffix(".dat")
    raw.write_bytes(data[:head] + whole + bytes(first - len(whole)) + bodies)
    source = target.with_suffix(".s")
    source.write_text(f'.section .rodata\n.balign 16\n.globl {symbol}\n.type {symbol}, @object\n{symbol}: .incbin "{raw}"\n'
                      f'.size {symbol}, . - {symbol}\n.section .note.GNU-stack,"",@progbits\n')  # fmt: skip
    compiled([str(source)], soname(library), target)


def compiled(arguments: list[str], name: str, target: Path) -> None:
    subprocess.run(["gcc", "-shared", "-nostartfiles", "-fPIC", "-Os", "-s", f"-Wl,-soname,{name}", *arguments,
                    "-o", str(target)], check=True)  # fmt: skip


def symbols(path: str | Path) -> list[tuple[str, str, int]]:
    """The dynamic symbols of a file: name with version, nm's letter, size."""
    said = subprocess.run(
        ["nm", "-D", "-S", "--with-symbol-versions", str(path)], capture_output=True, text=True, check=False
    ).stdout
    found = []
    for line in said.splitlines():
        *numbers, kind, name = line.split()
        found.append((name, kind, int(numbers[1], 16) if len(numbers) == 2 else 0))
    return found


def needed(path: str | Path) -> set[str]:
    """The names of the libraries that a file is linked to."""
    said = subprocess.run(["objdump", "-p", str(path)], capture_output=True, text=True, check=False).stdout
    return set(re.findall(r"NEEDED +(\S+)", said))


def soname(path: Path) -> str:
    said = subprocess.run(["objdump", "-p", str(path)], capture_output=True, text=True, check=True).stdout
    return re.findall(r"SONAME +(\S+)", said)[0]
