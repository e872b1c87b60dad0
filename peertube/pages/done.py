"""What a page tells after a redirect: that the thing asked for was done. Only these sentences, by their code."""

from peertube.pages.languages import Texts
from peertube.pages.words import N_

_TEXTS = {
    "signed-in": N_("You are signed in."),
    "signed-out": N_("You are signed out."),
    "uploaded": N_("Your video is here. It is being prepared and shows up in a moment."),
    "video-saved": N_("The video is saved."),
    "captions-saved": N_("The captions are there."),
    "captions-removed": N_("The captions are removed."),
    "chapters-saved": N_("The chapters are saved."),
    "history-paused": N_("The history is paused."),
    "history-resumed": N_("What you watch is noted again."),
    "history-forgotten": N_("The video is out of your history."),
    "history-cleared": N_("Your history is empty."),
    "video-removed": N_("The video is removed."),
    "friends-asked": N_("The servers are being asked. Those that agree show up here."),
    "friend-removed": N_("The friendship has ended."),
    "friends-quit": N_("You left the network. Friends were told."),
    "user-created": N_("The user is created."),
    "user-saved": N_("The user is saved."),
    "user-blocked": N_("The user is blocked and signed out everywhere."),
    "user-unblocked": N_("The user may sign in again."),
    "user-removed": N_("The user and their videos are removed."),
    "settings-saved": N_("Your settings are saved."),
    "password-changed": N_("Your password is changed. Other sign-ins have ended."),
    "password-reset": N_("Your password is changed. You can sign in with it now."),
    "email-confirmed": N_("The e-mail address is confirmed."),
    "email-changed": N_("Your e-mail address is changed."),
    "email-asked": N_("We sent a link to the new address. Follow it within an hour."),
    "profile-saved": N_("Your profile is saved."),
    "playback-saved": N_("Your choices are saved."),
    "session-ended": N_("The sign-in has ended."),
    "sessions-ended": N_("All other sign-ins have ended."),
    "two-factor-on": N_("From now on you need a code to sign in."),
    "two-factor-off": N_("The password is enough to sign in again."),
    "account-removed": N_("Your account is gone."),
    "registrations-decided": N_("The decision is noted, and told by e-mail where that was wanted."),
    "users-changed": N_("The chosen users are changed."),
    "message-sent": N_("Your message is on its way."),
    "rated": N_("Thank you for rating."),
    "reported": N_("Thank you. The moderators have your report."),
    "abuse-decided": N_("The decision is noted."),
    "abuse-noted": N_("The note is kept."),
    "abuse-said": N_("The message is sent."),
    "abuse-removed": N_("The report is gone."),
    "network-seen": N_("What happened is marked as seen."),
    "friend-approved": N_("The server is told. It shows up as a friend in a moment."),
    "friend-declined": N_("The proposal is gone."),
    "friend-restored": N_("The server is a friend again. Both tell each other everything anew."),
    "friend-unmuted": N_("What the server sends is taken again."),
    "job-retried": N_("The job waits for its turn again."),
    "jobs-paused": N_("Jobs are paused."),
    "jobs-resumed": N_("Jobs are begun again."),
    "friend-retried": N_("The server is tried again now."),
    "configuration-saved": N_("The configuration is saved and holds."),
    "configuration-reset": N_("What the configuration file says holds again."),
    "job-cancelled": N_("The job is cancelled."),
}


def text(texts: Texts, code: str | None) -> str | None:
    """The sentence of a code in the visitor's language; None for an unknown one."""
    found = _TEXTS.get(code or "")
    return None if found is None else texts.gettext(found)
