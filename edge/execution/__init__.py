"""Queries a level at a time: each field is resolved and completed for all objects of its level at once.

graphql-core goes object by object, and at each builds the path, the info and the arguments of every
field anew. Here what depends on the operation alone is compiled once (`compile`), and a request then
runs over columns of values (`run`). The answer is the one graphql-core gives; what this does not take
on, `compile` says, and graphql-core executes it.
"""
