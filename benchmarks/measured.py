"""What the benchmarks of whole pods share: pods that run, CPU and memory of processes, figures that are told."""

import os
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.end_to_end.pods import Api, Network

_CPU_OF_PROCESS = 2


def cpu_seconds(pid: int) -> float:
    """CPU time that a process has used so far, threads that ended included."""
    return time.clock_gettime((~pid << 3) | _CPU_OF_PROCESS)


def memory(pid: int, field: str = "VmRSS") -> int:
    """Bytes of memory of a process: VmRSS now, VmHWM the most so far."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    return 0


def reset_peak(pid: int) -> None:
    """Let VmHWM begin anew."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


@contextmanager
def pods(count: int, environment: Mapping[str, str] | None = None, *, friends: bool = False) -> Iterator[Network]:
    """Pods as real processes."""
    network = Network(count)
    with patch.dict(os.environ, dict(environment or {})):
        network.start()
    try:
        if friends:
            network.make_friends()
        yield network
    finally:
        network.stop()


def pid_of(api: Api) -> int:
    """The process of a pod."""
    return int(api.pod.pid_file.read_text())


class Connection:
    """A connection that is kept, for requests without bodies: costs the client as little as may be."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self._socket = socket.create_connection((host, port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = bytearray(2**21)
        self._port = port

    def get(self, path: str, headers: str = "") -> tuple[int, int]:
        """Ask; the status and how many bytes the body has."""
        request = f"GET {path} HTTP/1.1\r\nHost: localhost:{self._port}\r\n{headers}\r\n"
        self._socket.sendall(request.encode())
        view, have = memoryview(self._buffer), 0
        while (end := self._buffer.find(b"\r\n\r\n", 0, have)) < 0:
            have += self._receive(view[have:])
        head = bytes(view[:end]).lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
        left = length - (have - end - 4)
        while left > 0:
            left -= self._receive(view[: min(left, len(view))])
        return int(head.split(b" ")[1]), length

    def _receive(self, view: memoryview) -> int:
        count = self._socket.recv_into(view)
        if not count:
            raise ConnectionError("closed")
        return count

    def close(self) -> None:
        """No more."""
        self._socket.close()


def together(count: int, work: Any) -> None:
    """Call `work` with 0, 1, ... in so many threads."""
    failed: list[BaseException] = []

    def run(number: int) -> None:
        try:
            work(number)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def pin(pid: int, *, server: bool) -> None:
    """Servers on the first core, the load on the last."""
    cores = sorted(os.sched_getaffinity(0))
    for task in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), {cores[0] if server else cores[-1]})


def middle(values: Sequence[float]) -> float:
    """The median."""
    return median(values)
