"""What the enrolment port and the renewal of certificates refuse, and two machines with one invitation."""

import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from coordinator.members.invitations import Handed
from coordinator.members.members import Institution, invite, invite_again, revoke, suspend
from protos.kudos.v1.enrolment_pb2 import EnrolRequest
from protos.kudos.v1.federation_pb2 import RenewRequest
from tests.coordinator.house import Keys, token_of
from tests.federation.house import Serving, made, now
from tests.federation.peers import Scene, enrolling, hello, member, pem
from tests.node.cli.run import PROGRAM


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    coordinator = made(tmp_path_factory.mktemp("enrolment") / "coordinator")
    with Serving(coordinator), coordinator.office() as office:
        peers = [member(office, name) for name in ("alfa", "beta")]
        yield Scene(coordinator, {peer.id: peer for peer in peers})


def _invited(scene: Scene, name: str, moment: datetime | None = None, life: timedelta = timedelta(days=1)) -> Handed:
    with scene.coordinator.office() as office:
        return invite(office, Institution(name, name.title(), "museum", "46"), moment or now(), life)


def _request(handed: Handed, keys: Keys, csr: bytes | None = None, ledger: str = "") -> EnrolRequest:
    made_of = keys.csr() if csr is None else csr
    return EnrolRequest(token=token_of(handed), csr=made_of, signature=keys.enrolling(made_of), ledger=ledger)


def _refuses(scene: Scene, request: EnrolRequest, code: str, reason: str) -> None:
    scene.refuses(lambda: enrolling(scene.coordinator, request), code, reason)


def test_a_token_again_with_another_request_and_with_the_same(scene: Scene) -> None:
    handed, keys = _invited(scene, "twice"), Keys()
    request = _request(handed, keys)
    answer = enrolling(scene.coordinator, request)
    _refuses(scene, _request(handed, keys), "ALREADY_EXISTS", "INVITATION_USED")
    _refuses(scene, _request(handed, Keys()), "ALREADY_EXISTS", "INVITATION_USED")
    before = scene.coordinator.rows()
    assert enrolling(scene.coordinator, request) == answer
    assert scene.coordinator.rows() == before


@pytest.mark.parametrize("token", [b"", b"0" * 16, bytes(16), b"\xff" * 15, bytes(1 << 20)], ids=len)
def test_a_token_of_no_invitation(scene: Scene, token: bytes) -> None:
    keys = Keys()
    csr = keys.csr()
    request = EnrolRequest(token=token, csr=csr, signature=keys.enrolling(csr))
    _refuses(scene, request, "NOT_FOUND", "INVITATION_UNKNOWN")


def test_an_invitation_whose_time_is_over(scene: Scene) -> None:
    handed = _invited(scene, "tardy", now() - timedelta(days=3))
    _refuses(scene, _request(handed, Keys()), "FAILED_PRECONDITION", "INVITATION_EXPIRED")


def test_an_invitation_that_a_newer_one_replaced(scene: Scene) -> None:
    handed = _invited(scene, "renamed")
    with scene.coordinator.office() as office:
        invite_again(office, "renamed", now())
    _refuses(scene, _request(handed, Keys()), "NOT_FOUND", "INVITATION_UNKNOWN")


def test_an_invitation_of_a_member_that_was_revoked_or_suspended(scene: Scene) -> None:
    handed = _invited(scene, "unwanted")
    with scene.coordinator.office() as office:
        revoke(office.store, "unwanted", now())
    _refuses(scene, _request(handed, Keys()), "NOT_FOUND", "INVITATION_UNKNOWN")
    with scene.coordinator.office() as office:
        member(office, "wayward")
        again = invite_again(office, "wayward", now())
        suspend(office.store, "wayward", now())
    _refuses(scene, _request(again, Keys()), "PERMISSION_DENIED", "MEMBER_SUSPENDED")


def _csr(
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, names: list[x509.GeneralName], *more: x509.ExtensionType
) -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "alfa")])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    for extension in more:
        builder = builder.add_extension(extension, critical=True)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def _uris(keys: Keys) -> list[x509.GeneralName]:
    return [x509.UniformResourceIdentifier(uri) for uri in keys.uris]


def _flipped(csr: bytes) -> bytes:
    """Its own signature broken: the last byte is one of the signature's."""
    return csr[:-1] + bytes([csr[-1] ^ 1])


_RSA = rsa.generate_private_key(65537, 2048)
_SPIFFE = x509.UniformResourceIdentifier("spiffe://npu.example/operator/root")
_CSRS: dict[str, Callable[[Keys], bytes]] = {
    "nothing": lambda _keys: b"",
    "random": lambda _keys: bytes(range(200)),
    "too long": lambda keys: keys.csr() + bytes(5000),
    "cut off": lambda keys: keys.csr()[:-20],
    "more behind it": lambda keys: keys.csr() + b"x",
    "an RSA key": lambda keys: _csr(_RSA, _uris(keys)),
    "another curve": lambda keys: _csr(ec.generate_private_key(ec.SECP384R1()), _uris(keys)),
    "no names": lambda keys: _csr(keys.tls, []),
    "no sealing key": lambda keys: keys.csr(keys.uris[:1]),
    "no signing key": lambda keys: keys.csr(keys.uris[1:]),
    "a key twice": lambda keys: keys.csr([*keys.uris, keys.uris[0]]),
    "two signing keys": lambda keys: keys.csr([*keys.uris, Keys().uris[0]]),
    "an identity of its own choice": lambda keys: _csr(keys.tls, [*_uris(keys), _SPIFFE]),
    "a host": lambda keys: _csr(keys.tls, [*_uris(keys), x509.DNSName("npu.example")]),
    "an authority": lambda keys: _csr(keys.tls, _uris(keys), x509.BasicConstraints(ca=True, path_length=None)),
    "a short key": lambda keys: keys.csr([keys.uris[0][:-2], keys.uris[1]]),
    "capitals": lambda keys: keys.csr([keys.uris[0].upper(), keys.uris[1]]),
    "a sealing key of low order": lambda keys: keys.csr([keys.uris[0], "kudos-key:x25519:" + "00" * 32]),
    "a broken signature": lambda keys: _flipped(keys.csr()),
}


@pytest.mark.parametrize("what", list(_CSRS))
def test_requests_that_are_not_granted(scene: Scene, what: str) -> None:
    keys, handed = Keys(), _handed_for_all(scene)
    _refuses(scene, _request(handed, keys, _CSRS[what](keys)), "INVALID_ARGUMENT", "BAD_CSR")


_kept: dict[int, Handed] = {}


def _handed_for_all(scene: Scene) -> Handed:
    """One invitation for every refused request: none of them uses it up."""
    if id(scene) not in _kept:
        _kept[id(scene)] = _invited(scene, "patient")
    return _kept[id(scene)]


@pytest.mark.parametrize("signature", [b"", bytes(64), b"x" * 63, bytes(1000)], ids=len)
def test_a_request_without_the_signature_of_its_key(scene: Scene, signature: bytes) -> None:
    handed, keys = _handed_for_all(scene), Keys()
    request = EnrolRequest(token=token_of(handed), csr=keys.csr(), signature=signature)
    _refuses(scene, request, "INVALID_ARGUMENT", "BAD_SIGNATURE")


def test_a_request_signed_by_another_key_for_another_purpose_or_over_other_bytes(scene: Scene) -> None:
    token, keys = token_of(_handed_for_all(scene)), Keys()
    csr = keys.csr()
    for signature in (Keys().enrolling(csr), keys.renewing(csr), keys.enrolling(keys.csr()), keys.signing.sign(csr)):
        request = EnrolRequest(token=token, csr=csr, signature=signature)
        _refuses(scene, request, "INVALID_ARGUMENT", "BAD_SIGNATURE")


@pytest.mark.parametrize(
    ("ledger", "code", "reason"),
    [
        ("npu.example/ledger/alfa", "ALREADY_EXISTS", "LEDGER_TAKEN"),
        ("npu.example/ledger/not-yet-there", "ALREADY_EXISTS", "LEDGER_TAKEN"),
        ("../../etc", "INVALID_ARGUMENT", "WRONG_LEDGER"),
        ("x" * 5000, "INVALID_ARGUMENT", "WRONG_LEDGER"),
        ("a ledger\n", "INVALID_ARGUMENT", "WRONG_LEDGER"),
    ],
    ids=["taken", "to be another's", "no name", "long", "a line break"],
)
def test_a_ledger_that_is_not_the_newcomers(scene: Scene, ledger: str, code: str, reason: str) -> None:
    _refuses(scene, _request(_handed_for_all(scene), Keys(), ledger=ledger), code, reason)


def test_a_member_that_comes_back_with_another_ledger(scene: Scene) -> None:
    with scene.coordinator.office() as office:
        handed = invite_again(office, "beta", now())
    request = _request(handed, Keys(), ledger="standalone/ledger/other")
    _refuses(scene, request, "INVALID_ARGUMENT", "WRONG_LEDGER")


def test_two_machines_with_one_invitation(scene: Scene, tmp_path: Path) -> None:
    handed = _invited(scene, "raced")
    homes = [tmp_path / "one", tmp_path / "other"]
    children = [
        subprocess.Popen(
            [PROGRAM, "--home", home, "join", handed.text, "--json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for home in homes
    ]
    said = [child.communicate(timeout=120) for child in children]
    assert sorted(child.returncode for child in children) == [0, 1], said
    lost = next(out + err for child, (out, err) in zip(children, said, strict=True) if child.returncode)
    assert "INVITATION_USED" in lost
    issued = [row for row in scene.coordinator.rows()["certificates"] if "raced" in row]
    assert len(issued) == 1


def _renewal(scene: Scene, keys: Keys, csr: bytes, signature: bytes) -> Callable[[], object]:
    return scene.call("alfa", "Renew", RenewRequest(csr=csr, signature=signature))


def test_a_renewal_that_the_members_own_key_does_not_vouch_for(scene: Scene) -> None:
    """A stolen TLS key is not enough: the store's signing key decides."""
    alfa, thief = scene.peers["alfa"], Keys()
    csr = Keys(signing=alfa.keys.signing, sealing=alfa.keys.sealing).csr()
    for signature in (thief.renewing(csr), alfa.keys.enrolling(csr), b"", alfa.keys.renewing(csr + b"x")):
        scene.refuses(_renewal(scene, thief, csr, signature), "INVALID_ARGUMENT", "BAD_SIGNATURE")


def test_a_renewal_that_brings_other_keys(scene: Scene) -> None:
    alfa, thief = scene.peers["alfa"].keys, Keys()
    for keys in (thief, Keys(signing=alfa.signing), Keys(sealing=alfa.sealing)):
        csr = keys.csr()
        scene.refuses(_renewal(scene, keys, csr, keys.renewing(csr)), "INVALID_ARGUMENT", "BAD_CSR")
    garbage = b"no request"
    scene.refuses(_renewal(scene, alfa, garbage, alfa.renewing(garbage)), "INVALID_ARGUMENT", "BAD_CSR")


def test_a_renewal_whose_answer_was_lost_is_answered_again(scene: Scene) -> None:
    with scene.coordinator.office() as office:
        peer = member(office, "forgetful")
    scene.peers["forgetful"] = peer
    fresh = Keys(signing=peer.keys.signing, sealing=peer.keys.sealing)
    csr = fresh.csr()
    ask = scene.call("forgetful", "Renew", RenewRequest(csr=csr, signature=fresh.renewing(csr)))
    first = ask()
    before = scene.coordinator.rows()
    assert ask() == first
    assert scene.coordinator.rows() == before
    renewed = type(peer)(peer.id, pem(first.certificate), peer.ledger, fresh)  # type: ignore[attr-defined]
    assert hello(scene.coordinator, renewed).certificate_not_after_s > datetime.now(UTC).timestamp()
    assert hello(scene.coordinator, peer).id == "forgetful"
