"""From a frame to its composite: plain function calls, no threads, no Qt."""
