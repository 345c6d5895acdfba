"""What the connector remembers. `Store` hands out transactions; each subject is a module of functions.

    async with store.begin() as tx:
        await tickets.put(tx, "main", [...])

See docs/store.md for the tables and for what is truth and what can be worked out again.
"""
