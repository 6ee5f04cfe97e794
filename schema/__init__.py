"""The contract between the two programs: the GraphQL SDL, code lists and the few values both sides share."""
