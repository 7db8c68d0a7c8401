"""What docks around the canvas, one file per panel."""
