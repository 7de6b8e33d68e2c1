"""Accounts that Prosody keeps: their names, their passwords, and making, changing and deleting them."""
