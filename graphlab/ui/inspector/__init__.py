"""The parts of the inspector: a page for one node, for several, and for the document as a whole."""
