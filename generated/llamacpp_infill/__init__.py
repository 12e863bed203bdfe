"""llamacpp-infill."""
