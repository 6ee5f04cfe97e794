"""The explorer: a page to read the schema and try operations, served without any other host.

Closed networks have no CDN, and GraphiQL needs one or a bundle of other people's code. This
is a small page of our own: plain HTML, CSS and JavaScript under a strict content policy.
"""

from edge.explorer.page import Example, Explorer

__all__ = ["Example", "Explorer"]
