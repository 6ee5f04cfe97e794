"""A regional node: the whole credit bank of one region, behind one GraphQL endpoint."""
