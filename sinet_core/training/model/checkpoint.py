"""Checkpoints: weights in a .pt file with facts in the .json beside it. The published checkpoint can be read, too."""

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sinet_core.training.model.model import SINet


def save_weights(weights: dict[str, Tensor], path: Path, facts: dict[str, Any]) -> None:
    """Write the weights to path (.pt) and the facts, with the file's SHA-256, to the .json beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(weights, path)
    path.with_suffix(".json").write_text(json.dumps({**facts, "sha256": file_hash(path)}, indent=2) + "\n")


def file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load_model(path: Path) -> SINet:
    """Load SINet in evaluation mode from our checkpoint or the published one. Only tensors are unpickled.

    Raises ValueError, which names the file, for any other file.
    """
    try:
        stored = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise ValueError(f"{path} is no checkpoint: {error}") from error
    if isinstance(stored, dict) and "average" in stored:  # a run's state: take the averaged weights
        stored = stored["average"]
    if not isinstance(stored, dict) or not all(isinstance(value, Tensor) for value in stored.values()):
        raise ValueError(f"{path} holds no weights")
    if "encoder.level1.conv.weight" in stored:
        return published_model(stored, path)
    classes = stored["encoder.head.weight"].shape[0] if "encoder.head.weight" in stored else 2
    model = SINet(classes, levels=4 if "encoder.down_4.depthwise.weight" in stored else 3)
    try:
        model.load_state_dict(stored)
    except RuntimeError as error:
        raise ValueError(f"{path} does not fit SINet: {error}") from error
    return model.eval()


def published_model(published: dict[str, Tensor], path: Path) -> SINet:
    """SINet with the weights of the published checkpoint.

    Both list their parts in the order of the paper's tables, so the n-th of theirs is the n-th of ours; kinds and shapes
    are compared, part by part. That network takes (frame BGR − mean) / deviation / 255, see PUBLISHED_MEAN.
    """
    model = SINet(published["encoder.classifier.conv.weight"].shape[0])
    ours = model.state_dict()
    if len(ours) != len(published):
        raise ValueError(f"{path} has {len(published)} parts, SINet {len(ours)}")
    renamed = {}
    for (name, part), (their_name, their_part) in zip(ours.items(), published.items(), strict=True):
        if part.shape != their_part.shape or kind_of(name) != kind_of(their_name):
            raise ValueError(f"{path}: {their_name} does not fit {name}")
        renamed[name] = their_part
    model.load_state_dict(renamed)
    return model.eval()


def kind_of(name: str) -> str:
    return name.rsplit(".", 1)[-1]


PUBLISHED_MEAN = (107.304565, 115.69884, 132.35703)
PUBLISHED_DEVIATION = (63.97182, 65.1337, 68.29726)


def published_normalise(frames: Tensor) -> Tensor:
    """(N, H, W, 3) uint8 BGR → (N, 3, H, W) float32 as the published weights want it."""
    mean, deviation = torch.tensor(PUBLISHED_MEAN), torch.tensor(PUBLISHED_DEVIATION)
    return ((frames.float() - mean) / deviation / 255).permute(0, 3, 1, 2)
