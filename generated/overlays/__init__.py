"""What single providers take differently."""
