"""How good a network is, on photos and on clips."""
