"""Command lines of ffprobe and ffmpeg. All read one local file of a known container format, and nothing else."""

# Of ffmpeg-python only what builds command lines: it would run them in the reactor's thread.
import ffmpeg

from peertube.model.storyboards import Grid

CONTAINER_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2",
    "matroska,webm",
    "avi",
    "flv",
    "mpegts",
    "mpeg",
    "mpegvideo",
    "ogg",
    "asf",
    "nut",
)
"""The demuxers that are let near a file from a stranger. Playlists (hls, dash, concat), image sequences, text and
everything else that names other files or has no end stay out."""

FORMAT_WHITELIST = ",".join(CONTAINER_FORMATS)
PROTOCOL_WHITELIST = "file,pipe"

FRAME_SIDE = 1280
"""A frame for pictures has sides of at most this many pixels."""

_PROBED = (
    "format=format_name,duration,nb_streams"
    ":stream=index,codec_type,codec_name,width,height,avg_frame_rate,r_frame_rate,duration"
    ":stream_disposition=attached_pic:stream_side_data=rotation"
    ":chapter=start_time:chapter_tags=title"
)


def probe(path: str) -> list[str]:
    """ffprobe: container, streams and duration of `path` as JSON on standard output. `path` is absolute."""
    return [
        "ffprobe",
        *("-v", "error", "-hide_banner"),
        *("-protocol_whitelist", PROTOCOL_WHITELIST, "-format_whitelist", FORMAT_WHITELIST),
        *("-show_entries", _PROBED, "-of", "json"),
        *("-i", f"file:{path}"),
    ]


def frame(path: str, at_seconds: float) -> list[str]:
    """ffmpeg: the frame of `path` at a time as one PPM picture on standard output, in the shape people see it."""
    video = ffmpeg.input(
        f"file:{path}",
        ss=f"{max(at_seconds, 0.0):.3f}",
        protocol_whitelist=PROTOCOL_WHITELIST,
        format_whitelist=FORMAT_WHITELIST,
        threads=2,
    )["V:0"]
    fitted = video.filter("scale", "max(iw*sar,2)", "ih").filter(
        "scale", f"min({FRAME_SIDE},iw)", f"min({FRAME_SIDE},ih)", force_original_aspect_ratio="decrease"
    )
    program, *rest = fitted.output("pipe:1", format="image2pipe", vcodec="ppm", vframes=1).compile()
    return [program, "-nostdin", "-hide_banner", "-v", "error", *map(str, rest)]


def storyboard(path: str, grid: Grid, *, only_keyframes: bool) -> list[str]:
    """ffmpeg: frames of `path` at equal distances, side by side in one JPEG picture on standard output.

    :param only_keyframes: decode nothing else, for long videos.
    """
    reading = {"skip_frame": "nokey"} if only_keyframes else {}
    video = ffmpeg.input(
        f"file:{path}",
        protocol_whitelist=PROTOCOL_WHITELIST,
        format_whitelist=FORMAT_WHITELIST,
        threads=2,
        **reading,
    )["V:0"]
    tiles = (
        video.filter("fps", f"1/{grid.sprite_seconds}")
        .filter("scale", grid.sprite_width, grid.sprite_height)
        .filter("tile", f"{grid.columns}x{grid.rows}")
    )
    program, *rest = tiles.output(
        "pipe:1", format="image2pipe", vcodec="mjpeg", pix_fmt="yuvj420p", vframes=1, **{"q:v": 6}
    ).compile()
    return [program, "-nostdin", "-hide_banner", "-v", "error", *map(str, rest)]
