"""What users do while their pod is killed: random operations, each noted in the oracle before and after."""

import random
import uuid
from threading import Event, Thread

from attrs import define

from tests.crashes.client import Client
from tests.crashes.oracle import PRIVATE, PUBLIC, Oracle, outcome

MOST_VIDEOS = 25
MOST_CHANNELS = 2
"""Beyond this, channels are removed. One user may have 20."""

WITHOUT_VIDEO = ("upload", "chunks", "channel")
"""What can be done when there is no video yet."""

CHUNK = 262_144


@define
class Unfinished:
    """An upload in chunks, with what the pod has acknowledged of it."""

    name: str
    location: str
    acknowledged: int = 0


class Load:
    """Some threads of users of the pod behind `client`.

    :param clip: a small video; `long_clip` one of several chunks.
    """

    def __init__(
        self, client: Client, oracle: Oracle, rng: random.Random, *, clip: bytes, long_clip: bytes, picture: bytes
    ) -> None:
        self._client = client
        self._oracle = oracle
        self._rng = rng
        self._clip = clip
        self._long_clip = long_clip
        self._picture = picture
        self._stop = Event()
        self._threads: list[Thread] = []
        self._unfinished: list[Unfinished] = []

    def start(self, users: int = 2, *, only: str | None = None) -> None:
        """Begin; each user goes on until `stop`.

        :param only: what the first user does again and again; the others do anything.
        """
        self._stop.clear()
        wishes = [only, *[None] * (users - 1)]
        self._threads = [Thread(target=self._run, args=(wish,), daemon=True) for wish in wishes]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let each user finish what it does."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, only: str | None) -> None:
        while not self._stop.is_set():
            living = self._oracle.living()
            what = only or self._something(len(living))
            if what in WITHOUT_VIDEO:
                getattr(self, f"_{what}")()
                continue
            if only is not None and not living:
                self._upload()
                continue
            key = self._rng.choice(living) if living else None
            if key is not None and self._oracle.take(key):
                try:
                    getattr(self, f"_{what}")(key)
                finally:
                    self._oracle.release(key)

    def _something(self, living: int) -> str:
        weights = {"upload": 4, "chunks": 2, "rename": 3, "hide": 1, "thumbnail": 1, "remove": 2, "channel": 4}
        if living > MOST_VIDEOS:
            weights |= {"upload": 1, "chunks": 1, "remove": 6}
        return self._rng.choices(list(weights), list(weights.values()))[0]

    def _upload(self) -> None:
        name = f"{uuid.uuid4()} upload"
        self._oracle.begin(name)
        picture = self._picture if self._rng.random() < 0.3 else None
        answer = self._client.upload(name, self._clip, picture=picture)
        self._uploaded(name, answer.status, answer.json["video"]["uuid"] if answer.status == 200 else None)

    def _uploaded(self, name: str, status: int | None, video: str | None) -> None:
        record = self._oracle.records[name.partition(" ")[0]]
        done = outcome(status)
        if done:
            record.uuid, record.may_be_absent, record.is_coming = video, False, False
            self._oracle.done("upload")
        elif done is False:
            record.must_be_absent = True
            self._oracle.problem(f"an upload was refused with {status}")

    def _chunks(self) -> None:
        """Go on with an upload that a crash interrupted, or begin one."""
        if self._unfinished:
            self._go_on(self._unfinished.pop(), interrupted=True)
            return
        name = f"{uuid.uuid4()} chunks"
        fields = {"name": name, "channelId": self._client.channel, "filename": f"{name[:8]}.mp4", "privacy": PUBLIC}
        answer = self._client.send_json(
            "POST",
            "/api/v1/videos/upload-resumable",
            fields,
            X_Upload_Content_Length=str(len(self._long_clip)),
            X_Upload_Content_Type="video/mp4",
        )
        if answer.status in (200, 201):
            self._oracle.begin(name, is_coming=True)
            self._oracle.done("upload begun")
            location = answer.headers["Location"]
            self._go_on(Unfinished(name, "/" + location.partition("//")[2].partition("/")[2]))
        elif answer.status is not None and answer.status < 500 and answer.status != 429:
            self._oracle.problem(f"an upload in chunks was refused with {answer.status}: {answer.body[:200]!r}")

    def _go_on(self, upload: Unfinished, *, interrupted: bool = False) -> None:
        size = len(self._long_clip)
        start = 0
        if interrupted:
            answer = self._client.ask("PUT", upload.location, b"", Content_Range=f"bytes */{size}")
            if answer.status == 308:
                start = int(answer.headers["Range"].rpartition("-")[2]) + 1 if "Range" in answer.headers else 0
                if start < upload.acknowledged:
                    self._oracle.problem(f"lost: {upload.acknowledged - start} acknowledged bytes of {upload.name}")
            elif answer.status == 200:
                self._uploaded(upload.name, 200, answer.json["video"]["uuid"])
                return
            else:
                self._broken(upload, answer.status)
                return
        while True:
            end = min(size, start + CHUNK)
            chunk = self._long_clip[start:end]
            answer = self._client.ask(
                "PUT",
                upload.location,
                chunk,
                Content_Range=f"bytes {start}-{end - 1}/{size}" if chunk else f"bytes */{size}",
                Content_Type="application/octet-stream",
            )
            if answer.status == 308:
                start = upload.acknowledged = int(answer.headers["Range"].rpartition("-")[2]) + 1
                self._oracle.done("chunk")
            elif answer.status == 200:
                self._uploaded(upload.name, 200, answer.json["video"]["uuid"])
                return
            else:
                self._broken(upload, answer.status)
                return

    def _broken(self, upload: Unfinished, status: int | None) -> None:
        if status is None or status >= 500:
            self._unfinished.append(upload)
        elif status == 404 and self._oracle.records[upload.name.partition(" ")[0]].uuid is not None:
            return  # it was finished, the oracle has seen the video, and its removal or a day made the pod forget this
        else:
            self._oracle.problem(f"an upload in chunks broke with {status}: {upload.name}")

    def _rename(self, key: str) -> None:
        record = self._oracle.records[key]
        name = f"{key} renamed {self._rng.randrange(10**9)}"
        record.names = {*record.names, name}
        answer = self._client.send_json("PUT", f"/api/v1/videos/{record.uuid}", {"name": name})
        if self._settled(answer.status, "rename"):
            record.names = {name}

    def _hide(self, key: str) -> None:
        record = self._oracle.records[key]
        privacy = PRIVATE if record.privacies == {PUBLIC} else PUBLIC
        record.privacies = {*record.privacies, privacy}
        answer = self._client.send_json("PUT", f"/api/v1/videos/{record.uuid}", {"privacy": privacy})
        if self._settled(answer.status, "privacy"):
            record.privacies = {privacy}

    def _thumbnail(self, key: str) -> None:
        answer = self._client.send_picture(str(self._oracle.records[key].uuid), self._picture)
        self._settled(answer.status, "thumbnail")

    def _remove(self, key: str) -> None:
        record = self._oracle.records[key]
        record.may_be_absent = True
        answer = self._client.ask("DELETE", f"/api/v1/videos/{record.uuid}")
        if self._settled(answer.status, "remove"):
            record.must_be_absent = True

    def _channel(self) -> None:
        """Make a channel; or remove one, when there are many."""
        certain = [name for name, there in list(self._oracle.channels.items()) if there]
        if len(certain) >= MOST_CHANNELS:
            name = self._rng.choice(certain)
            if self._oracle.take(name):
                self._remove_channel(name)
                self._oracle.release(name)
            return
        name = f"c{self._rng.randrange(10**12)}"
        self._oracle.channels[name] = False
        answer = self._client.send_json("POST", "/api/v1/video-channels", {"name": name, "displayName": name})
        if self._settled(answer.status, "channel"):
            self._oracle.channels[name] = True

    def _remove_channel(self, name: str) -> None:
        if not self._oracle.channels.get(name):
            return
        self._oracle.channels[name] = False
        answer = self._client.ask("DELETE", f"/api/v1/video-channels/{name}")
        if self._settled(answer.status, "channel removed"):
            del self._oracle.channels[name]
            self._oracle.removed_channels.add(name)

    def _settled(self, status: int | None, kind: str) -> bool:
        done = outcome(status)
        if done is False:
            self._oracle.problem(f"{kind} was refused with {status}")
        elif done:
            self._oracle.done(kind)
        return bool(done)
