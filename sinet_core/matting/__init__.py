"""From the network's alpha to a clean one: region of interest, temporal filter, guided upsampling, optical flow."""
