"""The console's table of roles (`roles.toml`): who sees which page, and may do what. Holds no user."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from console.api.roles import About, Role, Shows


@dataclass(frozen=True, slots=True)
class WebRole:
    """What a role may see and do; what it does not name is denied."""

    name: str
    home: str
    shows: Shows
    sees: frozenset[str]
    does: frozenset[str]
    about: About = "everyone"

    @property
    def asking(self) -> Role:
        """The role as whoever answers questions takes it. Which questions it comes to is decided by its pages."""
        return Role(self.name, "", self.shows, self.about, frozenset())


@lru_cache(maxsize=1)
def web_roles() -> Mapping[str, WebRole]:
    """Return all roles by name, in the order of the table."""
    table = tomllib.loads(files("console.web").joinpath("roles.toml").read_text("utf-8"))
    return {
        name: WebRole(
            name,
            each["home"],
            each["shows"],
            frozenset(each["sees"]),
            frozenset(each["does"]),
            each.get("about", "everyone"),
        )
        for name, each in table.items()
    }


def staff_roles() -> Mapping[str, WebRole]:
    """Return those that somebody can have an account for: a customer has none, she shows what is hers."""
    return {name: each for name, each in web_roles().items() if each.about == "everyone"}


BEFORE = frozenset({"sign-in", "oidc", "oidc-back"})
"""Pages for whoever is not signed in yet."""
STRANGERS = frozenset({"me-sign-in", "me-code"})
"""The same of the customers' pages."""
NOBODY = WebRole("", "/sign-in", "pseudonyms", BEFORE, frozenset({"sign-in"}))
"""Whoever has not signed in."""
STRANGER = WebRole(
    "", "/me/sign-in", "pseudonyms", STRANGERS | {"me-enter"}, STRANGERS | {"me-enter", "me-begin"}, "own-person",
)  # fmt: skip
"""Whoever is at a customer's pages and has not shown whose they are."""
