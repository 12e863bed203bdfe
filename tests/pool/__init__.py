"""The pool under random faults: one model, driven by Hypothesis and by a plain seeded loop."""
