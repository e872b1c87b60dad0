"""Fills the database of a pod with copies of one video, quickly and behind its back: for benchmarks alone."""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import measured  # noqa: F401  makes our packages known
import psycopg2
from psycopg2.extras import execute_values

from peertube.policy.search_words import standing, variants, weights_of

_WORDS = ("amber", "bridge", "canyon", "delta", "ember", "forest", "garden", "harbour", "island", "jungle", "kettle")
_BATCH = 2_000


def on_sqlite(path: Path, count: int) -> None:
    """Into the file of a pod."""
    connection = sqlite3.connect(path, timeout=30)
    try:
        cursor = connection.cursor()

        def many(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
            marks = ", ".join("?" * len(columns))
            cursor.executemany(f"insert into {table} ({', '.join(columns)}) values ({marks})", rows)  # noqa: S608 names from the schema
            connection.commit()

        _fill(cursor, many, count)
        cursor.execute("analyze")
    finally:
        connection.close()


def on_postgresql(host: str, port: int, name: str, count: int) -> None:
    """Into a database of a server without passwords."""
    connection = psycopg2.connect(host=host, port=port, dbname=name, user="postgres")
    connection.autocommit = True
    try:
        cursor = connection.cursor()

        def many(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
            execute_values(cursor, f"insert into {table} ({', '.join(columns)}) values %s", rows, page_size=_BATCH)  # noqa: S608 names from the schema

        _fill(cursor, many, count)
        cursor.execute("vacuum analyze")
    finally:
        connection.close()


def _fill(cursor: Any, many: Callable[[str, Sequence[str], Sequence[Sequence[Any]]], None], count: int) -> None:
    """Copies of the first video: their own names, dates, views, tags and files. One in six names has each word."""
    rng = Random(7)
    columns, first = _one(cursor, "select * from videos order by id limit 1")
    file_columns, file = _one(cursor, "select * from video_files order by id limit 1")
    begin = int(first["id"]) + 1
    cursor.execute("select word from search_words")
    known = {row[0] for row in cursor.fetchall()}
    for start in range(begin, begin + count, _BATCH):
        ids = range(start, min(start + _BATCH, begin + count))
        videos, files, tags, words = [], [], [], []
        for number in ids:
            uuid = str(UUID(int=rng.getrandbits(128), version=4))
            name = f"{rng.choice(_WORDS)} {rng.choice(_WORDS)} number {number}"
            date = int(first["published_ms"]) - number * 1000
            views = rng.randrange(10**6)
            text = " ".join(f"{rng.choice(_WORDS)[:4]}{int(rng.paretovariate(0.7)) % 20_000}" for _ in range(6))
            videos.append(
                list(
                    (
                        first
                        | {"id": number, "uuid": uuid, "name": name, "search_text": name, "description": text}
                        | {"views": views, "indexed": 1, "published_ms": date, "created_ms": date, "updated_ms": date}
                        | {"thumbnail_name": f"{uuid}.jpg", "preview_name": f"{uuid}-p.jpg"}
                    ).values()
                )
            )
            names = {"file_name": f"{uuid}-360.mp4", "torrent_name": f"{uuid}-360.torrent"}
            files.append(
                list((file | {"id": number, "video_id": number, "info_hash": f"{number:040x}"} | names).values())
            )
            tags.append([number, 0, "a tag", "a tag"])
            weights = weights_of(name=name, tags=["a tag"], channel=["Main root channel"], description=text)
            words += [[number, word, weight, standing(views, date)] for word, weight in weights.items()]
        many("videos", columns, videos)
        many("video_files", file_columns, files)
        many("video_words", ("video_id", "word", "weight", "standing"), words)
        new = sorted({row[1] for row in words} - known)
        known.update(new)
        many("search_words", ("word",), [[word] for word in new])
        many("search_variants", ("variant", "word"), [[variant, word] for word in new for variant in variants(word)])
        many("video_tags", ("video_id", "position", "tag", "folded"), tags)


def _one(cursor: Any, query: str) -> tuple[list[str], dict[str, Any]]:
    cursor.execute(query)
    columns = [column[0] for column in cursor.description]
    return columns, dict(zip(columns, cursor.fetchone(), strict=True))
