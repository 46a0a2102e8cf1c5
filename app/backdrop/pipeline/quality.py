"""The quality levels: steps from all that the line can do for a frame to the least that still looks good."""

from dataclasses import dataclass

from backdrop.language import N_, _


@dataclass(frozen=True, slots=True)
class QualityLevel:
    """One step.

    network_every: run the network on every n-th frame; warp the alpha in between. input_scale: the area of the network's
    input, 1 is the usual one. keeps_blur: while the alpha is warped, keep the last frame's blurred room, too. cost: roughly
    how long a frame takes, 1 is the full quality.
    """

    network_every: int = 1
    input_scale: float = 1.0
    keeps_blur: bool = False
    cost: float = 1.0

    @property
    def savings(self) -> list[str]:
        """What is left out, in words for the person; nothing at full quality."""
        words = [_(OFTEN[self.network_every])] if self.network_every > 1 else []
        words += [_("simpler blur")] if self.keeps_blur else []
        return words + ([_("analysing less detail")] if self.input_scale < 1 else [])


OFTEN = {2: N_("analysing every 2nd frame"), 3: N_("analysing every 3rd frame")}
FULL = QualityLevel()
# The least visible step first, by `backdrop bench --loaded 0` on clips of a person who signs: with the network on every third
# frame, the IoU with the full path's alpha is still .99; with three quarters of the input, .98 or less, so that comes last.
QUALITY_LEVELS = (
    FULL,
    QualityLevel(network_every=2, cost=0.85),
    QualityLevel(network_every=3, cost=0.75),
    QualityLevel(network_every=3, keeps_blur=True, cost=0.7),
    QualityLevel(network_every=3, input_scale=0.75, keeps_blur=True, cost=0.63),
)
