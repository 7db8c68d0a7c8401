"""`python -m graphlab.cli` is `graphlab`."""

from .program import main

if __name__ == "__main__":
    main()
