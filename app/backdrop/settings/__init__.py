"""One frozen table of settings, its file and its command-line options."""
