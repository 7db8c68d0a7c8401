"""Experiments: trainings and measurements on a copy of a run, which stays as it is to the last bit. No Qt."""
