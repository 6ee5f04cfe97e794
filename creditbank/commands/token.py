"""`creditbank token`: bearer tokens for trying the product; never for production."""

from __future__ import annotations
