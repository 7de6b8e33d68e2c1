"""Taking over an installation that was made by hand with upstream's Compose files, and giving it back."""
