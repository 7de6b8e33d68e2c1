"""The values that pass from room to room. They know nothing of Docker, files or the command line."""
