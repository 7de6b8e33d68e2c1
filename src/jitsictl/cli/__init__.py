"""The command line: one file a verb, with argument checks and printing, and no logic."""
