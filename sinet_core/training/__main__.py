"""Training the network, measuring it and writing it as an ONNX file, by one command:

python -m sinet_core.training train --data FOLDER --into runs/first
python -m sinet_core.training evaluate photos weights/sinet.onnx --data FOLDER/desk-val
"""

import sys
from collections.abc import Sequence
from importlib import import_module

# What is typed, the function that takes the rest, and what it does. Modules are loaded when they are needed.
COMMANDS = {
    "train": ("learn.train.main", "train SINet, or go on with a run"),
    "evaluate photos": ("evaluate.evaluate.photos", "score networks on photos with alphas"),
    "evaluate clips": ("evaluate.evaluate.clips", "score networks over time: flicker and motion error"),
    "evaluate compare": ("evaluate.compare.main", "draw networks beside one another"),
    "evaluate region": ("evaluate.roi.main", "what cropping to small people brings"),
    "export": ("export.export.main", "write the ONNX files"),
    "scenes": ("scenes.scenes.main", "draw the scenes that a network learns from"),
    "ablation": ("experiments.ablation.main", "try one lever of training at a time"),
    "average": ("learn.weight_averaging.main", "average the weights of checkpoints"),
    "curves": ("learn.curves.main", "draw a run's history"),
    "labels": ("labels.labels.main", "train and evaluate a network with any classes"),
}


def usage(beginning: str = "") -> str:
    """The commands, those that begin so."""
    lines = [f"  {name:18}{what}" for name, (_, what) in COMMANDS.items() if name.startswith(beginning)]
    return "\n".join(
        ["usage: python -m sinet_core.training COMMAND …   (COMMAND --help says more)", "", *lines]
    )


def main(arguments: Sequence[str] | None = None) -> int:
    words = list(sys.argv[1:] if arguments is None else arguments)
    for count in (2, 1):
        name = " ".join(words[:count])
        if name in COMMANDS:
            module, _, function = COMMANDS[name][0].rpartition(".")
            run = getattr(import_module(f"sinet_core.training.{module}"), function)
            return run(words[count:]) or 0
    asked_for_help = set(words) & {"-h", "--help"}
    group = words[0] if words and any(name.startswith(f"{words[0]} ") for name in COMMANDS) else ""
    print(usage(group), file=sys.stdout if asked_for_help else sys.stderr)
    return 0 if asked_for_help else 2


if __name__ == "__main__":
    sys.exit(main())
