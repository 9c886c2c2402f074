from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class HelloRequest(_message.Message):
    __slots__ = ("version", "protocol")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    version: str
    protocol: int
    def __init__(self, version: _Optional[str] = ..., protocol: _Optional[int] = ...) -> None: ...

class HelloResponse(_message.Message):
    __slots__ = ("role", "id", "name", "trust_domain", "time_s", "version", "certificate_not_after_s", "protocol")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    TRUST_DOMAIN_FIELD_NUMBER: _ClassVar[int]
    TIME_S_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATE_NOT_AFTER_S_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    role: str
    id: str
    name: str
    trust_domain: str
    time_s: int
    version: str
    certificate_not_after_s: int
    protocol: int
    def __init__(self, role: _Optional[str] = ..., id: _Optional[str] = ..., name: _Optional[str] = ..., trust_domain: _Optional[str] = ..., time_s: _Optional[int] = ..., version: _Optional[str] = ..., certificate_not_after_s: _Optional[int] = ..., protocol: _Optional[int] = ...) -> None: ...

class RenewRequest(_message.Message):
    __slots__ = ("csr", "signature")
    CSR_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    csr: bytes
    signature: bytes
    def __init__(self, csr: _Optional[bytes] = ..., signature: _Optional[bytes] = ...) -> None: ...

class RenewResponse(_message.Message):
    __slots__ = ("certificate",)
    CERTIFICATE_FIELD_NUMBER: _ClassVar[int]
    certificate: bytes
    def __init__(self, certificate: _Optional[bytes] = ...) -> None: ...

class ListRoundsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class RoundState(_message.Message):
    __slots__ = ("announcement", "state", "own", "release_digest", "reason", "stage", "sketch_digest")
    ANNOUNCEMENT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    OWN_FIELD_NUMBER: _ClassVar[int]
    RELEASE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    SKETCH_DIGEST_FIELD_NUMBER: _ClassVar[int]
    announcement: bytes
    state: str
    own: str
    release_digest: str
    reason: str
    stage: str
    sketch_digest: str
    def __init__(self, announcement: _Optional[bytes] = ..., state: _Optional[str] = ..., own: _Optional[str] = ..., release_digest: _Optional[str] = ..., reason: _Optional[str] = ..., stage: _Optional[str] = ..., sketch_digest: _Optional[str] = ...) -> None: ...

class ListRoundsResponse(_message.Message):
    __slots__ = ("rounds", "retry_after_s")
    ROUNDS_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_S_FIELD_NUMBER: _ClassVar[int]
    rounds: _containers.RepeatedCompositeFieldContainer[RoundState]
    retry_after_s: int
    def __init__(self, rounds: _Optional[_Iterable[_Union[RoundState, _Mapping]]] = ..., retry_after_s: _Optional[int] = ...) -> None: ...

class SubmitRequest(_message.Message):
    __slots__ = ("round", "envelope")
    ROUND_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    round: str
    envelope: bytes
    def __init__(self, round: _Optional[str] = ..., envelope: _Optional[bytes] = ...) -> None: ...

class SubmitResponse(_message.Message):
    __slots__ = ("release_digest", "received_s")
    RELEASE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_S_FIELD_NUMBER: _ClassVar[int]
    release_digest: str
    received_s: int
    def __init__(self, release_digest: _Optional[str] = ..., received_s: _Optional[int] = ...) -> None: ...

class DeclineRequest(_message.Message):
    __slots__ = ("round",)
    ROUND_FIELD_NUMBER: _ClassVar[int]
    round: str
    def __init__(self, round: _Optional[str] = ...) -> None: ...

class DeclineResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListBenchmarksRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class BenchmarkListed(_message.Message):
    __slots__ = ("round", "version", "digest", "published_s")
    ROUND_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    PUBLISHED_S_FIELD_NUMBER: _ClassVar[int]
    round: str
    version: int
    digest: str
    published_s: int
    def __init__(self, round: _Optional[str] = ..., version: _Optional[int] = ..., digest: _Optional[str] = ..., published_s: _Optional[int] = ...) -> None: ...

class ListBenchmarksResponse(_message.Message):
    __slots__ = ("benchmarks",)
    BENCHMARKS_FIELD_NUMBER: _ClassVar[int]
    benchmarks: _containers.RepeatedCompositeFieldContainer[BenchmarkListed]
    def __init__(self, benchmarks: _Optional[_Iterable[_Union[BenchmarkListed, _Mapping]]] = ...) -> None: ...

class GetBenchmarkRequest(_message.Message):
    __slots__ = ("round", "version")
    ROUND_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    round: str
    version: int
    def __init__(self, round: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class GetBenchmarkResponse(_message.Message):
    __slots__ = ("piece",)
    PIECE_FIELD_NUMBER: _ClassVar[int]
    piece: bytes
    def __init__(self, piece: _Optional[bytes] = ...) -> None: ...

class ListMembersRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class MemberListed(_message.Message):
    __slots__ = ("id", "name", "industry", "county", "signing_key", "sealing_key", "commitment", "offered")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    INDUSTRY_FIELD_NUMBER: _ClassVar[int]
    COUNTY_FIELD_NUMBER: _ClassVar[int]
    SIGNING_KEY_FIELD_NUMBER: _ClassVar[int]
    SEALING_KEY_FIELD_NUMBER: _ClassVar[int]
    COMMITMENT_FIELD_NUMBER: _ClassVar[int]
    OFFERED_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    industry: str
    county: str
    signing_key: bytes
    sealing_key: bytes
    commitment: bytes
    offered: bool
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., industry: _Optional[str] = ..., county: _Optional[str] = ..., signing_key: _Optional[bytes] = ..., sealing_key: _Optional[bytes] = ..., commitment: _Optional[bytes] = ..., offered: _Optional[bool] = ...) -> None: ...

class ListMembersResponse(_message.Message):
    __slots__ = ("members",)
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    members: _containers.RepeatedCompositeFieldContainer[MemberListed]
    def __init__(self, members: _Optional[_Iterable[_Union[MemberListed, _Mapping]]] = ...) -> None: ...

class PublishCommitmentRequest(_message.Message):
    __slots__ = ("envelope",)
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    envelope: bytes
    def __init__(self, envelope: _Optional[bytes] = ...) -> None: ...

class PublishCommitmentResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class OfferIdentityRequest(_message.Message):
    __slots__ = ("recipient", "envelope")
    RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    recipient: str
    envelope: bytes
    def __init__(self, recipient: _Optional[str] = ..., envelope: _Optional[bytes] = ...) -> None: ...

class OfferIdentityResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListIdentityOffersRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class IdentityOffer(_message.Message):
    __slots__ = ("sponsor", "envelope")
    SPONSOR_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    sponsor: str
    envelope: bytes
    def __init__(self, sponsor: _Optional[str] = ..., envelope: _Optional[bytes] = ...) -> None: ...

class ListIdentityOffersResponse(_message.Message):
    __slots__ = ("offers",)
    OFFERS_FIELD_NUMBER: _ClassVar[int]
    offers: _containers.RepeatedCompositeFieldContainer[IdentityOffer]
    def __init__(self, offers: _Optional[_Iterable[_Union[IdentityOffer, _Mapping]]] = ...) -> None: ...
