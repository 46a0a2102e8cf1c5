"""Small trainings that differ in one thing."""
