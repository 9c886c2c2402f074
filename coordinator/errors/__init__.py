"""What the coordinator refuses or fails at: each with a stable reason, a gRPC status, and what to do.

`code` is the name of a status of gRPC (https://grpc.io/docs/guides/status-codes/), for the service that answers with
it. A sentence may reach a stranger: it never says anything about a member other than the caller.
"""

from coordinator.errors.base import BadRequest as BadRequest
from coordinator.errors.base import CallEnded as CallEnded
from coordinator.errors.base import CoordinatorError as CoordinatorError
from coordinator.errors.base import NoHome as NoHome
from coordinator.errors.base import RefusedCall as RefusedCall
from coordinator.errors.base import StoreBusy as StoreBusy
from coordinator.errors.base import StoreExists as StoreExists
from coordinator.errors.base import StoreUnusable as StoreUnusable
from coordinator.errors.base import TooLarge as TooLarge
from coordinator.errors.base import UsageError as UsageError
from coordinator.errors.cross_use import BadSketch as BadSketch
from coordinator.errors.cross_use import NotInMarket as NotInMarket
from coordinator.errors.cross_use import NotYet as NotYet
from coordinator.errors.cross_use import OtherTerms as OtherTerms
from coordinator.errors.cross_use import SketchDiffers as SketchDiffers
from coordinator.errors.cross_use import TooManyTransfers as TooManyTransfers
from coordinator.errors.cross_use import UnknownSketch as UnknownSketch
from coordinator.errors.cross_use import WrongRound as WrongRound
from coordinator.errors.ledgers import BadCheckpoint as BadCheckpoint
from coordinator.errors.ledgers import BadLeaf as BadLeaf
from coordinator.errors.ledgers import ClockApart as ClockApart
from coordinator.errors.ledgers import LedgerFork as LedgerFork
from coordinator.errors.ledgers import LedgerGap as LedgerGap
from coordinator.errors.ledgers import LedgerMismatch as LedgerMismatch
from coordinator.errors.ledgers import LedgerRollback as LedgerRollback
from coordinator.errors.ledgers import NotBooked as NotBooked
from coordinator.errors.ledgers import NotWitnessed as NotWitnessed
from coordinator.errors.ledgers import WrongKey as WrongKey
from coordinator.errors.ledgers import WrongLedger as WrongLedger
from coordinator.errors.members import BadCommitment as BadCommitment
from coordinator.errors.members import BadCsr as BadCsr
from coordinator.errors.members import BadOffer as BadOffer
from coordinator.errors.members import BadSignature as BadSignature
from coordinator.errors.members import CertificateExpired as CertificateExpired
from coordinator.errors.members import CertificateUnknown as CertificateUnknown
from coordinator.errors.members import InvitationExpired as InvitationExpired
from coordinator.errors.members import InvitationUnknown as InvitationUnknown
from coordinator.errors.members import InvitationUsed as InvitationUsed
from coordinator.errors.members import LedgerTaken as LedgerTaken
from coordinator.errors.members import MemberExists as MemberExists
from coordinator.errors.members import MemberRevoked as MemberRevoked
from coordinator.errors.members import MemberSuspended as MemberSuspended
from coordinator.errors.members import RoleNotAllowed as RoleNotAllowed
from coordinator.errors.members import Unauthenticated as Unauthenticated
from coordinator.errors.members import UnknownMember as UnknownMember
from coordinator.errors.members import WrongMemberState as WrongMemberState
from coordinator.errors.rounds import AbsurdValue as AbsurdValue
from coordinator.errors.rounds import BadRelease as BadRelease
from coordinator.errors.rounds import NotInRoster as NotInRoster
from coordinator.errors.rounds import RoundClosed as RoundClosed
from coordinator.errors.rounds import RoundExists as RoundExists
from coordinator.errors.rounds import StaleStage as StaleStage
from coordinator.errors.rounds import SubmissionDiffers as SubmissionDiffers
from coordinator.errors.rounds import TooFewMembers as TooFewMembers
from coordinator.errors.rounds import UnknownBenchmark as UnknownBenchmark
from coordinator.errors.rounds import UnknownRound as UnknownRound
from coordinator.errors.rounds import WrongLayout as WrongLayout
from coordinator.errors.rounds import WrongStudy as WrongStudy
from coordinator.errors.rounds import WrongWindow as WrongWindow
