"""Torrent files that other clients understand."""

import contextlib
import hashlib
from math import floor, log2

import bencodepy
import libtorrent
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from peertube.errors import Invalid
from peertube.torrents import metainfo

_TIERS = [["ws://pod.example:9001/tracker/socket"], ["http://pod.example:9001/tracker/announce"]]
_SEED = "http://pod.example:9001/static/web-videos/14385830-7e1b-4107-9116-92b50936f5a8-360.mp4"


def _build(content: bytes, name: str = "First sample video 360p.mp4") -> tuple[bytes, str]:
    length = metainfo.piece_length(len(content))
    pieces = b"".join(
        hashlib.sha1(content[start : start + length]).digest() for start in range(0, len(content), length)
    )
    return metainfo.build(
        name=name,
        length=len(content),
        piece_length=length,
        pieces=pieces,
        announce_tiers=_TIERS,
        web_seeds=[_SEED],
    )


class PieceLengthTests(SynchronousTestCase):
    """Pods that make the torrent of one file must come to one info-hash, so the rule is fixed."""

    def test_table(self) -> None:
        """Sizes round in log2 to the nearest power of two, 16 KiB at least."""
        mebi = 2**20
        for size, expected in [
            (0, 16_384),
            (1, 16_384),
            (1023, 16_384),
            (16 * mebi, 16_384),
            (22 * mebi, 16_384),
            (23 * mebi, 32_768),
            (100 * mebi, 131_072),
            (181 * mebi, 131_072),
            (182 * mebi, 262_144),
            (1024 * mebi, 1 * mebi),
            (1448 * mebi, 1 * mebi),
            (1449 * mebi, 2 * mebi),
            (64 * 1024 * mebi, 64 * mebi),
        ]:
            self.assertEqual(metainfo.piece_length(size), expected, size)

    @given(st.integers(1024, 2**40))
    def test_is_the_rule_in_whole_numbers(self, size: int) -> None:
        """The rule is published with logarithms; whole numbers give the same answer."""
        self.assertEqual(metainfo.piece_length(size), max(16_384, 2 ** floor(log2(size / 1024) + 0.5)))


class NameTests(SynchronousTestCase):
    """The name is what a client writes to a disk."""

    def test_forbidden_characters_become_dashes(self) -> None:
        """Windows and POSIX refuse these in file names."""
        self.assertEqual(
            metainfo.torrent_name('a/b\\c?d%e*f:g|h"i<j>k', 720, ".webm"), "a-b-c-d-e-f-g-h-i-j-k 720p.webm"
        )
        self.assertEqual(metainfo.torrent_name("a\0b\nc", 0, ".mp4"), "a-b-c 0p.mp4")
        self.assertEqual(metainfo.torrent_name("..", 360, ".mp4"), ".. 360p.mp4")


class BuildTests(SynchronousTestCase):
    """Other people's clients read what we write."""

    def test_literal(self) -> None:
        """Byte for byte, keys in order."""
        torrent, info_hash = _build(b"hello", name="hi 144p.mp4")
        info = (
            b"d6:lengthi5e4:name11:hi 144p.mp412:piece lengthi16384e6:pieces20:"
            + bytes.fromhex("aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d")
            + b"e"
        )
        self.assertEqual(
            torrent,
            b"d8:announce36:ws://pod.example:9001/tracker/socket"
            b"13:announce-listll36:ws://pod.example:9001/tracker/socketel40:http://pod.example:9001/tracker/announceee"
            b"8:encoding5:UTF-84:info" + info + b"8:url-listl86:" + _SEED.encode() + b"ee",
        )
        self.assertEqual(info_hash, hashlib.sha1(info).hexdigest())

    def test_libtorrent_agrees(self) -> None:
        """The commonest library computes the same info-hash and finds trackers and web seed."""
        content = bytes(range(256)) * 200
        torrent, info_hash = _build(content, name="Ünïcode — 動画 360p.mp4")
        read = libtorrent.torrent_info(libtorrent.bdecode(torrent))
        self.assertEqual(str(read.info_hashes().v1), info_hash)
        self.assertEqual((read.name(), read.total_size()), ("Ünïcode — 動画 360p.mp4", len(content)))
        self.assertEqual((read.piece_length(), read.num_pieces()), (16_384, 4))
        self.assertEqual([tracker.url for tracker in read.trackers()], [tier[0] for tier in _TIERS])
        self.assertEqual([seed["url"] for seed in read.web_seeds()], [_SEED])
        self.assertEqual(read.hash_for_piece(3), hashlib.sha1(content[3 * 16_384 :]).digest())

    def test_no_trackers_and_no_web_seeds(self) -> None:
        """A private file's torrent names no web seed; a pod without a tracker names none."""
        torrent, _ = metainfo.build(
            name="a", length=1, piece_length=16_384, pieces=bytes(20), announce_tiers=[], web_seeds=[]
        )
        self.assertEqual(set(bencodepy.decode(torrent)), {b"encoding", b"info", b"url-list"})

    def test_pieces_that_do_not_fit(self) -> None:
        """A torrent that nobody can complete is never written."""
        for length, pieces in [(0, b""), (-1, b""), (16_385, bytes(20)), (1, bytes(19)), (1, bytes(40))]:
            with self.assertRaises(Invalid) as caught:
                metainfo.build(
                    name="a", length=length, piece_length=16_384, pieces=pieces, announce_tiers=[], web_seeds=[]
                )
            self.assertEqual(caught.exception.code, "invalid_torrent")


class RenameTests(SynchronousTestCase):
    """A video that gets another name keeps its pieces."""

    def test_only_the_name_changes(self) -> None:
        """The result is what `build` makes under the new name."""
        self.assertEqual(metainfo.rename(_build(b"hello", "old")[0], "new"), _build(b"hello", "new"))

    def test_every_truncation_is_refused(self) -> None:
        """Half a file on the disk is an error with a name, not a crash."""
        torrent, _ = _build(b"hello" * 10_000)
        for end in range(len(torrent)):
            with self.assertRaises(Invalid):
                metainfo.rename(torrent[:end], "new")

    def test_what_is_no_torrent_is_refused(self) -> None:
        """Well-formed bencode alone is not enough."""
        for content in [b"de", b"le", b"i1e", b"d4:infolee", b"d4:infod4:name1:aee", b"d" * 5000, b"\xff", b"-1:"]:
            with self.assertRaises(Invalid):
                metainfo.rename(content, "new")

    @given(st.binary(max_size=200))
    def test_arbitrary_bytes(self, content: bytes) -> None:
        """Nothing else escapes than our own error."""
        with contextlib.suppress(Invalid):
            metainfo.rename(content, "new")

    @settings(max_examples=50)
    @given(st.binary(min_size=1, max_size=60_000), st.text(min_size=1, max_size=50), st.text(min_size=1, max_size=50))
    def test_round_trip(self, content: bytes, name: str, other: str) -> None:
        """There and back is the same file."""
        built = _build(content, name)
        self.assertEqual(metainfo.rename(metainfo.rename(built[0], other)[0], name), built)
