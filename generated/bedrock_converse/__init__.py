"""bedrock-converse."""
