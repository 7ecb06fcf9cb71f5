"""What several tests of connectors share: an authority of TLS, and an SFTP server."""

from collections.abc import Iterator

import pytest

from tests.connectors.keys import Authority
from tests.connectors.sftp_server import SftpParty


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def sftp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpParty]:
    party = SftpParty(tmp_path_factory.mktemp("sftp"))
    yield party
    party.close()


@pytest.fixture
def party(sftp: SftpParty) -> SftpParty:
    """The server, in order and empty."""
    for path in sftp.root.rglob("jalki-*"):
        path.unlink()
    sftp.fault, sftp.renames = None, True
    sftp.start()
    return sftp
