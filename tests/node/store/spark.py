"""A real server of Spark Connect, as an institution runs its own: from PySpark, in an environment of its own."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.needs import lacking

_PROGRAM = "pyspark/bin/spark-submit"
_CLASS = "org.apache.spark.sql.connect.service.SparkConnectServer"


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Its address, for as long as it runs. Skips where there is no Spark or no Java, and fails where one is needed."""
    program = next(Path(sys.prefix, "spark").glob(f"lib/*/site-packages/{_PROGRAM}"), None)
    if program is None or shutil.which("java") is None:
        lacking("SPARK", "NO SPARK WAS RUN: `make spark` installs it beside the tests, and it needs Java")
    main = sys.modules["__main__"]
    if not hasattr(main, "__file__"):  # a process of pytest-xdist, which Spark's client takes for one of its doctests
        main.__file__ = __file__
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(port),
        "spark.ui.enabled": "false",
        # For a few thousand rows: plans take longer than the work, and compiling them longest.
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.adaptive.enabled": "false",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "spark.local.dir": str(folder / "local"),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }
    words = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
    server = subprocess.Popen(
        [program, "--master", "local[2]", "--driver-memory", "1g", *words, "--class", _CLASS, "spark-internal"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=os.environ | {"SPARK_NO_DAEMONIZE": "1", "SPARK_LOCAL_IP": "127.0.0.1"},
        text=True,
    )
    assert server.stderr is not None
    said = ""
    try:
        for line in server.stderr:
            said += line
            if "Spark Connect server started" in line:
                break
        else:
            pytest.fail(f"Spark does not start: {said[-2000:]}")
        with (folder / "spark.log").open("wb") as log:
            copying = subprocess.Popen(["cat"], stdin=server.stderr, stdout=log)  # so that it never waits for a reader
        yield f"sc://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(60)
    copying.wait(60)
