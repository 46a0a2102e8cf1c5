"""Files by name: found, decoded and written without surprises, and never the network."""
