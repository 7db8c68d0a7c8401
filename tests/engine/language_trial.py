"""A small network that writes, for tests."""

from __future__ import annotations

from graphlab import data
from graphlab.graph import Graph

WORDS = "a quick brown fox jumps over the lazy dog.\n" * 12


def writer(layer: str = "GRU", words: str = WORDS, length: int = 8, predict: str = "each", **loss) -> Graph:
    """A text, an Embedding, a recurrent layer and scores for the next character at each step."""
    graph = Graph()
    text = graph.add("Text", name="text", predict=predict, **data.prose(words, "a.txt", length))
    count = len(set(words))
    inner = graph.add("Embedding", text["x"], name="embedding", num_embeddings=count, embedding_dim=8)
    states = graph.add(layer, inner, name="layer", hidden_size=16, batch_first=True)
    if predict == "each":
        scores = graph.add("Linear", states["y"], name="scores", units=count)
        ends = graph.add("Transpose", scores, name="by step")
    else:
        ends = graph.add("Linear", graph.add("Flatten", states["y"]), name="scores", units=count)
    graph.add("CrossEntropyLoss", ends, text["target"], name="loss", **loss)
    return graph
