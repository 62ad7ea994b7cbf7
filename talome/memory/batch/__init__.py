"""Notes, entities, links, events and feedback in one transaction: all of it is kept, or nothing. Keeps no table."""
