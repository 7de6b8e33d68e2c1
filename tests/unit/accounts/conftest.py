from unit.accounts.world import world  # noqa: F401
