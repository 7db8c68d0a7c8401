"""The parts of the Data panel: pictures of rows, classes and figures, and the hand that paints points."""
