"""Small trainings that differ in one thing, and timings of a training step."""
