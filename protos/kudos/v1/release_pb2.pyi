from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class Release(_message.Message):
    __slots__ = ("ledger", "entry", "study", "study_version", "study_digest", "layout_digest", "window_first", "window_last", "cells", "thresholds", "thresholds_before")
    LEDGER_FIELD_NUMBER: _ClassVar[int]
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    STUDY_FIELD_NUMBER: _ClassVar[int]
    STUDY_VERSION_FIELD_NUMBER: _ClassVar[int]
    STUDY_DIGEST_FIELD_NUMBER: _ClassVar[int]
    LAYOUT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIRST_FIELD_NUMBER: _ClassVar[int]
    WINDOW_LAST_FIELD_NUMBER: _ClassVar[int]
    CELLS_FIELD_NUMBER: _ClassVar[int]
    THRESHOLDS_FIELD_NUMBER: _ClassVar[int]
    THRESHOLDS_BEFORE_FIELD_NUMBER: _ClassVar[int]
    ledger: str
    entry: int
    study: str
    study_version: int
    study_digest: str
    layout_digest: str
    window_first: str
    window_last: str
    cells: _containers.RepeatedScalarFieldContainer[int]
    thresholds: _containers.RepeatedScalarFieldContainer[int]
    thresholds_before: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, ledger: _Optional[str] = ..., entry: _Optional[int] = ..., study: _Optional[str] = ..., study_version: _Optional[int] = ..., study_digest: _Optional[str] = ..., layout_digest: _Optional[str] = ..., window_first: _Optional[str] = ..., window_last: _Optional[str] = ..., cells: _Optional[_Iterable[int]] = ..., thresholds: _Optional[_Iterable[int]] = ..., thresholds_before: _Optional[_Iterable[int]] = ...) -> None: ...
