"""The horizontal axis: one subgraph held by many shards, asked as if it were one.

A fetch names no shard. This stage names them (`facts`, `programme`), sends one request to
each (`dispatch`), and gathers the replies into the one reply a single node would have given
(`gathers`). The directives and their meaning are specified in docs/SHARDING.md.
"""
