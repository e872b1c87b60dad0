"""What is believed of ffprobe's answer."""

import contextlib
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from peertube.errors import Unprocessable
from peertube.media import probe
from peertube.model.media import MediaProbe

_VIDEO: dict[str, Any] = {
    "index": 0,
    "codec_name": "h264",
    "codec_type": "video",
    "width": 640,
    "height": 360,
    "r_frame_rate": "30/1",
    "avg_frame_rate": "30000/1001",
    "disposition": {"attached_pic": 0},
}
_AUDIO = {"index": 1, "codec_name": "aac", "codec_type": "audio", "avg_frame_rate": "0/0"}
_FORMAT = {"nb_streams": 2, "format_name": "mov,mp4,m4a,3gp,3g2,mj2", "duration": "10.040000"}


def _parse(streams: list[dict[str, Any]], **changes: Any) -> MediaProbe:
    return probe.parse(json.dumps({"streams": streams, "format": {**_FORMAT, **changes}}).encode())


class ParseTests(SynchronousTestCase):
    """The first look at a stranger's file decides whether it goes on."""

    def test_video_with_sound(self) -> None:
        """The usual case, field by field."""
        self.assertEqual(
            _parse([_VIDEO, _AUDIO]),
            MediaProbe(
                duration=10.04,
                width=640,
                height=360,
                fps=30,
                has_audio=True,
                has_video=True,
                format_names=("mov", "mp4", "m4a", "3gp", "3g2", "mj2"),
                video_codec="h264",
                audio_codec="aac",
            ),
        )

    def test_turned(self) -> None:
        """A phone held upright records on its side and says so."""
        for rotation in (90, -90, 270):
            seen = _parse([{**_VIDEO, "side_data_list": [{"rotation": rotation}]}])
            self.assertEqual((seen.width, seen.height, seen.has_audio), (360, 640, False))
        self.assertEqual(_parse([{**_VIDEO, "side_data_list": [{"rotation": 180}]}]).width, 640)

    def test_frame_rates(self) -> None:
        """Nonsense counts as unknown, lies are capped."""
        for average, expected in [("25/1", 25), ("0/0", 30), ("1/0", 30), ("x", 30), ("99999999/1", 1000)]:
            self.assertEqual(_parse([{**_VIDEO, "avg_frame_rate": average}]).fps, expected)

    def test_length_of_the_stream(self) -> None:
        """Some containers know only how long their streams are."""
        self.assertEqual(_parse([{**_VIDEO, "duration": "3.5"}], duration="N/A").duration, 3.5)

    def test_no_video(self) -> None:
        """Sound alone, a cover picture, no length, playlists and text are no video."""
        for streams, changes in [
            ([_AUDIO], {}),
            ([], {}),
            ([{**_VIDEO, "disposition": {"attached_pic": 1}}, _AUDIO], {}),
            ([{**_VIDEO, "codec_name": None}], {}),
            ([_VIDEO], {"duration": "0.000"}),
            ([_VIDEO], {"duration": "nan"}),
            ([_VIDEO], {"duration": "-1"}),
            ([_VIDEO], {"format_name": "hls"}),
            ([_VIDEO], {"format_name": "concat"}),
            ([_VIDEO], {"format_name": "tty"}),
            ([_VIDEO], {"format_name": "png_pipe"}),
            ([_VIDEO], {"format_name": "mov"}),
            ([_VIDEO] * 65, {}),
        ]:
            with self.assertRaises(Unprocessable) as caught:
                _parse(streams, **changes)
            self.assertEqual(caught.exception.code, "not_a_video", (streams, changes))

    def test_beyond_what_we_take(self) -> None:
        """A picture nobody can show, a film nobody can store."""
        for streams, changes in [
            ([{**_VIDEO, "width": 65535}], {}),
            ([{**_VIDEO, "height": 0}], {}),
            ([{**_VIDEO, "height": -5}], {}),
            ([_VIDEO], {"duration": "700000"}),
        ]:
            with self.assertRaises(Unprocessable) as caught:
                _parse(streams, **changes)
            self.assertEqual(caught.exception.code, "unsupported_video")

    @given(
        st.binary(max_size=300)
        | st.dictionaries(st.text(), st.integers() | st.text()).map(lambda v: json.dumps(v).encode())
    )
    def test_arbitrary_bytes(self, output: bytes) -> None:
        """Nothing else escapes than our own error."""
        with contextlib.suppress(Unprocessable):
            probe.parse(output)

    def test_every_truncation(self) -> None:
        """A program that died in the middle of a word is no video either."""
        whole = json.dumps({"streams": [_VIDEO, _AUDIO], "format": _FORMAT}).encode()
        for end in range(len(whole)):
            with self.assertRaises(Unprocessable):
                probe.parse(whole[:end])
