"""Hyperparameters chosen on held-out data: many trainings of a document, here or on a cluster, kept as files."""
