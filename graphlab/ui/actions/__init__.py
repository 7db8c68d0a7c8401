"""Every command of the window, one file per menu."""
