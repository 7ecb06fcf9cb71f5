"""Who may sign in to the console: a private file of accounts, each with a slow hash of its password and a TOTP secret.

The secret stands there in clear, as it must to be compared (RFC 6238); the file is its owner's alone.
"""

import hashlib
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from hmac import compare_digest
from pathlib import Path
from typing import Annotated

import pyotp
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from console.api.grants import NAME
from console.private_file import alone, replaced
from console.web.roles import staff_roles
from lineage.errors import Misconfigured, Refused
from lineage.masterkey import readable_by_others

STEP = 30
"""Seconds of a code (RFC 6238)."""
_N, _R, _P = 1 << 15, 8, 1
_log = logging.getLogger(__name__)
_Hex = Annotated[str, Field(pattern="^([0-9a-f]{2})+$")]


@dataclass(frozen=True, slots=True)
class Account:
    """One account. Times are microseconds, UTC."""

    name: str
    role: str
    salt: str
    digest: str
    secret: str
    made: int

    @property
    def mark(self) -> str:
        """What is another one as soon as the password or the role is."""
        return f"{self.role} {self.salt}"

    def has(self, password: str) -> bool:
        """Tell whether that is its password. Takes some tenths of a second, on purpose."""
        return compare_digest(_digest(self.salt, password), self.digest)

    def step_of(self, code: str, now: int) -> int | None:
        """Return the time step of a code, of this one and its neighbours; None where it is none of theirs."""
        totp, this = pyotp.TOTP(self.secret), now // 1_000_000 // STEP
        found = None
        for step in (this - 1, this, this + 1):
            if compare_digest(totp.at(step * STEP).encode(), code.strip().encode("utf-8", "surrogateescape")):
                found = step
        return found

    def code(self, now: int) -> str:
        """Return its code at a time."""
        return pyotp.TOTP(self.secret).at(now // 1_000_000)

    def address(self) -> str:
        """Return what an app that makes codes reads: `otpauth://…`."""
        return pyotp.TOTP(self.secret).provisioning_uri(name=self.name, issuer_name="Jalki")


class _Kept(BaseModel):
    """An account as it stands in the file."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)
    name: Annotated[str, Field(pattern=f"^{NAME}$")]
    role: str
    salt: _Hex
    digest: _Hex
    secret: Annotated[str, Field(pattern="^[A-Z2-7]{32}$")]
    made: int


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)
    accounts: list[_Kept]


class Accounts:
    """The file of accounts. It is read at every sign-in, and looked at whenever somebody who signed in comes again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._marked: tuple[object, Mapping[str, str]] = (None, {})

    def marks(self) -> Mapping[str, str]:
        """Return by name what changes with each password an account is given; none where the file cannot be used.

        It is read again only where it has changed: whoever signed in with what is not there any more is not signed in.
        """
        try:
            there = self._path.stat()
        except OSError:
            return {}
        state = there.st_ino, there.st_mtime_ns, there.st_ctime_ns, there.st_size
        if state != self._marked[0]:
            try:
                found = {each.name: each.mark for each in self.all().values()}
            except Misconfigured as fault:
                _log.warning("nobody is signed in any more: %s", fault)
                found = {}
            self._marked = state, found
        return self._marked[1]

    def all(self) -> Mapping[str, Account]:
        """Return the accounts by name; none where there is no file.

        Raises: Misconfigured: it cannot be read, is none of ours, or others than its owner may read it.
        """
        try:
            text = self._path.read_bytes()
            if readable_by_others(self._path):
                raise Misconfigured(f"{self._path.name} can be read by others: chmod 600 it")
            kept = _File.model_validate_json(text).accounts
        except FileNotFoundError:
            return {}
        except OSError as cause:
            raise Misconfigured(f"{self._path.name} cannot be read: {cause.strerror}") from cause
        except ValidationError:
            raise Misconfigured(f"{self._path.name} is no file of accounts: `jalki users add` makes one") from None
        return {each.name: Account(**each.model_dump()) for each in kept if each.role in staff_roles()}

    def add(self, name: str, role: str, now: int) -> tuple[Account, str]:
        """Keep a new account; return it and its password, which is nowhere else. Raises: Refused: there is that name."""

        def added(there: Mapping[str, Account]) -> Account:
            if name in there:
                raise Refused("there is an account of that name: `jalki users remove` takes it away")
            return Account(name, role, "", "", pyotp.random_base32(), now)

        return self._put(name, added)

    def reset(self, name: str) -> tuple[Account, str]:
        """Give an account a new password and a new secret. Raises: Refused: there is none of that name."""
        return self._put(name, lambda there: replace(_known(there, name), secret=pyotp.random_base32()))

    def remove(self, name: str) -> None:
        """Take an account away. Raises: Refused: there is none of that name."""
        with alone(self._path):
            there = self.all()
            _known(there, name)
            self._write({key: each for key, each in there.items() if key != name})

    def _put(self, name: str, made: Callable[[Mapping[str, Account]], Account]) -> tuple[Account, str]:
        password, salt = "-".join(secrets.token_hex(3) for _ in range(4)), secrets.token_hex(16)
        with alone(self._path):
            there = self.all()
            account = replace(made(there), salt=salt, digest=_digest(salt, password))
            self._write({**there, name: account})
        return account, password

    def _write(self, accounts: Mapping[str, Account]) -> None:
        replaced(self._path, {"accounts": [asdict(each) for each in accounts.values()]})


def _known(there: Mapping[str, Account], name: str) -> Account:
    if name not in there:
        raise Refused("there is no account of that name: `jalki users list` shows those there are")
    return there[name]


def _digest(salt: str, password: str) -> str:
    text = password.encode("utf-8", "surrogateescape")
    return hashlib.scrypt(text, salt=bytes.fromhex(salt), n=_N, r=_R, p=_P, maxmem=64 << 20, dklen=32).hex()


NOBODY = Account("", "", "00" * 16, "00" * 32, "A" * 32, 0)
"""Compared with where there is no account of a name, so that it takes as long."""
