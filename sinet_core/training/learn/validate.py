"""The few figures by which a run is followed: webcams, portraits held out of eg1800-train, and desks. (To choose: choose.py.)"""

from functools import cache
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import nn

from sinet_core import metrics
from sinet_core.segmenter import INPUT_AREA, input_size, to_input_size
from sinet_core.training.model.model import normalise, person_logit
from sinet_core.training.scenes.data import Pair, read_pairs, split_pairs


@cache
def validation_sets(root: Path) -> dict[str, list[Pair]]:
    """Those of the three sets that are below root, as {"webcams": …, "portraits": …, "desks": …}."""
    sets = {}
    if (root / "webcams-val").is_dir():
        sets["webcams"] = list(read_pairs(root / "webcams-val"))
    if (root / "eg1800-train").is_dir():
        sets["portraits"] = split_pairs(root / "eg1800-train")[1]
    if (root / "desk-val").is_dir():
        sets["desks"] = list(read_pairs(root / "desk-val"))
    return sets


def validate(model: nn.Module, root: Path, area: int = INPUT_AREA) -> dict[str, float]:
    """Mean IoU of the person at the photos' own size, a set: {"webcams_iou": …}. model: answers as SINet does.

    area: pixels of the network's input, near which its size is chosen for each photo's shape.
    """
    scores = {}
    for name, pairs in validation_sets(root).items():
        scores[f"{name}_iou"] = float(
            np.mean([metrics.iou(alpha_of(model, pair, area), pair.alpha) for pair in pairs])
        )
    return scores


@torch.no_grad()
def alpha_of(model: nn.Module, pair: Pair, area: int = INPUT_AREA) -> np.ndarray:
    """(H, W) float32 alpha at the photo's own size."""
    height, width = pair.alpha.shape
    small = to_input_size(pair.frame, *input_size(height, width, area))
    device = next(model.parameters()).device
    logit = person_logit(model(normalise(torch.from_numpy(small)[None].to(device))))[0]
    return cv2.resize(logit.sigmoid().cpu().numpy(), (width, height), interpolation=cv2.INTER_LINEAR)
