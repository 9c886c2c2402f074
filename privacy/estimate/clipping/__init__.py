"""What the bounds of a release have cut off: told from released figures alone, and put back where these tell enough."""
