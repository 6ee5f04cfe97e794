"""A command that cannot go on says why and what to do, without a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pydantic import ValidationError

    from region_node.service.failures import StorageFailure


_PLAIN: Final = {"missing": "is missing", "extra_forbidden": "there is no such setting"}
"""What the checks of settings find, in words for somebody who has never seen a model."""


class Failure(Exception):  # noqa: N818 - it is how a command ends, and the person at the terminal reads it
    """Ends the command with `status`; the message is for the person at the terminal."""

    def __init__(self, message: str, *, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


@contextmanager
def explained(prefix: str = "") -> Iterator[None]:
    """Turn what a person can mend into a `Failure`: settings, files, schemas, addresses in use.

    `prefix` begins the names of the environment's variables that set what was being read. Anything
    else is a fault of ours and passes, with its traceback.
    """
    from pydantic import ValidationError

    from catalogue.errors import CatalogueError
    from gateway.federation.composition.errors import CompositionFailedError
    from gateway.federation.errors import FederationError
    from region_node.service.failures import StorageFailure

    try:
        yield
    except ValidationError as error:
        raise Failure(_settings(error, prefix)) from None
    except CompositionFailedError as error:
        raise Failure(f"the subgraphs do not fit together:\n{error}") from None
    except BrokenPipeError:  # whoever reads the output has enough
        raise SystemExit(0) from None
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        raise Failure(f"{place}{error.strerror or error}") from None
    except StorageFailure as error:
        raise Failure(_database(error)) from None
    except (FederationError, CatalogueError, ValueError) as error:
        raise Failure(str(error)) from None


def _database(failure: StorageFailure) -> str:
    from region_node.messages import NODE_MESSAGES

    code = failure.code.value
    told = (NODE_MESSAGES.say(code, "en"), NODE_MESSAGES.hint(code, "en"), f"[{code}]")
    return " ".join(part for part in told if part)


def _settings(error: ValidationError, prefix: str) -> str:
    """Name each setting and the variable that sets it; values stay out, since some are keys."""
    found = []
    for one in error.errors(include_input=False, include_url=False):
        place = ".".join(str(step) for step in one["loc"])
        message = _PLAIN.get(one["type"]) or one["msg"].removeprefix("Value error, ")
        variable = prefix + "__".join(str(step) for step in one["loc"]).upper()
        known = place and one["type"] != "extra_forbidden"
        cure = f" (setting {place}, environment {variable})" if known else ""
        found.append(f"{place or 'settings'}: {message}{cure}" if place else message)
    return found[0] if len(found) == 1 else "these settings are wrong:\n  " + "\n  ".join(found)
