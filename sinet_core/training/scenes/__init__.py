"""What the network learns from: photos, and scenes composed of cut-outs and rooms."""
