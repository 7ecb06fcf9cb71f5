"""The names of veiled rows are in databases that exist: they are what they have always been."""

import hmac

from lineage.stores.veiling import Veil

KEY = b"k" * 32


def test_names_are_the_first_half_of_an_hmac_under_a_key_of_their_own() -> None:
    hashing = hmac.digest(KEY, b"hashing", "sha256")
    keys = [b"%016d" % number for number in range(100)]
    expected = [hmac.digest(hashing, b"tombstone\0" + key, "sha256")[:16] for key in keys]
    assert Veil(KEY).hashed_each(b"tombstone", keys) == expected
    assert [Veil(KEY).hashed(b"tombstone", key) for key in keys] == expected
    assert set(expected).isdisjoint(Veil(KEY).hashed_each(b"suppression", keys))


def test_parts_that_run_into_each_other_have_names_of_their_own() -> None:
    several = hmac.digest(hmac.digest(KEY, b"hashing", "sha256"), b"entry\0\0\0\0\2ab\0\0\0\1c", "sha256")
    assert Veil(KEY).hashed(b"entry", b"ab", b"c") == several[:16]
    assert Veil(KEY).hashed(b"entry", b"a", b"bc") != several[:16]
