"""Certificates and rounds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from privacy.audit.records import CertificateLine
from privacy.signing.envelope import public_key_text
from tests.privacy.audit import federation as made
from tests.privacy.audit import houses
from tests.privacy.audit.dishonesty.kinds import Kinds
from tests.privacy.audit.federation import Federation
from tests.privacy.audit.houses import key_of

kind = Kinds([])


@kind("a certificate of another authority", "coordinator", "CERTIFICATE_FOREIGN")
def _(network: Federation) -> None:
    from coordinator.authority import ca

    other = ca.make(houses.DOMAIN, houses.START)
    network.certificates[0] = made.certificate(other, "house-a", houses.START)


@kind("a certificate in another's name", "coordinator", "CERTIFICATE_DIFFERS")
def _(network: Federation) -> None:
    network.certificates[0] = network.certificates[0].model_copy(update={"holder": "house-g"})


@kind("a certificate listed with another time", "coordinator", "CERTIFICATE_DIFFERS")
def _(network: Federation) -> None:
    line = network.certificates[0]
    network.certificates[0] = line.model_copy(update={"not_after": line.not_after + timedelta(days=400)})


@kind("a release taken from a member whose certificate had expired", "coordinator", "CERTIFICATE_EXPIRED")
def _(network: Federation) -> None:
    def early(line: CertificateLine) -> bool:
        return line.holder != "house-b" or line.not_before < datetime(2025, 3, 1, tzinfo=UTC)

    network.certificates = [line for line in network.certificates if early(line)]


@kind("a list of certificates that is empty", "coordinator", "CERTIFICATE_EXPIRED")
def _(network: Federation) -> None:
    network.certificates.clear()


@kind("a roster with another key than the member's ledger", "coordinator", "ROSTER_KEY_DIFFERS")
def _(network: Federation) -> None:
    asked = network.rounds["year-2025"].announcement
    other = public_key_text(key_of("thief").public_key())
    roster = [s.model_copy(update={"signing_key": other}) if s.member == "house-b" else s for s in asked.roster]
    network.announce("year-2025", replace(asked, roster=tuple(roster)))


@kind("an announcement altered", "node", "ANNOUNCEMENT_UNREADABLE")
def _(network: Federation) -> None:
    each = network.rounds["year-2025"]
    each.envelope = each.envelope.replace(b"2026-03-02", b"2026-03-09")


@kind("an announcement signed by somebody else", "node", "ANNOUNCEMENT_UNREADABLE")
def _(network: Federation) -> None:
    network.change_announcement("year-2025", lambda content: None, key_of("thief"))


@kind("an announcement that says another deadline than the round had", "coordinator", "ANNOUNCEMENT_DIFFERS")
def _(network: Federation) -> None:
    asked = network.rounds["year-2025"].announcement
    network.announce("year-2025", replace(asked, deadline=asked.deadline + timedelta(days=1)))


@kind("a roster with another member's key", "coordinator", "ROSTER_KEY_DIFFERS")
def _(network: Federation) -> None:
    asked = network.rounds["year-2025"].announcement
    other = public_key_text(network.nodes["house-c"].key.public_key())
    roster = [s.model_copy(update={"signing_key": other}) if s.member == "house-b" else s for s in asked.roster]
    network.announce("year-2025", replace(asked, roster=tuple(roster)))


@kind("a seat for somebody who is no member, to lift a cohort above its least number", "coordinator", "MEMBER_UNKNOWN")
def _(network: Federation) -> None:
    asked = network.rounds["year-2025"].announcement
    ghost = asked.roster[-1].model_copy(update={"member": "house-z", "name": "house-z"})
    network.announce("year-2025", replace(asked, roster=(*asked.roster, ghost)))
