"""The recipe of a training: stages, rates, and the settings that ablation.py changes one at a time."""

import math
from dataclasses import dataclass, replace

from sinet_core.training.learn.losses import BOUNDARY_WEIGHT, OVERLAP_WEIGHT


@dataclass(frozen=True)
class Stage:
    """`steps` batches of `batch` scenes, each at one of the sizes (H, W). The rate falls from `rate` to `rate · end`."""

    name: str
    steps: int
    batch: int
    sizes: tuple[tuple[int, int], ...]
    rate: float
    end: float = 0.02
    warm_up: int = 200

    def of_shapes(self, shapes: str) -> "Stage":
        """The stage with only its "wide" sizes (wider than tall) or only its "upright" ones, or with "all" of them."""
        if shapes == "all":
            return self
        return replace(
            self, sizes=tuple(size for size in self.sizes if (size[0] < size[1]) == (shapes == "wide"))
        )


# The aspect ratios of cameras and of most photos. Large inputs are slow, so the encoder starts at about 16,000 pixels, the whole
# network continues at about 48,000, and ends at about the 60,000 that the Segmenter uses.
ENCODER = Stage("encoder", 1400, 48, ((96, 160), (128, 160), (160, 128)), 4e-3, end=0.3)
WHOLE = Stage("whole", 7600, 24, (*((160, 288),) * 2, (192, 256), *((256, 192),) * 3), 2.5e-3, end=0.25)
LARGE = Stage(
    "large", 800, 24, (*((192, 320),) * 2, *((224, 288),) * 2, *((288, 224),) * 2), 6e-4, warm_up=50
)


# Slopes that are to become 0 start to fall from here: hardly any slope of a trained SINet is larger.
STEEP = 0.3


@dataclass(frozen=True)
class Recipe:
    """Everything but the data that determines the result."""

    stages: tuple[Stage, ...] = (ENCODER, WHOLE, LARGE)
    seed: int = 0
    decay: float = 0.999  # of the moving average, reached gradually
    weight_decay: float = 0.01  # on dense, pointwise and full kernels; none on depthwise, BN, PReLU, biases
    relu_by: int = 0  # the step at which most PReLUs have become ReLUs (keep_deployable); 0 leaves them
    muon: bool = True  # for kernels that mix channels; otherwise AdamW for all
    boundary: float = BOUNDARY_WEIGHT  # weight of the band round the outline
    overlap: float = OVERLAP_WEIGHT  # weight of the missing overlap, beside the cross entropy
    kind: str | None = None  # of all scenes: a key of scenes.KINDS, or random
    as_taken: float = 0.0  # fraction of batches with unchanged photos, whatever `kind` is

    @property
    def steps(self) -> int:
        return sum(stage.steps for stage in self.stages)

    def at(self, step: int) -> tuple[Stage, int]:
        """The stage of a step, and the step's number within it."""
        for stage in self.stages:
            if step < stage.steps:
                return stage, step
            step -= stage.steps
        raise IndexError(step)

    def steepest(self, step: int) -> float:
        """The largest slope of most PReLUs after a step. With relu_by it falls linearly until they are ReLUs."""
        return 1.0 if not self.relu_by else max(0.0, STEEP * (1 - (step + 1) / self.relu_by))

    def rate(self, step: int) -> float:
        """Learning rate: a linear warm-up, then a cosine within each stage."""
        stage, within = self.at(step)
        if within < stage.warm_up:
            return stage.rate * (within + 1) / stage.warm_up
        progress = (within - stage.warm_up) / max(1, stage.steps - stage.warm_up)
        return stage.rate * (stage.end + (1 - stage.end) * 0.5 * (1 + math.cos(math.pi * progress)))
