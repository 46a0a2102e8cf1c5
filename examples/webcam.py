"""Show the webcam in front of a plain background, with low latency. Press Esc to quit.

python examples/webcam.py                   first camera, in a window (needs opencv-python, not the headless package)
python examples/webcam.py talk.mp4 out.mkv  a video instead of the camera, a file instead of the window
"""

import sys
import time

import cv2
import numpy as np

from sinet_core import MatteOptions, NotReadyError, VideoMatter

BACKGROUND = (122, 91, 59)  # blue, green and red
OPTIONS = MatteOptions(low_latency=True)


def main(source: str = "0", target: str = "") -> None:
    camera = cv2.VideoCapture(int(source) if source.isdecimal() else source)
    fps = camera.get(cv2.CAP_PROP_FPS) or 30.0
    matter, writer, shown = VideoMatter(), None, 0
    while True:
        read, frame = camera.read()
        if not read:
            break
        composite = np.full_like(frame, BACKGROUND)  # hides the room until the person is found
        try:
            alpha = matter(frame, time.monotonic(), OPTIONS)[..., None] / 255
            composite = (frame * alpha + composite * (1 - alpha)).astype(np.uint8)
            shown += 1
        except NotReadyError:
            pass
        if target:
            if writer is None:
                writer = cv2.VideoWriter(target, cv2.VideoWriter.fourcc(*"MJPG"), fps, frame.shape[1::-1])
            writer.write(composite)
            time.sleep(1 / fps)  # in real time, as a camera would be
        else:
            cv2.imshow("Press Esc to quit", composite)
            if cv2.waitKey(1) == 27:
                break
    matter.close()
    if writer is not None:
        writer.release()
    print(f"{shown} frames with an alpha")


if __name__ == "__main__":
    main(*sys.argv[1:])
