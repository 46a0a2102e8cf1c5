"""`backdrop bench`: measures Backdrop on this computer. Needs no camera, no virtual camera and no display."""
