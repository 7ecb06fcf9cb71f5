"""What a vendor of the sandbox has to be. Holds no behaviour: each vendor's is in its own file."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from connectors.sandbox.calls import Answer, Call, Operation
from connectors.sandbox.limits import Standing


class Vendor(Protocol):
    """A vendor, as the framework sees it. Its methods are never called two at a time."""

    state: Any
    """All that it holds, of plain values: it is copied, and put back, where the vendor is made to lie."""

    @property
    def name(self) -> str:
        """The party's id in the shipped register, such as `sendgrid`."""
        ...

    @property
    def operations(self) -> Sequence[Operation]:
        """What it can be asked; the first whose path fits is asked."""
        ...

    def admits(self, call: Call) -> Answer | None:
        """Return None where the credentials are good, else the refusal in the vendor's form."""
        ...

    def trouble(self, status: int, wait: int | None) -> Answer:
        """Return an error in the vendor's form: 400, 401, 404, 405, 413, 429, 500 or 503.

        `wait`: seconds that the answer asks for, in the header or body that the vendor uses; None: it says nothing.
        """
        ...

    def shown(self, standing: Standing, now: int) -> Mapping[str, str]:
        """Return the headers that tell how much of a limit is left; none where the vendor tells nothing."""
        ...

    def settle(self, now: int) -> None:
        """Carry out the jobs whose time has come."""
        ...

    def held(self) -> Mapping[str, Any]:
        """Return what it holds, as JSON can have it: for tests to look at."""
        ...

    def seed(self, given: Mapping[str, Any]) -> None:
        """Let it hold this too. Raises: ValueError: it is not of the vendor's shape; nothing was taken then."""
        ...

    def credentials(self, url: str) -> Mapping[str, str]:
        """Return the files a shop logs in with: content by file name. `url` is where it is served, without a slash."""
        ...
