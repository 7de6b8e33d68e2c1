"""The web front: Apache on this host, before the containers."""
