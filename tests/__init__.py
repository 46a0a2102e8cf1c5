"""Tests of Backdrop. Helpers are imported as tests.NAME, for example tests.toy_network."""
