"""What the gateway does when nodes are slow, silent, dead or gone, and when there are too many clients."""
