"""What a request carries to open a video that is not open to everybody."""

from urllib.parse import parse_qsl

from peertube.http.routing import Call
from peertube.model.video_access import Proof

PASSWORD_HEADER = "X-PeerTube-Video-Password"
TOKEN_PARAMETER = "videoFileToken"

_MAXIMUM_LENGTH = 2000


def proof_of(call: Call) -> Proof:
    """The password of the header ``x-peertube-video-password`` and the token of the query ``videoFileToken``."""
    password = call.header(PASSWORD_HEADER)
    query = call.request.uri.partition(b"?")[2][:_MAXIMUM_LENGTH].decode("latin-1")
    token = dict(parse_qsl(query)).get(TOKEN_PARAMETER) if TOKEN_PARAMETER in query else None
    return Proof(password=None if password is None else password[:_MAXIMUM_LENGTH], token=token, address=call.address)
