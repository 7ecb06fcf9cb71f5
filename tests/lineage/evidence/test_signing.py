import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lineage.errors import Misconfigured
from lineage.evidence.signing import fingerprint, is_signed, public_key, public_pem, read_public_pem, sign

SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")


def test_the_public_key_is_that_of_rfc_8032() -> None:
    assert public_key(SEED).hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"


def test_a_signature_is_plain_ed25519_over_purpose_and_canonical_json() -> None:
    signature = bytes.fromhex(sign(SEED, "purpose", {"b": 1, "a": "ä"}))
    theirs = ed25519.Ed25519PublicKey.from_public_bytes(public_key(SEED))
    theirs.verify(signature, b"purpose\0" + '{"a":"ä","b":1}'.encode())


def test_a_signature_holds_for_its_purpose_its_content_and_its_key_alone() -> None:
    signature = sign(SEED, "one", [1])
    assert is_signed(public_key(SEED), "one", [1], signature)
    assert not is_signed(public_key(SEED), "two", [1], signature)
    assert not is_signed(public_key(SEED), "one", [2], signature)
    assert not is_signed(public_key(bytes(32)), "one", [1], signature)


@pytest.mark.parametrize("signature", ["", "zz", "ab" * 63, None, 7, "AB" * 64])
def test_what_is_no_signature_is_none(signature: object) -> None:
    assert not is_signed(public_key(SEED), "one", [1], signature)  # type: ignore[arg-type] # as a file might have it


def test_a_public_key_survives_its_file() -> None:
    assert read_public_pem(public_pem(SEED)) == public_key(SEED)
    assert public_pem(SEED).startswith(b"-----BEGIN PUBLIC KEY-----\n")
    assert len(fingerprint(public_key(SEED))) == 64


@pytest.mark.parametrize("text", [b"", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", b"\xff"])
def test_a_file_without_a_key_is_refused(text: bytes) -> None:
    with pytest.raises(Misconfigured, match="holds no public key"):
        read_public_pem(text)


def test_a_key_of_another_kind_is_refused() -> None:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    with pytest.raises(Misconfigured, match="of another kind"):
        read_public_pem(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
