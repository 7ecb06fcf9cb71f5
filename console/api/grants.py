"""Who may ask the API: a private file of grants, each with the salted hash of a token that nobody keeps in clear.

A token is 256 random bits: nobody can guess one, so its hash need not be slow (a password's would).
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from console.api.roles import roles
from console.private_file import alone, replaced
from lineage.errors import Misconfigured, Refused
from lineage.masterkey import readable_by_others

PREFIX = "jalki"
NAME = r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}"
_Hex = Annotated[str, Field(pattern="^([0-9a-f]{2})+$")]


@dataclass(frozen=True, slots=True)
class Grant:
    """One user's token and role. Times are microseconds, UTC.

    `bound` is the party, or the pseudonym of the identifier (hexadecimal), that a role about its own alone may ask about.
    """

    id: str
    name: str
    role: str
    salt: str
    digest: str
    made: int
    expires: int
    revoked: int | None = None
    bound: str | None = None

    def state(self, now: int) -> str:
        """Return `valid`, `expired` or `revoked`."""
        if self.revoked is not None:
            return "revoked"
        return "expired" if now >= self.expires else "valid"


class _Kept(BaseModel):
    """A grant as it stands in the file."""

    model_config = ConfigDict(extra="forbid", strict=True)
    id: _Hex
    name: Annotated[str, Field(pattern=f"^{NAME}$")]
    role: str
    salt: _Hex
    digest: _Hex
    made: int
    expires: int
    revoked: int | None
    bound: str | None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    grants: list[_Kept]


class Grants:
    """The file of grants. It is looked at before every question, so that a token taken back is worth nothing at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: tuple[tuple[int, int, int], Mapping[str, Grant]] | None = None

    def all(self) -> Mapping[str, Grant]:
        """Return the grants by id; none where there is no file.

        Raises: Misconfigured: it cannot be read, is none of ours, or others than its owner may read it.
        """
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return {}
        except OSError as cause:
            raise Misconfigured(f"{self._path.name} cannot be read: {cause.strerror}") from cause
        mark = (found.st_ctime_ns, found.st_size, found.st_ino)  # ctime: it tells of a chmod, too
        if self._read is None or self._read[0] != mark:
            self._read = mark, self._load()
        return self._read[1]

    def _load(self) -> Mapping[str, Grant]:
        if readable_by_others(self._path):
            raise Misconfigured(f"{self._path.name} can be read by others: chmod 600 it")
        try:
            kept = _File.model_validate_json(self._path.read_bytes()).grants
        except (OSError, ValidationError):
            raise Misconfigured(f"{self._path.name} is no file of grants: `jalki access add` makes one") from None
        return {each.id: Grant(**each.model_dump()) for each in kept}

    def of(self, token: str, now: int) -> Grant | None:
        """Return whose token this is; None where it is nobody's, expired or revoked. Raises: as `all`."""
        prefix, _, rest = token.partition("_")
        id_, _, secret = rest.partition("_")
        grant = self.all().get(id_, _NOBODY)
        # All of it is done for whoever asks: how long it takes tells nothing about which part is wrong.
        right = compare_digest(_digest(grant.salt, secret), grant.digest)
        valid = grant.state(now) == "valid" and grant.role in roles() and prefix == PREFIX
        return grant if right and valid and grant is not _NOBODY else None

    def add(self, name: str, role: str, bound: str | None, now: int, expires: int) -> str:
        """Keep a new grant, and return its token, which is nowhere else.

        Raises: Refused: that name has a valid one. Misconfigured: as `all`, or the file cannot be written.
        """
        id_, salt, secret = secrets.token_hex(6), secrets.token_hex(16), secrets.token_urlsafe(32)
        new = Grant(id_, name, role, salt, _digest(salt, secret), now, expires, bound=bound)

        def added(there: Mapping[str, Grant]) -> Mapping[str, Grant]:
            if any(each.name == name and each.state(now) == "valid" for each in there.values()):
                raise Refused("that name has a token: `jalki access revoke` takes it back, then add it again")
            return {**there, id_: new}

        self._change(added)
        return f"{PREFIX}_{id_}_{secret}"

    def revoke(self, name: str, now: int) -> int:
        """Take back the tokens of that name; return how many were valid. Raises: Refused: there is no such name."""
        taken = 0

        def revoked(there: Mapping[str, Grant]) -> Mapping[str, Grant]:
            nonlocal taken
            if not any(each.name == name for each in there.values()):
                raise Refused("nobody of that name has a token: `jalki access list` shows who has")
            valid = {id_ for id_, each in there.items() if each.name == name and each.state(now) == "valid"}
            taken = len(valid)
            return {id_: replace(each, revoked=now) if id_ in valid else each for id_, each in there.items()}

        self._change(revoked)
        return taken

    def _change(self, change: Callable[[Mapping[str, Grant]], Mapping[str, Grant]]) -> None:
        with alone(self._path):
            changed = change(self.all())
            replaced(self._path, {"grants": [asdict(each) for each in changed.values()]})


def _digest(salt: str, secret: str) -> str:
    return sha256(bytes.fromhex(salt) + secret.encode("utf-8", "surrogateescape")).hexdigest()


_NOBODY = Grant("", "", "", "00" * 16, "00" * 32, 0, 0)
