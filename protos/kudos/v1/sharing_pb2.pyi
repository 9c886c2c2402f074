from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class ShareInsightRequest(_message.Message):
    __slots__ = ("envelope",)
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    envelope: bytes
    def __init__(self, envelope: _Optional[bytes] = ...) -> None: ...

class ShareInsightResponse(_message.Message):
    __slots__ = ("digest", "received_s")
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_S_FIELD_NUMBER: _ClassVar[int]
    digest: str
    received_s: int
    def __init__(self, digest: _Optional[str] = ..., received_s: _Optional[int] = ...) -> None: ...

class WithdrawInsightRequest(_message.Message):
    __slots__ = ("digest",)
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    digest: str
    def __init__(self, digest: _Optional[str] = ...) -> None: ...

class WithdrawInsightResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListInsightsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListInsightsResponse(_message.Message):
    __slots__ = ("envelope", "digest", "received_s", "state", "reason")
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_S_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    envelope: bytes
    digest: str
    received_s: int
    state: str
    reason: str
    def __init__(self, envelope: _Optional[bytes] = ..., digest: _Optional[str] = ..., received_s: _Optional[int] = ..., state: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ShareAssessmentRequest(_message.Message):
    __slots__ = ("envelope",)
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    envelope: bytes
    def __init__(self, envelope: _Optional[bytes] = ...) -> None: ...

class ShareAssessmentResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class WithdrawAssessmentRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class WithdrawAssessmentResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetAssessmentsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetAssessmentsResponse(_message.Message):
    __slots__ = ("envelope", "own_digest")
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    OWN_DIGEST_FIELD_NUMBER: _ClassVar[int]
    envelope: bytes
    own_digest: str
    def __init__(self, envelope: _Optional[bytes] = ..., own_digest: _Optional[str] = ...) -> None: ...
