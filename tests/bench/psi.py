"""The same question by ECDH private set intersection: how many customers two members share, exactly, told to one.

Run by an interpreter of its own (`make bench` makes it), for the library wants an older protobuf than Kudos:

    python tests/bench/psi.py CUSTOMERS

It prints one line of JSON: seconds, peak_mb, bytes on the wire, and the size of the intersection.
"""

import json
import resource
import sys
import time

import private_set_intersection.python as psi


def main() -> None:
    """One pair: set up, ask, answer, intersect."""
    customers = int(sys.argv[1])
    own = [f"customer-{number}" for number in range(customers)]
    theirs = [f"customer-{number}" for number in range(customers // 2, customers + customers // 2)]
    client, server = psi.client.CreateWithNewKey(False), psi.server.CreateWithNewKey(False)
    started = time.perf_counter()
    setup = server.CreateSetupMessage(1e-9, customers, theirs, psi.DataStructure.RAW)
    request = client.CreateRequest(own)
    response = server.ProcessRequest(request)
    shared = client.GetIntersectionSize(setup, response)
    seconds = time.perf_counter() - started
    if shared != customers - customers // 2:
        sys.exit(f"{shared} found in common, and there are {customers - customers // 2}")
    size = sum(len(message.SerializeToString()) for message in (setup, request, response))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mb": peak, "bytes": size, "shared": shared}))


if __name__ == "__main__":
    main()
