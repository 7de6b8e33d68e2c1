"""Etherpad in meetings: what config.js says of it, and putting that right."""
