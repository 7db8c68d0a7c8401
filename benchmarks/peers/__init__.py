"""Those who compute the same networks: graphlab itself, and whom it is measured against. One file each."""
