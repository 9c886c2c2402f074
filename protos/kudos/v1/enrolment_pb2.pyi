from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class EnrolRequest(_message.Message):
    __slots__ = ("token", "csr", "signature", "ledger", "version")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    CSR_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    LEDGER_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    token: bytes
    csr: bytes
    signature: bytes
    ledger: str
    version: str
    def __init__(self, token: _Optional[bytes] = ..., csr: _Optional[bytes] = ..., signature: _Optional[bytes] = ..., ledger: _Optional[str] = ..., version: _Optional[str] = ...) -> None: ...

class EnrolResponse(_message.Message):
    __slots__ = ("role", "id", "name", "industry", "county", "size_class", "certificate", "ledger", "federation_address", "trust_domain", "coordinator_key", "witness_key")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    INDUSTRY_FIELD_NUMBER: _ClassVar[int]
    COUNTY_FIELD_NUMBER: _ClassVar[int]
    SIZE_CLASS_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATE_FIELD_NUMBER: _ClassVar[int]
    LEDGER_FIELD_NUMBER: _ClassVar[int]
    FEDERATION_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    TRUST_DOMAIN_FIELD_NUMBER: _ClassVar[int]
    COORDINATOR_KEY_FIELD_NUMBER: _ClassVar[int]
    WITNESS_KEY_FIELD_NUMBER: _ClassVar[int]
    role: str
    id: str
    name: str
    industry: str
    county: str
    size_class: str
    certificate: bytes
    ledger: str
    federation_address: str
    trust_domain: str
    coordinator_key: bytes
    witness_key: str
    def __init__(self, role: _Optional[str] = ..., id: _Optional[str] = ..., name: _Optional[str] = ..., industry: _Optional[str] = ..., county: _Optional[str] = ..., size_class: _Optional[str] = ..., certificate: _Optional[bytes] = ..., ledger: _Optional[str] = ..., federation_address: _Optional[str] = ..., trust_domain: _Optional[str] = ..., coordinator_key: _Optional[bytes] = ..., witness_key: _Optional[str] = ...) -> None: ...
