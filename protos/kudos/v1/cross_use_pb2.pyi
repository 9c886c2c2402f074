from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PutSketchRequest(_message.Message):
    __slots__ = ("round", "header", "chunk")
    ROUND_FIELD_NUMBER: _ClassVar[int]
    HEADER_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    round: str
    header: bytes
    chunk: bytes
    def __init__(self, round: _Optional[str] = ..., header: _Optional[bytes] = ..., chunk: _Optional[bytes] = ...) -> None: ...

class PutSketchResponse(_message.Message):
    __slots__ = ("header_digest", "received_s")
    HEADER_DIGEST_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_S_FIELD_NUMBER: _ClassVar[int]
    header_digest: str
    received_s: int
    def __init__(self, header_digest: _Optional[str] = ..., received_s: _Optional[int] = ...) -> None: ...

class GetMarketRequest(_message.Message):
    __slots__ = ("round",)
    ROUND_FIELD_NUMBER: _ClassVar[int]
    round: str
    def __init__(self, round: _Optional[str] = ...) -> None: ...

class GetMarketResponse(_message.Message):
    __slots__ = ("market",)
    MARKET_FIELD_NUMBER: _ClassVar[int]
    market: bytes
    def __init__(self, market: _Optional[bytes] = ...) -> None: ...

class GetSketchRequest(_message.Message):
    __slots__ = ("round", "member")
    ROUND_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    round: str
    member: str
    def __init__(self, round: _Optional[str] = ..., member: _Optional[str] = ...) -> None: ...

class GetSketchResponse(_message.Message):
    __slots__ = ("header", "chunk")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    header: bytes
    chunk: bytes
    def __init__(self, header: _Optional[bytes] = ..., chunk: _Optional[bytes] = ...) -> None: ...

class Sketch(_message.Message):
    __slots__ = ("ledger", "entry", "epoch", "window_first", "window_last", "buckets", "flips", "flip_bits", "identity_commitment", "identity_epoch", "bits")
    LEDGER_FIELD_NUMBER: _ClassVar[int]
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIRST_FIELD_NUMBER: _ClassVar[int]
    WINDOW_LAST_FIELD_NUMBER: _ClassVar[int]
    BUCKETS_FIELD_NUMBER: _ClassVar[int]
    FLIPS_FIELD_NUMBER: _ClassVar[int]
    FLIP_BITS_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_COMMITMENT_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_EPOCH_FIELD_NUMBER: _ClassVar[int]
    BITS_FIELD_NUMBER: _ClassVar[int]
    ledger: str
    entry: int
    epoch: str
    window_first: str
    window_last: str
    buckets: int
    flips: int
    flip_bits: int
    identity_commitment: bytes
    identity_epoch: int
    bits: bytes
    def __init__(self, ledger: _Optional[str] = ..., entry: _Optional[int] = ..., epoch: _Optional[str] = ..., window_first: _Optional[str] = ..., window_last: _Optional[str] = ..., buckets: _Optional[int] = ..., flips: _Optional[int] = ..., flip_bits: _Optional[int] = ..., identity_commitment: _Optional[bytes] = ..., identity_epoch: _Optional[int] = ..., bits: _Optional[bytes] = ...) -> None: ...

class SealedSketch(_message.Message):
    __slots__ = ("coordinator", "round", "sender", "announcement_digest", "ledger", "entry", "epoch", "window_first", "window_last", "buckets", "flips", "flip_bits", "identity_commitment", "identity_epoch", "sketch_digest", "size", "chunks", "chunks_digest", "keys")
    COORDINATOR_FIELD_NUMBER: _ClassVar[int]
    ROUND_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    ANNOUNCEMENT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    LEDGER_FIELD_NUMBER: _ClassVar[int]
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIRST_FIELD_NUMBER: _ClassVar[int]
    WINDOW_LAST_FIELD_NUMBER: _ClassVar[int]
    BUCKETS_FIELD_NUMBER: _ClassVar[int]
    FLIPS_FIELD_NUMBER: _ClassVar[int]
    FLIP_BITS_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_COMMITMENT_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_EPOCH_FIELD_NUMBER: _ClassVar[int]
    SKETCH_DIGEST_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    CHUNKS_FIELD_NUMBER: _ClassVar[int]
    CHUNKS_DIGEST_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    coordinator: str
    round: str
    sender: str
    announcement_digest: bytes
    ledger: str
    entry: int
    epoch: str
    window_first: str
    window_last: str
    buckets: int
    flips: int
    flip_bits: int
    identity_commitment: bytes
    identity_epoch: int
    sketch_digest: bytes
    size: int
    chunks: int
    chunks_digest: bytes
    keys: _containers.RepeatedCompositeFieldContainer[SealedKey]
    def __init__(self, coordinator: _Optional[str] = ..., round: _Optional[str] = ..., sender: _Optional[str] = ..., announcement_digest: _Optional[bytes] = ..., ledger: _Optional[str] = ..., entry: _Optional[int] = ..., epoch: _Optional[str] = ..., window_first: _Optional[str] = ..., window_last: _Optional[str] = ..., buckets: _Optional[int] = ..., flips: _Optional[int] = ..., flip_bits: _Optional[int] = ..., identity_commitment: _Optional[bytes] = ..., identity_epoch: _Optional[int] = ..., sketch_digest: _Optional[bytes] = ..., size: _Optional[int] = ..., chunks: _Optional[int] = ..., chunks_digest: _Optional[bytes] = ..., keys: _Optional[_Iterable[_Union[SealedKey, _Mapping]]] = ...) -> None: ...

class SealedKey(_message.Message):
    __slots__ = ("member", "sealed")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    SEALED_FIELD_NUMBER: _ClassVar[int]
    member: str
    sealed: bytes
    def __init__(self, member: _Optional[str] = ..., sealed: _Optional[bytes] = ...) -> None: ...

class Market(_message.Message):
    __slots__ = ("coordinator", "round", "announcement_digest", "seats")
    COORDINATOR_FIELD_NUMBER: _ClassVar[int]
    ROUND_FIELD_NUMBER: _ClassVar[int]
    ANNOUNCEMENT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    SEATS_FIELD_NUMBER: _ClassVar[int]
    coordinator: str
    round: str
    announcement_digest: bytes
    seats: _containers.RepeatedCompositeFieldContainer[MarketSeat]
    def __init__(self, coordinator: _Optional[str] = ..., round: _Optional[str] = ..., announcement_digest: _Optional[bytes] = ..., seats: _Optional[_Iterable[_Union[MarketSeat, _Mapping]]] = ...) -> None: ...

class MarketSeat(_message.Message):
    __slots__ = ("member", "header_digest", "sketch_digest")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    HEADER_DIGEST_FIELD_NUMBER: _ClassVar[int]
    SKETCH_DIGEST_FIELD_NUMBER: _ClassVar[int]
    member: str
    header_digest: bytes
    sketch_digest: bytes
    def __init__(self, member: _Optional[str] = ..., header_digest: _Optional[bytes] = ..., sketch_digest: _Optional[bytes] = ...) -> None: ...

class Count(_message.Message):
    __slots__ = ("ledger", "entry", "study", "study_version", "study_digest", "window_first", "window_last", "sketches_digest", "named_pairs", "peers", "cells", "histogram")
    LEDGER_FIELD_NUMBER: _ClassVar[int]
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    STUDY_FIELD_NUMBER: _ClassVar[int]
    STUDY_VERSION_FIELD_NUMBER: _ClassVar[int]
    STUDY_DIGEST_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIRST_FIELD_NUMBER: _ClassVar[int]
    WINDOW_LAST_FIELD_NUMBER: _ClassVar[int]
    SKETCHES_DIGEST_FIELD_NUMBER: _ClassVar[int]
    NAMED_PAIRS_FIELD_NUMBER: _ClassVar[int]
    PEERS_FIELD_NUMBER: _ClassVar[int]
    CELLS_FIELD_NUMBER: _ClassVar[int]
    HISTOGRAM_FIELD_NUMBER: _ClassVar[int]
    ledger: str
    entry: int
    study: str
    study_version: int
    study_digest: str
    window_first: str
    window_last: str
    sketches_digest: bytes
    named_pairs: bool
    peers: _containers.RepeatedCompositeFieldContainer[PeerCounted]
    cells: _containers.RepeatedScalarFieldContainer[int]
    histogram: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, ledger: _Optional[str] = ..., entry: _Optional[int] = ..., study: _Optional[str] = ..., study_version: _Optional[int] = ..., study_digest: _Optional[str] = ..., window_first: _Optional[str] = ..., window_last: _Optional[str] = ..., sketches_digest: _Optional[bytes] = ..., named_pairs: _Optional[bool] = ..., peers: _Optional[_Iterable[_Union[PeerCounted, _Mapping]]] = ..., cells: _Optional[_Iterable[int]] = ..., histogram: _Optional[_Iterable[int]] = ...) -> None: ...

class PeerCounted(_message.Message):
    __slots__ = ("member", "status", "ones")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ONES_FIELD_NUMBER: _ClassVar[int]
    member: str
    status: str
    ones: int
    def __init__(self, member: _Optional[str] = ..., status: _Optional[str] = ..., ones: _Optional[int] = ...) -> None: ...
