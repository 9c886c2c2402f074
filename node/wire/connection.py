"""A connection to the coordinator: whom it trusts, how long it waits, and how it tells what went wrong."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import grpc

from node.membership.errors import NoConnection, RefusedByCoordinator
from protos.channels import BOUNDS
from protos.refusals import refusal_of

Answer = TypeVar("Answer")

NO_SUCH_CALL = "NO_SUCH_CALL"
"""The reason where the coordinator's version of Kudos does not have a call."""

DEADLINE_S = 30.0
"""Seconds that one call may take."""

_RETRIES = """{"methodConfig": [{
  "name": [{"service": "kudos.v1.FederationService"}, {"service": "kudos.v1.LedgerService"},
           {"service": "kudos.v1.CrossUseService"}, {"service": "kudos.v1.SharingService"}],
  "retryPolicy": {"maxAttempts": 4, "initialBackoff": "0.2s", "maxBackoff": "2s", "backoffMultiplier": 2,
                  "retryableStatusCodes": ["UNAVAILABLE"]}}]}"""
"""Every call of the federation may be made twice: the second gets the first one's answer."""


@contextmanager
def open_channel(
    address: str, authority: bytes, key: bytes | None = None, certificate: bytes | None = None
) -> Iterator[grpc.Channel]:
    """A channel over TLS 1.3 that trusts one authority (PEM) and shows a certificate (PEM) where one is given."""
    credentials = grpc.ssl_channel_credentials(authority, key, certificate)
    options = [*BOUNDS, ("grpc.service_config", _RETRIES), ("grpc.enable_http_proxy", 0)]
    with grpc.secure_channel(address, credentials, options=options) as channel:
        yield channel


def call(address: str, ask: Callable[[], Answer]) -> Answer:
    """The answer of a call; errors as ours. Raises RefusedByCoordinator or NoConnection."""
    try:
        return ask()
    except grpc.RpcError as error:
        raise translated(error, address) from error


def translated(error: grpc.RpcError, address: str) -> NoConnection | RefusedByCoordinator:
    """What a failed call means for people."""
    refusal = refusal_of(error)
    if refusal is not None:
        return RefusedByCoordinator(refusal.reason, refusal.sentence, refusal.code.name)
    state: Any = error
    code = state.code() if hasattr(state, "code") else grpc.StatusCode.UNKNOWN
    if code is grpc.StatusCode.UNIMPLEMENTED:
        sentence = "Its version of Kudos cannot do this yet. Ask its operator to install a newer one."
        return RefusedByCoordinator(NO_SUCH_CALL, sentence, code.name)
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return NoConnection(f"{address} did not answer within {DEADLINE_S:.0f} seconds. Try again later.")
    if code is grpc.StatusCode.UNAVAILABLE:
        return NoConnection(
            f"{address} cannot be reached, or does not accept this node's certificate. Nothing was lost; it is tried "
            "again by itself where `kudos-node run` works. What it is that fails: kudos-node doctor"
        )
    return NoConnection(f"{address} answered with {code.name}. Try again, and tell the coordinator's operator.")
