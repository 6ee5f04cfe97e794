"""Two pages to read the schema and try operations, both served without any other host.

The one at /graphql is small and our own: plain HTML, CSS and JavaScript under a strict content
policy, English and Chinese, with the coverage of each answer. The one at /graphiql is GraphiQL.
"""

from edge.explorer.page import Example, Explorer

__all__ = ["Example", "Explorer"]
