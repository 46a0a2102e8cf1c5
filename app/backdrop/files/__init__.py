"""Local files: find, decode and write them, and never use the network."""
