import doctest

from connectors import protocol


def test_the_connector_that_teaches_how_to_write_one_works() -> None:
    results = doctest.testmod(protocol)
    assert (results.failed, results.attempted > 5) == (0, True)
