"""The node's GraphQL: types, roots and entities over the services and the ports."""
