"""The command line that ties the two programs together."""
