"""A ledger of five leaves whose checkpoint, signatures and keys were worked out once, by other code than ours."""

import base64
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from privacy.ledger.note import Verifier

NODE = Ed25519PrivateKey.from_private_bytes(bytes(range(0x20)))
WITNESS = Ed25519PrivateKey.from_private_bytes(bytes(range(0x20, 0x40)))

LEAVES = [
    f'{{"epsilon_u":250000,"query":"kpi-{i}","round":"2026-W0{i}","seq":{i},"type":"spend"}}'.encode() for i in range(5)
]

ORIGIN = "billett.example.no/ledger/nationaltheatret"
WITNESS_NAME = "koordinator.example.no/witness"
ROOT = base64.b64decode("6KYV76J+lOggIyFxlV+ZLYa3TFmroOYX0GU7IatbaGs=")
TEXT = f"{ORIGIN}\n5\n6KYV76J+lOggIyFxlV+ZLYa3TFmroOYX0GU7IatbaGs=\n"

NODE_LINE = f"— {ORIGIN} 32YjxmJgCwXIfrli0F6ko+/9rB+UBtXpHotT2K0qD2ijMwt721eeWNQkzikJG2JI9jfvw+GsVMVGsIVwPZtO6vRagQM=\n"
WITNESS_LINE = (
    f"— {WITNESS_NAME} "
    "PKcA8gAAAABq/YbAfXxBLbPrsIuFd3NS+J3M6TZJEeWxG44emsXBlYv0vGbz/lpakKKmXDG+VUvbUYGpnMHfnE5oML6+dfbjZS2cCw==\n"
)
COSIGNED_AT = datetime(2026, 11, 18, 11, 6, 40, tzinfo=UTC)

SIGNED = f"{TEXT}\n{NODE_LINE}".encode()
COSIGNED = f"{TEXT}\n{NODE_LINE}{WITNESS_LINE}".encode()

NODE_KEY_TEXT = f"{ORIGIN}+df6623c6+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
WITNESS_KEY_TEXT = f"{WITNESS_NAME}+3ca700f2+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X"
NODE_KEY = Verifier.parse(NODE_KEY_TEXT)
WITNESS_KEY = Verifier.parse(WITNESS_KEY_TEXT)
