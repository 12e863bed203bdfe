"""bedrock-titan-embed."""
