"""The threads: the camera, the engine and the output, and how they keep up."""
