"""mistral-fim."""
