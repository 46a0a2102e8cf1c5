"""Hard examples: the worse a photo is answered, the more often it is shown, within bounds.

A. Shrivastava, A. Gupta, R. Girshick: "Training Region-based Object Detectors with Online Hard Example Mining", CVPR 2016, take
the hardest of a batch; here the odds of being in one rise, so that nothing is computed in vain.

What is shown then depends on all losses before, not on seed and step alone: such a run is repeatable from its beginning, but
its batches cannot be made ahead of time by other processes, nor from the middle without these losses.
"""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import torch

from sinet_core.segmenter import input_size, reduced
from sinet_core.training.data import Pair, TrainingData
from sinet_core.training.losses import whole_loss
from sinet_core.training.model import SINet, normalise

MEMORY = 0.7  # of a photo's running loss: that of one scene says little


class HardExamples:
    """The training data with odds for its photos: how many times as hard as most a photo is, from 1 to `most`.

    losses: {source: (photos,)}, running averages, 1 is the mean; a photo that was never measured or seen has 1.
    """

    def __init__(self, data: TrainingData, most: float) -> None:
        self.most = most
        self.losses = {source: np.ones(len(pairs)) for source, pairs in data.people.items()}
        self.data = replace(
            data, photo_odds={source: np.ones(len(pairs)) for source, pairs in data.people.items()}
        )
        self._places = {
            (source, pair.name): place
            for source, pairs in data.people.items()
            for place, pair in enumerate(pairs)
        }

    def measure(self, model: SINet, area: int) -> None:
        """Begin with what a network makes of each photo as it is, at an input of about `area` pixels."""
        for source, pairs in self.data.people.items():
            self.losses[source] = np.array([loss_of_photo(model, pair, area) for pair in pairs])
        mean = float(np.mean(np.concatenate(list(self.losses.values()))))
        for source, losses in self.losses.items():
            self.losses[source] = losses / mean
            self._raise(source, slice(None))

    def note(self, photos: Sequence[tuple[str, str] | None], losses: Sequence[float]) -> None:
        """What became of a batch: photos as in Batch, a loss a scene. Each counts in comparison with the batch's other photos."""
        shown = [(photo, loss) for photo, loss in zip(photos, losses, strict=True) if photo is not None]
        mean = float(np.mean([loss for _, loss in shown])) if shown else 0.0
        for photo, loss in shown:
            source, place = photo[0], self._places[photo]
            now = loss / mean if mean else 1.0
            self.losses[source][place] = MEMORY * self.losses[source][place] + (1 - MEMORY) * now
            self._raise(source, slice(place, place + 1))

    def _raise(self, source: str, places: slice) -> None:
        self.data.photo_odds[source][places] = self.losses[source][places].clip(1, self.most)


@torch.no_grad()
def loss_of_photo(model: SINet, pair: Pair, area: int) -> float:
    """The loss of a network in evaluation mode on a whole photo."""
    height, width = input_size(*pair.alpha.shape, area)
    frame = torch.from_numpy(reduced(pair.frame, height, width))[None]
    alpha = torch.from_numpy(cv2.resize(pair.alpha, (width, height), interpolation=cv2.INTER_AREA))[None]
    return float(whole_loss(*model.forward_both(normalise(frame)), alpha.float() / 255))
