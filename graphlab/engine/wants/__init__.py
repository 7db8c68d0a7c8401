"""What a unit wants to see, and what a decision rests on: gradients with respect to the picture that goes in.

Everything is computed beside the run, by the same engine, on weights copied once; no window and no question of how it
is drawn.
"""
