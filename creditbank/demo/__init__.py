"""Eight regional banks and the gateway on one machine, with a story that shows what they answer."""
