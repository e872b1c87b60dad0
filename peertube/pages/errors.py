"""Pages for what went wrong: what happened, and what to do now."""

from peertube.errors import PodError
from peertube.pages.visits import Shown, Visit
from peertube.pages.words import N_, Words

_TITLES = {
    400: N_("Something in this request was not right"),
    401: N_("Please sign in"),
    403: N_("You may not see this"),
    404: N_("There is nothing here"),
    405: N_("This address does not do that"),
    409: N_("This cannot be done now"),
    410: N_("This was removed"),
    413: N_("This is too large"),
    415: N_("This kind of file is not taken here"),
    422: N_("This cannot be used"),
    429: N_("That was too often"),
    500: N_("Something broke on our side"),
    502: N_("Another server did not answer"),
    503: N_("Just a moment, please"),
    507: N_("There is no room left"),
}
_ADVICE = {
    401: N_("After signing in you come back here."),
    403: N_("If you think you should, ask the people who run this server."),
    404: N_("The address may be mistyped, or the video was removed or made private."),
    429: N_("Wait a little, then try again."),
    500: N_("It is written down for the people who run this server. Trying again may help."),
    503: N_("The server is busy or restarting. Try again in a moment."),
}


def error_page(visit: Visit, error: PodError, status: int) -> Shown:
    """The page for an error."""
    title = _TITLES.get(status, _TITLES[500 if status >= 500 else 400])
    advice = _ADVICE.get(status)
    return Shown(
        "error.html",
        {
            "status": status,
            "title": visit.gettext(title),
            "detail": Words(visit.texts).error(error.code, error.detail),
            "advice": visit.gettext(advice) if advice is not None else "",
            "next": visit.path,
        },
        status=status,
    )
