"""The bank's rules as pure functions over frozen values: no GraphQL, no SQL, no I/O, no clock."""
