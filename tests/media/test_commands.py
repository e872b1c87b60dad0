"""Command lines that let nothing in but one file."""

from twisted.trial.unittest import SynchronousTestCase

from peertube.media import commands


class CommandsTests(SynchronousTestCase):
    """Whitelists stand before the input, where ffmpeg applies them to it."""

    def test_whitelists_come_before_the_input(self) -> None:
        """An option after the input would count for the output."""
        for argv in (commands.probe("/a/b.mp4"), commands.frame("/a/b.mp4", 1.5)):
            place = argv.index("file:/a/b.mp4")
            self.assertEqual(argv[place - 1], "-i")
            for option, value in [
                ("-protocol_whitelist", "file,pipe"),
                ("-format_whitelist", commands.FORMAT_WHITELIST),
            ]:
                self.assertLess(argv.index(option), place)
                self.assertEqual(argv[argv.index(option) + 1], value)

    def test_no_format_that_names_other_files(self) -> None:
        """The list is short, and none of these is ever on it."""
        allowed = set(commands.FORMAT_WHITELIST.split(","))
        self.assertEqual(allowed & {"hls", "dash", "concat", "image2", "applehttp", "sdp", "rtsp", "imf", "tty"}, set())

    def test_frame(self) -> None:
        """Sought before it is opened; a time before the beginning is the beginning."""
        argv = commands.frame("/a/b.mp4", -3)
        self.assertEqual(argv[argv.index("-ss") + 1], "0.000")
        self.assertEqual(argv[-1], "pipe:1")
