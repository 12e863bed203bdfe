"""Written by `isogloss generate` from specs/; never edited."""
