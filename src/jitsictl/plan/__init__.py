"""From Settings and what was seen of the host to a Change. Pure: no file, no Docker, no clock."""
