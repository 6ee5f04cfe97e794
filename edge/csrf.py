"""Refuses requests that a page of another site could make a visitor's browser send unasked.

A browser asks first (a CORS preflight) before it lets such a page set a header or a JSON
content type. A POST must have a JSON content type anyway, so only GET is in question. It
passes with a header that forces a preflight, or when nothing shows that a foreign page
sent it. Tokens travel in a header and never in a cookie, so that a browser adds no
authority by itself: this is a second line of defence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from edge.errors import HttpRefusal

PREFLIGHT_HEADERS: Final = ("graphql-require-preflight", "apollo-require-preflight", "authorization")
OWN_FETCH_SITES: Final = ("same-origin", "none")


def check_preflighted(headers: Mapping[str, str], *, strict: bool) -> None:
    """Raises HttpRefusal 403 for a GET that a foreign page may have caused. `strict` doubts every GET."""
    if any(name in headers for name in PREFLIGHT_HEADERS):
        return
    if headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json":
        return
    if strict or sent_by_foreign_page(headers):
        raise HttpRefusal(403, "CSRF_REFUSED")


def sent_by_foreign_page(headers: Mapping[str, str]) -> bool:
    """Fetch Metadata says it outright; over plain HTTP to a name, browsers send only Origin or Referer."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in OWN_FETCH_SITES
    page = headers.get("origin") or headers.get("referer")
    if page is None:
        return "cookie" in headers
    authority = page.partition("://")[2].partition("/")[0]
    return authority != headers.get("host")
