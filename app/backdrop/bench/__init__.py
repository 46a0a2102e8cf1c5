"""`backdrop bench`: what the line costs on this machine. Needs no camera, no virtual camera and no display."""
