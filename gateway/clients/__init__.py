"""The gateway's only way out: transports to shards, and what protects both sides of them.

DeduplicatedTransport  queries alike that are on their way together, sent once  deduplicated.py
GuardedTransport   breaker, bulkhead and retries around any transport   guarded.py
└── HttpTransport  one GraphQL request over HTTP                        http.py
InProcessTransport a subgraph in this program                          in_process.py
Switchboard        which subgraph goes through which transport          switchboard.py
"""
