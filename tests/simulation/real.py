"""``bin/simulate``: real pods with people who act at random, and faults on request; in the end all lists are equal.

The simulation of 2017 (weights: create 5, remove 4, update 4, view 4, like 4, dislike 4), with faults: ``kill`` ends a
pod at once (SIGKILL) and starts it again later, ``freeze`` stops its process for a while (it accepts and never
answers), ``partition`` parts the network in two by loopback proxies, both ways, ``one-way`` lets others not reach a pod
that reaches them, ``clock`` starts pods whose clocks are up to 400 seconds wrong, ``clock-jump`` sets clocks of running
pods wrong by an hour or more, and later right. People go on acting on both sides of a partition. Every round ends with
all pods running and reachable, and with the comparison of their complete lists; at last every pod fetches every file by
its magnet link. Exit status: 0 when every round ended equal, 1 otherwise.
"""

import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import click
import yaml
from attrs import define, field

from peertube.cli.play import DemoPod, stop, wait_until_ready
from tests.end_to_end.pods import Api, ApiError, free_ports, make_clip
from tests.simulation.magnets import fetch
from tests.simulation.proxy import Proxies, Proxy, source_address

WEIGHTS = {"create": 5, "remove": 4, "update": 4, "view": 4, "like": 4, "dislike": 4}
FAULTS = ("kill", "freeze", "partition", "one-way", "clock", "clock-jump")
JUMPS_SECONDS = (-86_400, -3600, 3600, 43_200)  # access tokens live for a day
PATIENCE_SECONDS = 240
_SHIFTED = Path(__file__).parent / "shifted"
_COMPARED = (
    *("uuid", "name", "category", "licence", "language", "nsfw", "duration"),
    *("views", "likes", "dislikes", "truncatedDescription"),
)


@define
class RealPod:
    """A pod, the proxy before it, and who acts there."""

    pod: DemoPod
    proxy: Proxy
    api: Api
    shift_seconds: float = 0.0
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def host(self) -> str:
        """Its name among pods."""
        return f"localhost:{self.proxy.port}"

    def prepare(self) -> None:
        """Write its configuration: the world reaches it through the proxy."""
        self.pod.prepare(keep=False)
        settings = yaml.safe_load(self.pod.configuration.read_text())
        settings["webserver"]["port"] = self.proxy.port
        settings["friends"]["retry_seconds"] = 1
        settings["friends"]["request_timeout"] = 5
        settings["tracker"]["udp"] = {"enabled": False}
        self.pod.configuration.write_text(yaml.safe_dump(settings))
        self.set_clock(self.shift_seconds)

    @property
    def _clock(self) -> Path:
        return self.pod.directory / f"{self.pod.name}.clock"

    def set_clock(self, wrong_by_seconds: float) -> None:
        """From now on its clock is wrong by so much."""
        with self._clock.open("r+b" if self._clock.exists() else "wb") as file:
            file.write(struct.pack("d", wrong_by_seconds))

    def start(self) -> None:
        """Run it."""
        search = os.pathsep.join([str(_SHIFTED), *sys.path])
        source = source_address(self.pod.number)
        self.process = self.pod.start(
            {"SIMULATE_CLOCK": str(self._clock), "SIMULATE_SOURCE": source, "PYTHONPATH": search}
        )

    def log_in(self) -> None:
        """Become root, by the name that the pod has in the world."""
        world = {"Host": self.host}
        client = self.api.call("GET", "/oauth-clients/local", headers=world)
        form = {**client, "grant_type": "password", "username": "root", "password": self.pod.password}
        self.api.token = self.api.call("POST", "/users/token", form=form, headers=world)["access_token"]

    def kill(self) -> None:
        """End it at once."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def freeze(self, *, frozen: bool) -> None:
        """Stop it, or let it go on."""
        if self.process is not None:
            self.process.send_signal(signal.SIGSTOP if frozen else signal.SIGCONT)


@define
class Simulation:
    """All of them."""

    pods: list[RealPod]
    proxies: Proxies
    chance: random.Random
    clip: Path
    faults: tuple[str, ...]
    done: Counter[str] = field(factory=Counter)
    faulted: set[int] = field(factory=set)
    failing: bool = False
    sessions: int = 0

    def start(self) -> None:
        """Start all, and make everybody a friend of everybody."""
        self.proxies.start()
        for pod in self.pods:
            if "clock" in self.faults:
                pod.shift_seconds = self.chance.uniform(-400, 400)
            pod.prepare()
            pod.start()
        self._wait_until_ready()
        for pod in self.pods:
            pod.log_in()
        for number, pod in enumerate(self.pods[1:], 1):
            hosts = [other.host for other in self.pods[:number][:2]]
            pod.api.call("POST", "/pods/make-friends", json_body={"hosts": hosts})
            self._until(lambda pod=pod, number=number: pod.api.call("GET", "/pods")["total"] == number, "friends")

    def round(self, seconds: float, interval: float) -> dict[str, Any] | None:
        """Act for so long, with faults, then let all come to rest; what is not equal, or None."""
        until = time.monotonic() + seconds
        next_fault = time.monotonic() + 5
        while time.monotonic() < until:
            self._act()
            if self.faults and time.monotonic() > next_fault:
                self._recover() if self.failing else self._fail()
                next_fault = time.monotonic() + self.chance.uniform(4, 12)
            time.sleep(interval)
        self._recover()
        return self._compare()

    def fetch_all(self) -> int:
        """Every pod fetches every file by the magnet link that it shows; how many those were."""
        fetched = 0
        for pod in self.pods:
            for uuid in self._listed(pod):
                for file in pod.api.call("GET", f"/videos/{uuid}")["files"]:
                    fetch(file["magnetUri"])
                    fetched += 1
        return fetched

    def stop(self) -> None:
        """End all."""
        for pod in self.pods:
            pod.freeze(frozen=False)
        stop([pod.process for pod in self.pods if pod.process is not None])
        self.proxies.stop()

    def _act(self) -> None:
        number = self.chance.choice([n for n in range(len(self.pods)) if n not in self.faulted])
        pod = self.pods[number]
        (action,) = self.chance.choices(list(WEIGHTS), list(WEIGHTS.values()))
        try:
            videos = pod.api.videos()
            own = [video for video in videos if video["isLocal"]]
            if action == "create" or not videos:
                pod.api.upload(self.clip, f"Video {self.done['create']} of pod {number + 1}")
                self.done["create"] += 1
            elif action == "remove" and own:
                pod.api.call("DELETE", f"/videos/{self.chance.choice(own)['uuid']}")
                self.done[action] += 1
            elif action == "update" and own:
                changes = {"name": f"Renamed {self.done['update']}", "category": str(self.chance.randint(1, 18))}
                pod.api.call("PUT", f"/videos/{self.chance.choice(own)['uuid']}", json_body=changes)
                self.done[action] += 1
            elif action in ("view", "like", "dislike"):
                self._react(pod, action, self.chance.choice(videos)["uuid"])
                self.done[action] += 1
        except ApiError as error:
            if error.status not in (403, 404):  # somebody removed it in the meantime
                raise

    def _react(self, pod: RealPod, action: str, uuid: str) -> None:
        if action == "view":
            self.sessions += 1
            for position in (0, 5):
                body = {"currentTime": position, "sessionId": f"session-{self.sessions}"}
                pod.api.call("POST", f"/videos/{uuid}/views", json_body=body)
        else:
            pod.api.call("PUT", f"/videos/{uuid}/rate", json_body={"rating": action})

    def _fail(self) -> None:
        kind = self.chance.choice([fault for fault in self.faults if fault != "clock"] or ["nothing"])
        if kind == "nothing":
            return
        self.failing = True
        numbers = range(len(self.pods))
        if kind == "partition":
            half = set(self.chance.sample(numbers, self.chance.randint(1, len(self.pods) // 2)))
            across = [(one, other) for one in half for other in numbers if other not in half]
            self._cut(across + [(other, one) for one, other in across])
            self.done["fault: partition"] += 1
            return
        chosen = self.chance.sample(numbers, self.chance.randint(1, max(1, len(self.pods) // 3)))
        self.done[f"fault: {kind}"] += len(chosen)
        if kind == "one-way":
            self._cut([(other, one) for one in chosen for other in numbers])
            return
        for number in chosen:
            pod = self.pods[number]
            if kind == "clock-jump":
                pod.set_clock(self.chance.choice(JUMPS_SECONDS))
                continue
            self.faulted.add(number)
            pod.kill() if kind == "kill" else pod.freeze(frozen=True)

    def _cut(self, ways: list[tuple[int, int]]) -> None:
        named = [pod.pod.number for pod in self.pods]
        self.proxies.cut({(named[asking], named[asked]) for asking, asked in ways})

    def _recover(self) -> None:
        self.proxies.cut(frozenset())
        self.faulted.clear()
        self.failing = False
        for pod in self.pods:
            pod.freeze(frozen=False)
            pod.set_clock(pod.shift_seconds)
            if pod.process is None or pod.process.poll() is not None:
                pod.start()
        self._wait_until_ready()

    def _compare(self) -> dict[str, Any] | None:
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            waiting = sum(self._waiting(pod) for pod in self.pods)
            lists = {pod.host: self._listed(pod) for pod in self.pods}
            expected = lists[self.pods[0].host]
            if not waiting and all(found == expected for found in lists.values()):
                return None
            if time.monotonic() > until:
                return {"waiting": waiting, "lists": lists}
            time.sleep(2)

    def _waiting(self, pod: RealPod) -> int:
        stats = pod.api.call("GET", "/request-schedulers/stats")
        return sum(one["totalRequests"] for one in stats.values())

    def _listed(self, pod: RealPod) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while True:
            page = pod.api.call("GET", f"/videos?count=100&sort=createdAt&start={len(found)}")["data"]
            for video in page:
                shown = {name: video.get(name) for name in _COMPARED}
                found[video["uuid"]] = {**shown, "host": video["account"]["host"], "channel": video["channel"]["name"]}
            if len(page) < 100:
                return found

    def _wait_until_ready(self) -> None:
        processes = [pod.process for pod in self.pods if pod.process is not None]
        problem = wait_until_ready([pod.pod for pod in self.pods], processes)
        if problem is not None:
            raise click.ClickException(problem)

    def _until(self, question: Any, what: str) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while not question():
            if time.monotonic() > until:
                raise click.ClickException(f"waited too long for {what}")
            time.sleep(0.2)


def simulation_of(count: int, directory: Path, seed: int, faults: tuple[str, ...]) -> Simulation:
    """So many pods in a folder, none of them started yet."""
    first = free_ports(2 * count)
    pods = []
    for number in range(1, count + 1):
        pod = DemoPod(number, count, first, directory)
        pods.append(RealPod(pod, Proxy(number, first + count + number - 1, pod.port), Api(pod)))
    proxies = Proxies([pod.proxy for pod in pods])
    clip = make_clip(directory / "clip.mp4", seconds=6, size="160x90", bitrate="50k")
    return Simulation(pods, proxies, random.Random(seed), clip, faults)


@click.command()
@click.option("--pods", default=6, show_default=True, type=click.IntRange(2, 20))
@click.option("--minutes", default=5.0, show_default=True, help="Rounds begin for so long, comparisons included.")
@click.option("--round", "round_seconds", default=60.0, show_default=True, help="Seconds between two comparisons.")
@click.option("--interval", default=0.5, show_default=True, help="Seconds between two actions.")
@click.option("--seed", default=None, type=int, help="To repeat a run's choices.")
@click.option("--fault", "faults", multiple=True, type=click.Choice(FAULTS), help="May be given more than once.")
def main(
    pods: int, minutes: float, round_seconds: float, interval: float, seed: int | None, faults: tuple[str, ...]
) -> None:
    """Simulate a network of real pods."""
    seed = random.randrange(10**6) if seed is None else seed
    click.echo(f"{pods} pods, seed {seed}, faults: {', '.join(faults) or 'none'}")
    directory = Path(tempfile.mkdtemp(prefix="simulate-"))
    simulation = simulation_of(pods, directory, seed, faults)
    different = False
    try:
        simulation.start()
        began, number = time.monotonic(), 0
        while not different and (number == 0 or time.monotonic() < began + minutes * 60):
            number += 1
            difference = simulation.round(round_seconds, interval)
            different = difference is not None
            shown = ", ".join(f"{name} {count}" for name, count in sorted(simulation.done.items()))
            passed = (time.monotonic() - began) / 60
            click.echo(f"round {number}, {passed:.1f} min: {'DIFFERENT' if different else 'equal'} ({shown})")
        if different:
            click.echo(yaml.safe_dump(difference))
        if not different:
            click.echo(f"every pod fetched every file by its magnet link: {simulation.fetch_all()} files")
    finally:
        simulation.stop()
        if different:
            click.echo(f"the pods are kept in {directory}")
        else:
            shutil.rmtree(directory, ignore_errors=True)
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
