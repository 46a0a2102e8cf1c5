"""From a frame to its composite: plain calls, no threads, no Qt."""
