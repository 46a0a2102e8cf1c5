"""Blur the background of a photo.

python examples/photo.py portrait.jpg blurred.png
"""

import sys

import cv2

from sinet_core import VideoMatter


def main(source: str, target: str) -> None:
    frame = cv2.imread(source)
    if frame is None:
        sys.exit(f"{source} is not a readable picture")
    alpha = VideoMatter()(frame, captured_at=0.0)[..., None] / 255  # a photo is a video of one frame
    room = cv2.GaussianBlur(frame, (0, 0), sigmaX=frame.shape[0] / 60)
    composite = frame * alpha + room * (1 - alpha)
    if not cv2.imwrite(target, composite.astype("uint8")):
        sys.exit(f"{target} could not be written")


if __name__ == "__main__":
    main(*sys.argv[1:])
