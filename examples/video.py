"""Replace the background of a video by a picture. The result has no sound.

python examples/video.py talk.mp4 beach.jpg out.mkv
"""

import sys

import cv2

from sinet_core import VideoMatter


def main(source: str, picture: str, target: str) -> None:
    video, backdrop = cv2.VideoCapture(source), cv2.imread(picture)
    if not video.isOpened() or backdrop is None:
        sys.exit(f"{source} or {picture} could not be read")
    fps = video.get(cv2.CAP_PROP_FPS) or 30.0
    size = int(video.get(cv2.CAP_PROP_FRAME_WIDTH)), int(video.get(cv2.CAP_PROP_FRAME_HEIGHT))
    backdrop = cv2.resize(backdrop, size, interpolation=cv2.INTER_AREA)
    writer = cv2.VideoWriter(target, cv2.VideoWriter.fourcc(*"MJPG"), fps, size)
    matter, index = VideoMatter(), 0
    while True:
        read, frame = video.read()
        if not read:
            break
        alpha = matter(frame, captured_at=index / fps)[..., None] / 255
        writer.write((frame * alpha + backdrop * (1 - alpha)).astype("uint8"))
        index += 1
    writer.release()
    print(f"{index} frames written to {target}")


if __name__ == "__main__":
    main(*sys.argv[1:])
