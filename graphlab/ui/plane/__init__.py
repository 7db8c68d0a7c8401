"""Pictures in the plane of what a network does with its rows: the widget, and what their panels share."""
