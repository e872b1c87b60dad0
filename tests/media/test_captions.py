"""Captions come as people have them, and go as WebVTT without anything else in it."""

from pathlib import Path

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase, TestCase

from peertube.errors import TooLarge, Unprocessable
from peertube.media.captions import CaptionFiles, converted, decoded
from peertube.model.captions import MAXIMUM_SIZE

SRT = "1\n00:00:01,000 --> 00:00:02,500\nHällo\n\n2\n00:00:03,000 --> 00:00:04,000\nTwo\nlines\n"
VTT = "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nHällo\n\n00:00:03.000 --> 00:00:04.000\nTwo\nlines\n"


class ConversionTests(SynchronousTestCase):
    """Formats and encodings."""

    def test_subrip(self) -> None:
        """What most people have."""
        self.assertEqual(converted(SRT, ".srt"), VTT)
        self.assertEqual(converted(VTT, ".vtt"), VTT)

    def test_only_cues_are_kept(self) -> None:
        """Styles could hide a page's words, and scripts have no business here."""
        text = (
            "WEBVTT\n\nSTYLE\n::cue { color: red }\n\nNOTE secret\n\n"
            "00:01.000 --> 00:02.000 align:start\n<v Ann>Hi <script>x</script> & <b>bold</b> &amp; <00:00:01.500>so\n"
        )
        expected = (
            "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n"
            "<v Ann>Hi &lt;script&gt;x&lt;/script&gt; &amp; <b>bold</b> &amp; <00:00:01.500>so\n"
        )
        self.assertEqual(converted(text, ".vtt"), expected)

    def test_encodings(self) -> None:
        """Old files are not UTF-8."""
        text = "Müller ging zum größten Übel der Straße. Ärger über Öl und schöne Grüße an die Mädchen."
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
            self.assertEqual(decoded(text.encode(encoding)), text, encoding)

    def test_what_is_none(self) -> None:
        """A file of something else is refused, not kept."""
        for text in ("", "nonsense", "WEBVTT\n\n", "WEBVTT\n\n99 --> 1\nx", "GIF89a\0\0"):
            for extension in (".vtt", ".srt"):
                self.assertRaises(Unprocessable, converted, text, extension)


class ReadingTests(TestCase):
    """Files are read off the reactor."""

    async def test_files(self) -> None:
        """And no more of them than may be."""
        from twisted.internet import reactor

        reader, path = CaptionFiles(reactor), Path(self.mktemp())
        path.write_bytes(SRT.encode())
        self.assertEqual(await Deferred.fromCoroutine(reader.read(path, ".srt")), VTT)
        path.write_bytes(b" " * (MAXIMUM_SIZE + 1))
        with self.assertRaises(TooLarge):
            await Deferred.fromCoroutine(reader.read(path, ".srt"))
