"""SINet in torch, its checkpoints, and its layers in C for training on a CPU."""
