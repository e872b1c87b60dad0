"""Which torrents the seeder takes up and puts down: those that somebody wants, no more than may be at once."""

from collections.abc import Iterable, Mapping

from attrs import frozen


@frozen
class Choice:
    """What to do now: torrents to put down, then torrents to take up."""

    unload: tuple[str, ...]
    load: tuple[str, ...]


def choose(
    *, loaded: Mapping[str, float], wanted: Mapping[str, int], unfit: Iterable[str], maximum: int, idle: float
) -> Choice:
    """Those in demand stay, and the most wanted of the others take what room there is.

    When there is not enough of it, those go that nobody wants now, the least recently asked first; what is in demand
    is never put down for something else, so that nothing comes and goes by turns.

    :param loaded: seconds since somebody last asked, of each torrent that is taken up.
    :param wanted: how many want each torrent that is in demand now.
    :param unfit: torrents that cannot be seeded.
    :param idle: seconds after which a torrent that nobody asked for is put down in any case.
    """
    bad = set(unfit)
    unload = {info_hash for info_hash, since in loaded.items() if since > idle}
    fresh = [info_hash for info_hash in wanted if info_hash not in loaded and info_hash not in bad]
    fresh.sort(key=lambda info_hash: (-wanted[info_hash], info_hash))
    fresh = fresh[:maximum]
    excess = len(loaded) - len(unload) + len(fresh) - maximum
    if excess > 0:
        unwanted = [info_hash for info_hash in loaded if info_hash not in wanted and info_hash not in unload]
        unwanted.sort(key=lambda info_hash: (-loaded[info_hash], info_hash))
        unload.update(unwanted[:excess])
    room = max(0, maximum - (len(loaded) - len(unload)))
    return Choice(tuple(sorted(unload)), tuple(fresh[:room]))
