"""Model, data, training, evaluation and export of SINet. Needs the `train` extra (torch); the application never imports it."""
