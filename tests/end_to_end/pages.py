"""A small network with something to see on every page, and the list of pages to look at."""

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

from attrs import frozen

from peertube.cli.play import DemoPod
from peertube.model.videos import VideoState
from tests.end_to_end.pods import Api, Network, eventually, make_clip, shared_network

NAMES = (
    "A walk in the hills",
    "Rain on a tin roof",
    "How a clock works, and why it is never quite right: a rather long title that needs more than two lines on a phone",
    "Donaudampfschifffahrtsgesellschaftskapitän",
)
DESCRIPTION = "Seen **this** summer.\n\n- hills\n- sheep\n\nhttps://hills.example/path"
CHAPTERS = [{"timecode": 0, "title": "Up"}, {"timecode": 12, "title": "And down again"}]
READER = {"username": "reader", "email": "reader@example.com", "password": "secret1", "role": 2}


@frozen
class Scene:
    """Pods 1 and 2 are friends, each with videos; pod 3 is alone and empty.

    :param local: a video of pod 1.
    :param remote: a video of pod 2, as pod 1 shows it.
    :param sensitive: a video of pod 1 with a reason to look away; `protected`: one behind a password.
    :param converting: a video of pod 1 that is being prepared.
    :param reader: the number of a user of pod 1.
    :param report: the number of a report that root made there.
    """

    network: Network
    local: str
    remote: str
    converting: str
    reader: int
    sensitive: str
    protected: str
    report: int

    @property
    def pod(self) -> DemoPod:
        """The pod with everything."""
        return self.network.pods[0]

    @property
    def lonely(self) -> DemoPod:
        """The pod with nothing."""
        return self.network.pods[2]


_SCENES: dict[str, Scene] = {}


def scene() -> Scene:
    """The network, set up at the first call."""
    known = _SCENES.get("scene")
    if known is None:
        known = _SCENES["scene"] = _set_up(shared_network("looked-at", 3))
    return known


def _set_up(network: Network) -> Scene:
    first, second = network.apis[:2]
    host = second.pod.origin.removeprefix("http://")
    first.call("POST", "/pods/make-friends", json_body={"hosts": [host]})
    with tempfile.TemporaryDirectory(prefix="clips-") as folder:
        clip = make_clip(Path(folder) / "clip.mp4", seconds=20)
        fields = {"description": DESCRIPTION, "category": "9", "licence": "1", "language": "en", "tags": "hills"}
        local = first.upload(clip, NAMES[0], support="Buy me **tea**", **fields)["uuid"]
        uuids = [first.upload(clip, name)["uuid"] for name in (*NAMES[1:], "Being prepared")]
        first.call("PUT", "/video-channels/root_channel", json_body={"streamDirectory": 1, "support": "Tea, *please*"})
        for uri in ("root_channel", "account:root", "tag:hills"):
            first.call("POST", "/users/me/subscriptions", json_body={"uri": uri})
        first.call("PUT", "/custom-pages/homepage/instance", json_body={"content": "## Welcome\n\nTo **everybody**."})
        sensitive = first.upload(clip, "Not for everyone", nsfw="true", nsfwFlags="1", nsfwSummary="A fight")["uuid"]
        protected = first.upload(clip, "Behind a password", privacy="5", **{"videoPasswords[]": "open sesame"})["uuid"]
        eventually(lambda: all(api.call("GET", "/pods")["total"] == 1 for api in (first, second)))
        remote = second.upload(clip, "From a friend", **fields)["uuid"]
        first.published(remote)
    for uuid in (local, *uuids):
        first.published(uuid)
    _change(first.pod, "update videos set state = ? where uuid = ?", (int(VideoState.TO_TRANSCODE), uuids[-1]))
    _change(
        first.pod,
        "update jobs set state = 'failed', error = ? where id = (select min(id) from jobs)",
        ("The file is not a video: moov atom not found, and some more words that an error may have",),
    )
    first.call("PUT", f"/videos/{local}/chapters", json_body={"chapters": CHAPTERS})
    for position in (0, 5, 10):
        first.call("PUT", f"/videos/{local}/watching", json_body={"currentTime": position, "sessionId": "somebody"})
    reader = first.call("POST", "/users", json_body={**READER, "videoQuota": 5_000_000, "videoQuotaDaily": -1})
    body = {"reason": "Hills are not\nwhat they seem.", "predefinedReasons": ["rights"], "video": {"id": remote}}
    report = int(first.call("POST", "/abuses", json_body=body)["abuse"]["id"])
    first.call("POST", f"/abuses/{report}/messages", json_body={"message": "Which hills do you mean?"})
    first.call("PUT", f"/abuses/{report}", json_body={"moderationComment": "The third report of this week."})
    return Scene(network, local, remote, uuids[-1], int(reader["user"]["id"]), sensitive, protected, report)


def _change(pod: DemoPod, statement: str, values: tuple[object, ...]) -> None:
    """Bring about what is over too fast to be looked at."""
    with closing(sqlite3.connect(pod.folder / "peertube.sqlite3", timeout=20)) as database, database:
        database.execute(statement, values)


@frozen
class Stop:
    """A page to look at.

    :param typed: what to fill into its form and send, for pages that answer to a form.
    :param signed_in: as root.
    """

    name: str
    path: str
    signed_in: bool = False
    status: int = 200
    typed: dict[str, str] | None = None
    form: str = "main form[method=post]"
    lonely: bool = False


def tour(known: Scene) -> list[Stop]:
    """Every page, with its states."""
    missing = "/w/" + "0" * 8 + "-1111-4222-8333-" + "0" * 12
    return [
        Stop("home", "/"),
        Stop("home-empty", "/", lonely=True),
        Stop("list", "/videos"),
        Stop("list-filtered-empty", "/videos?category=3&scope=local"),
        Stop("trending", "/videos?sort=-trending"),
        Stop("search", "/search?search=hills&scope=local"),
        Stop("search-channels", "/search?search=main&type=channels"),
        Stop("search-address", "/search?search=https://nowhere.example/w/x"),
        Stop("search-empty", "/search?" + urlencode({"search": "nothing like it", "category": 1})),
        Stop("watch-local", f"/w/{known.local}"),
        Stop("watch-sensitive", f"/w/{known.sensitive}"),
        Stop("watch-password", f"/w/{known.protected}", status=403),
        Stop("watch-wrong-password", f"/w/{known.protected}", typed={"password": "wrong"}, status=403),
        Stop("watch-protected", f"/w/{known.protected}", True),
        Stop("watch-remote", f"/w/{known.remote}"),
        Stop("channel", "/c/root_channel"),
        Stop("channel-about", "/c/root_channel/about"),
        Stop("channel-remote", f"/c/root_channel@{known.network.pods[1].origin.removeprefix('http://')}"),
        Stop("person", "/a/root"),
        Stop("explore", "/explore"),
        Stop("explore-empty", "/explore", lonely=True),
        Stop("directory", "/directory/1"),
        Stop("login", "/login"),
        Stop("login-error", "/login", typed={"username": "root", "password": "wrong"}, status=400),
        Stop("signup-closed", "/signup", status=403),
        Stop("forgotten-password", "/forgotten-password"),
        Stop("reset-password", "/reset-password?userId=1&verificationString=x"),
        Stop("verify-email", "/verify-account/email?userId=1&verificationString=x"),
        Stop("about", "/about"),
        Stop("settings", "/settings"),
        Stop("not-found", missing, status=404),
        Stop("home-signed-in", "/", True),
        Stop("home-empty-signed-in", "/", True, lonely=True),
        Stop("watch-signed-in", f"/w/{known.local}", True),
        Stop("watch-converting", f"/w/{known.converting}", True),
        Stop("following", "/following", True),
        Stop("following-nothing", "/following", True, lonely=True),
        Stop("following-manage", "/following/manage", True),
        Stop("following-error", "/following/manage", True, 400, {"name": "nobody"}),
        Stop("my-channels", "/my-channels", True),
        Stop("my-channel", "/my-channels/root_channel", True),
        Stop("channel-error", "/my-channels/new", True, 400, {"name": "Not Good", "displayName": "Mine"}),
        Stop("invitations", "/invitations", True),
        Stop("give-video", f"/my-videos/{known.local}/give", True),
        Stop("avatar", "/settings/avatar", True),
        Stop("appearance", "/admin/appearance", True),
        Stop("upload", "/upload", True),
        Stop("my-videos", "/my-videos", True),
        Stop("my-videos-empty", "/my-videos", True, lonely=True),
        Stop("edit", f"/my-videos/{known.local}", True),
        Stop("edit-error", f"/my-videos/{known.local}", True, 400, {"name": "abc", "tags": "a,b,c,d,e,f"}),
        Stop("remove", f"/my-videos/{known.local}/remove", True),
        Stop("captions", f"/my-videos/{known.local}/captions", True),
        Stop("chapters", f"/my-videos/{known.local}/chapters", True),
        Stop("chapters-error", f"/my-videos/{known.local}/chapters", True, 400, {"chapters": "no time"}),
        Stop("statistics", f"/my-videos/{known.local}/statistics", True),
        Stop("statistics-none", f"/my-videos/{known.converting}/statistics?days=365", True),
        Stop("history", "/history", True),
        Stop("history-empty", "/history", True, lonely=True),
        Stop("history-clear", "/history/clear", True),
        Stop("forbidden", f"/my-videos/{known.remote}", True, status=403),
        Stop("settings-signed-in", "/settings", True),
        Stop("settings-profile", "/settings/profile", True),
        Stop("settings-playback", "/settings/playback", True),
        Stop("settings-security", "/settings/security", True),
        Stop("settings-delete", "/settings/delete", True),
        Stop("registrations-none", "/admin/registrations", True),
        Stop(
            "settings-error",
            "/settings/security",
            True,
            400,
            {"current": "wrong1", "new": "secret2", "again": "secret3"},
            "form[action='/settings/password']",
        ),
        Stop("admin", "/admin", True),
        Stop("admin-lonely", "/admin", True, lonely=True),
        Stop("jobs", "/admin/jobs", True),
        Stop("configuration", "/admin/configuration", True),
        Stop("logs", "/admin/logs", True),
        Stop("logs-none", "/admin/logs?search=nothing-says-this", True),
        Stop("jobs-none", "/admin/jobs?state=failed", True, lonely=True),
        Stop("friends", "/admin/friends", True),
        Stop("friends-none", "/admin/friends", True, lonely=True),
        Stop("friends-error", "/admin/friends", True, 400, {"hosts": "not a host!"}, lonely=True),
        Stop("friends-quit", "/admin/friends/quit", True),
        Stop("network", "/admin/network", True),
        Stop("report", f"/w/{known.remote}/report", True),
        Stop("report-error", f"/w/{known.remote}/report", True, 400, {"reason": "x"}),
        Stop("reports", "/admin/abuses?state=all", True),
        Stop("reports-none", "/admin/abuses?search=nothing", True),
        Stop("report-details", f"/admin/abuses/{known.report}", True),
        Stop("my-reports", "/my-reports", True),
        Stop("my-reports-none", "/my-reports", True, lonely=True),
        Stop("my-report-error", f"/my-reports/{known.report}", True, 400, {"message": "x"}),
        Stop("users", "/admin/users", True),
        Stop("users-none", "/admin/users?search=nobody", True),
        Stop("user-new", "/admin/users/new", True),
        Stop(
            "user-error",
            "/admin/users/new",
            True,
            400,
            {"username": "Not Good", "email": "x@example.com", "password": "short"},
        ),
        Stop("user-edit", f"/admin/users/{known.reader}", True),
        Stop("user-block", f"/admin/users/{known.reader}/block", True),
    ]


def reader_api(known: Scene) -> Api:
    """The REST API of the pod with everything, as a user with a small quota."""
    api = Api(known.pod)
    client = api.call("GET", "/oauth-clients/local")
    grant = {"grant_type": "password", "username": READER["username"], "password": READER["password"]}
    api.token = api.call("POST", "/users/token", form={**client, **grant})["access_token"]
    return api
