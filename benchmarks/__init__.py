"""Measurements of gateway and nodes: each a ratio against a baseline of the same run.

Absolute times belong to one machine and one moment. A ratio between two programs that took turns
on that machine is worth keeping; `docs/BENCHMARKS.md` says what each one means.
"""
