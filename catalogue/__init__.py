"""The national catalogue: one versioned, hashed bundle that the gateway and every node load.

Layouts of the official lists → rows → bundle → look-ups. See docs/CATALOGUE.md.
"""
