"""How the line is doing, as a window and `backdrop status` show it."""

from dataclasses import dataclass

from backdrop.run.output_sink import State


@dataclass(frozen=True, slots=True)
class Stats:
    """How the line is doing. Rates cover the last second. milliseconds: median from the start of processing to sent.

    dropped: frames that a newer one replaced before they were processed. frames: those that were processed.
    age, age_p95: milliseconds from the camera's answer to the sent composite, median and 95th percentile. timing: as in
    the settings. savings: what is currently left out, in words, because the computer cannot keep up.
    camera, output: their names, "" for none. resting: the camera is closed because nobody watches. has_consumers: whether
    a program reads the output, None if the output does not know. output_state, output_reason: whether the output that the
    settings want is there, and why not if it failed. consumers: the programs that read it, by name, as far as known.
    recording: the file to which the person records, "" for none; recorded: how many seconds it is long by now.
    """

    capture_fps: float
    process_fps: float
    output_fps: float
    milliseconds: float
    dropped: int
    frames: int
    camera: str
    output: str
    resting: bool = False
    has_consumers: bool | None = False
    age: float = 0.0
    age_p95: float = 0.0
    timing: str = "exact"
    savings: tuple[str, ...] = ()
    output_state: State = "off"
    output_reason: str = ""
    consumers: tuple[str, ...] = ()
    recording: str = ""
    recorded: float = 0.0
