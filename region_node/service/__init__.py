"""Use cases: load, decide, save. What they need of the outside world stands in `ports`."""
