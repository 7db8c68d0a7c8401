"""Values, well shown: any tensor of any size in several views, in the inspector and in windows of its own."""
