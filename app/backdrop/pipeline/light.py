"""The light on a person: automatic exposure and white balance, brightness and colours by hand, and portrait light.

The network looks at the camera's own frame: on dark clips it did worse on corrected ones (docs/quality.md).
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from backdrop.pipeline import light_meter
from backdrop.pipeline.tone import AS_IT_IS, Tone, toned
from backdrop.settings.settings import Settings
from sinet_core.native.toning import half_of

EVERY = 0.2  # seconds between two measurements
SETTLING = 1.0  # seconds until 63 % of a change of the light has been followed
SLIGHT = 0.02  # a change of lift, or of the logarithm of a gain, that is not followed: a hand or a turn of the head
LEAST_LIFT, FULL_LIFT = 0.05, 0.3  # the lift from which on noise is steadied, and from which on fully
NOISE = 3.0  # standard deviations that count as noise
MOST_NOISE = 24  # levels
FOLLOW, FOLLOW_FPS = 0.25, 30  # the share of a change, at a frame rate, by which noise is steadied
HAND = 0.6  # lift and contrast at the end of their sliders
WARM = 0.25  # logarithm of the gain of red at the end of the slider
GLOW = 0.6  # lift of portrait light at the end of its slider
GLOW_ROWS = 45  # of the small plane that it is made on
FALLOFF = 0.06  # of the frame's height: how soft portrait light is at the outline, as a standard deviation


def is_asked(settings: Settings) -> bool:
    """Whether the settings change anything of the light."""
    portrait = settings.portrait_light > 0 and settings.backdrop != "none"  # without an alpha there is none
    return settings.auto_light or portrait or by_hand(settings).curve != AS_IT_IS


def by_hand(settings: Settings) -> Tone:
    """What the sliders ask for."""
    warm = WARM * settings.temperature / 100
    return Tone(
        _even(np.array([-warm, 0.0, warm])),
        HAND * settings.brightness / 100,
        HAND * settings.contrast / 100,
        1 + settings.saturation / 100,
    )


def _even(logs: NDArray[np.float64]) -> tuple[float, float, float]:
    """Gains for blue, green and red from their logarithms, so that a grey keeps its brightness."""
    gains = np.exp(logs)
    blue, green, red = gains / (gains @ [0.114, 0.587, 0.299])
    return float(blue), float(green), float(red)


def _joined(automatic: NDArray[np.float64], hand: Tone) -> Tone:
    """Both together. automatic: lift, and logarithms of the gains of blue, green and red."""
    lift, *logs = automatic
    gains = _even(np.array(logs) + np.log(hand.gains))
    return Tone(gains, float(lift) + hand.lift, hand.contrast, hand.saturation)


class Light:
    """A stage of the line: gives the person, and the room that is seen of the half frame, another light."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all earlier frames: the next measurement is used at once, without smoothing."""
        self._goal: NDArray[np.float64] | None = None  # the last measurement that was followed
        self._now: NDArray[np.float64] | None = None
        self._at = self._measured_at = -math.inf
        self._steadied: NDArray[np.uint8] | None = None
        self._noise = 0.0

    def __call__(
        self,
        frame: NDArray[np.uint8],
        half: NDArray[np.uint8],
        alpha: NDArray[np.uint8] | None,
        settings: Settings,
        captured_at: float,
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Return a frame and its half in another light. Neither input is written to.

        frame: (H, W, 3) uint8 BGR. half: halved(frame). alpha: (H, W) uint8; None if the whole frame is shown. Where it is 0,
        the frame may stay as it is; the half is changed everywhere. captured_at: the frame's time in seconds.
        """
        passed = captured_at - self._at
        if self._now is not None and not 0 <= passed < 1:
            self.reset()
        if settings.auto_light:
            self._follow(half, alpha, captured_at)
        else:
            self.reset()
        self._at = captured_at
        tone = by_hand(settings)
        if self._now is not None:
            tone = _joined(self._now, tone)
        noise = self._noise_level(frame)
        made = toned(
            frame,
            tone,
            alpha=alpha,
            glow=_glow(alpha, settings.portrait_light)
            if alpha is not None and settings.portrait_light
            else None,
            steadied=self._steadied,
            follow=1 - (1 - FOLLOW) ** (FOLLOW_FPS * min(max(passed, 0.0), 1.0)),
            noise=noise,
        )
        return made, half if alpha is None or tone.curve == AS_IT_IS else toned(half, tone)

    def _follow(self, half: NDArray[np.uint8], alpha: NDArray[np.uint8] | None, at: float) -> None:
        """Measure the light a few times per second, and follow it slowly: the person must not see it pump."""
        if self._goal is None or at - self._measured_at >= EVERY:
            self._measured_at = at
            measured = _measured(half, alpha, self._goal)
            if measured is not None and (self._goal is None or np.abs(measured - self._goal).max() > SLIGHT):
                self._goal = measured
        if self._goal is None:
            return
        if self._now is None:
            self._now = self._goal
        else:
            self._now = self._goal + (self._now - self._goal) * math.exp((self._at - at) / SETTLING)

    def _noise_level(self, frame: NDArray[np.uint8]) -> int:
        """How large a change counts as noise, in levels. Measured when the light is; nothing is kept in good light."""
        lift = 0.0 if self._now is None else float(self._now[0])
        if lift < LEAST_LIFT:
            self._steadied = None
            return 0
        if self._steadied is None or self._steadied.shape != frame.shape:
            self._steadied, self._noise = frame.copy(), 0.0
        elif self._measured_at == self._at:
            noise = light_meter.noise_of(frame, self._steadied)
            self._noise = noise if self._noise == 0 else 0.8 * self._noise + 0.2 * noise
        strength = min((lift - LEAST_LIFT) / (FULL_LIFT - LEAST_LIFT), 1.0)
        return min(round(NOISE * strength * self._noise), MOST_NOISE)


def _measured(
    half: NDArray[np.uint8], alpha: NDArray[np.uint8] | None, before: NDArray[np.float64] | None
) -> NDArray[np.float64] | None:
    """The goal for a frame; None if nobody is in it. before: the last goal."""
    everywhere = np.full(half.shape[:2], 255, np.uint8)
    small, there = light_meter.reduced(half, everywhere if alpha is None else alpha)
    gains = light_meter.neutral_gains(small, None if alpha is None else there)
    logs = np.log(gains) if gains is not None else np.zeros(3) if before is None else before[1:]
    lift = light_meter.lift_for(toned(small, Tone(_even(logs))), there)
    return None if lift is None else np.array([lift, *logs])


def _glow(alpha: NDArray[np.uint8], strength: int) -> NDArray[np.uint8]:
    """The lift of portrait light, (H / 2, W / 2) uint8, rounded up: full inside the person, a quarter of that at the outline.

    alpha: (H, W) uint8. strength: 1 to 100.
    """
    height, width = alpha.shape
    size = max(1, round(width * GLOW_ROWS / height)), GLOW_ROWS
    small = cv2.resize(alpha, size, interpolation=cv2.INTER_NEAREST).astype(np.float32)
    soft = cv2.GaussianBlur(small, (0, 0), FALLOFF * GLOW_ROWS, borderType=cv2.BORDER_REPLICATE)
    amounts = np.rint(soft * soft * (GLOW * strength / 100 / 255)).astype(np.uint8)
    return np.asarray(
        cv2.resize(amounts, half_of(height, width)[::-1], interpolation=cv2.INTER_LINEAR), np.uint8
    )
