"""The only places that start a process, open a socket or write a file.

Every call is bounded by a `deadline` in seconds, every failure is a `Failure` that says what was
expected, what was found and what to do, and what other programs print is masked in one place,
`process.mask`.
"""
