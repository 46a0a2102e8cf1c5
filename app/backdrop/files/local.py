"""Local files only, never the network: FFmpeg would treat some file names as addresses, and Python treats ~ as a home folder."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from backdrop.language import _

if TYPE_CHECKING:
    import av

ONLY_FILES = {"protocol_whitelist": "file"}  # whatever a file refers to must be a file, too
# No playlists: they name other files, and FFmpeg would reload a live one (HLS) forever.
CONTAINERS = "apng,asf,av1,avi,dv,flv,gif,h264,hevc,ivf,matroska,mjpeg,mov,mpeg,mpegts,mpegvideo,mxf,nut,ogg,rm,wav,yuv4mpegpipe"

# What FFmpeg connects to, or treats as something other than a file. A colon alone is not enough: call-16:30.mp4 is a file.
_ADDRESS = re.compile(
    r"(?:(?:async|cache|concatf?|crypto|data|dtls|fd|ffrtmphttp|ftp|gophers?|hls|httpproxy|https?|icecast|ipfs|ipns|md5|mms[ht]"
    r"|pipe|prompeg|rtmp\w*|rtsp|rtp|sctp|sftp|smb|srtp?|subfile|tcp|tee|tls|udp|udplite|unix)[:,]|\w[\w+.-]*://).*",
    re.IGNORECASE | re.DOTALL,
)


def is_address(name: str) -> bool:
    """Whether FFmpeg would treat a name as an address: "tcp:127.0.0.1:9?.mkv", but not "./tcp:a.mkv"."""
    return _ADDRESS.fullmatch(name) is not None


def why_no_address(name: str) -> str:
    """The error for a person who gave an address."""
    return _(
        "{name} is an address, and Backdrop never uses the network: use a file, with ./ in front of"
        " a file name like this one.",
        name=name,
    )


def name_for_ffmpeg(path: str | Path) -> str:
    """The name by which FFmpeg, also inside OpenCV, opens exactly this file, whatever it is called."""
    return f"file:{path}"


def open_to_read(path: str | Path) -> "av.container.InputContainer":
    """Open a video or sound file. Raises av.FFmpegError or OSError."""
    import av

    return av.open(name_for_ffmpeg(path), options=ONLY_FILES | {"format_whitelist": CONTAINERS})


def expanded(name: str | Path) -> Path:
    """Replace ~ by the home folder, unless a file of that very name exists, such as "~x.jpg"."""
    path = Path(name)
    if path.exists():
        return path
    try:
        return path.expanduser()
    except RuntimeError:  # no such user, or one without a home
        return path
