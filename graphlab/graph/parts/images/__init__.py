"""Networks for pictures, and the blocks that they are made of: each a group of groups, from LeNet-5 on.

Pictures are N×C×H×W, channels first. A network takes one picture or many, x, and gives a score for each class, y; what
its settings are called is the same for all of them: `width` scales every number of channels, `classes` is how many
scores there are.
"""
