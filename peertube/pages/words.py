"""The words for the fixed lists: categories, licences, privacies, states, languages, roles, sorts."""

from collections.abc import Mapping

from attrs import frozen
from babel import Locale

from peertube.model.pods import PodState
from peertube.model.taxonomy import CATEGORIES, LANGUAGES, LICENCES
from peertube.model.users import Role
from peertube.model.videos import Privacy, SensitiveFlags, VideoState
from peertube.model.work import WorkState
from peertube.pages.field_texts import label, translated
from peertube.pages.languages import Texts
from peertube.pages.marking import N_ as N_

_CATEGORIES = (
    N_("Music"), N_("Films"), N_("Vehicles"), N_("Art"), N_("Sports"), N_("Travels"), N_("Gaming"), N_("People"),
    N_("Comedy"), N_("Entertainment"), N_("News & Politics"), N_("How To"), N_("Education"), N_("Activism"),
    N_("Science & Technology"), N_("Animals"), N_("Kids"), N_("Food"),
)  # fmt: skip
_LICENCES = (
    N_("Attribution"), N_("Attribution - Share Alike"), N_("Attribution - No Derivatives"),
    N_("Attribution - Non Commercial"), N_("Attribution - Non Commercial - Share Alike"),
    N_("Attribution - Non Commercial - No Derivatives"), N_("Public Domain Dedication"),
)  # fmt: skip
_PRIVACIES = {
    Privacy.PUBLIC: N_("Public"),
    Privacy.UNLISTED: N_("Unlisted"),
    Privacy.PRIVATE: N_("Private"),
    Privacy.INTERNAL: N_("Internal"),
    Privacy.PASSWORD_PROTECTED: N_("Password protected"),
}
_PRIVACY_HINTS = {
    Privacy.PUBLIC: N_("Everyone, here and on friend servers"),
    Privacy.UNLISTED: N_("Everyone who has the link"),
    Privacy.PRIVATE: N_("Only you"),
    Privacy.INTERNAL: N_("People with an account on this server"),
    Privacy.PASSWORD_PROTECTED: N_("People who know the password"),
}
_STATES = {
    VideoState.PUBLISHED: (N_("Ready"), "ok", "circle-check"),
    VideoState.TO_TRANSCODE: (N_("Being prepared"), "warn", "loader"),
    VideoState.TRANSCODING_FAILED: (N_("Preparing failed"), "danger", "circle-alert"),
}
_POD_STATES = {
    PodState.FRIEND: (N_("Friend"), "ok", "circle-check"),
    PodState.DORMANT: (N_("Not answering"), "warn", "circle-pause"),
    PodState.EJECTED: (N_("Ejected"), "danger", "unplug"),
}
_WORK_STATES = {
    WorkState.ACTIVE: (N_("Running"), "warn", "loader"),
    WorkState.WAITING: (N_("Waiting"), "plain", "clock"),
    WorkState.DELAYED: (N_("Later"), "plain", "clock"),
    WorkState.PAUSED: (N_("Paused"), "warn", "circle-pause"),
    WorkState.FAILED: (N_("Failed"), "danger", "circle-alert"),
    WorkState.COMPLETED: (N_("Done"), "ok", "circle-check"),
    WorkState.CANCELLED: (N_("Cancelled"), "plain", "ban"),
}
_ROLES = {
    Role.ADMINISTRATOR: N_("Administrator"),
    Role.MODERATOR: N_("Moderator"),
    Role.USER: N_("User"),
}
SORTS = {
    "-publishedAt": N_("Newest first"),
    "publishedAt": N_("Oldest first"),
    "-trending": N_("Trending"),
    "-views": N_("Most viewed"),
    "-likes": N_("Most liked"),
    "-duration": N_("Longest first"),
    "duration": N_("Shortest first"),
    "name": N_("By title"),
}
SEARCH_SORTS = {"-match": N_("Best match"), **SORTS}
JOB_KINDS = {
    "publish-video": N_("Prepare a video"),
    "rewrite-torrent": N_("Make a torrent again"),
    "discard-files": N_("Remove files"),
    "index-search": N_("Prepare searches"),
    "email": N_("Send a mail"),
    "make-friends": N_("Make friends"),
    "add-friend": N_("Ask a server again"),
    "end-friendship": N_("Say farewell to a server"),
    "restore-friend": N_("Offer friendship again"),
    "pod-delivery": N_("Tell a friend"),
}
ERRORS = {
    "invalid_grant": N_("The name or the password is not right."),
    "current_password_is_invalid": N_("The password you have now is another one."),
    "invalid_token": N_("Your sign-in has ended. Please sign in again."),
    "unauthorized_request": N_("Please sign in first."),
    "signed_out": N_("You are signed out. Sign in in another tab, then choose the file again and send this form."),
    "upload_not_allowed": N_("Your account may not upload videos here."),
    "quota_reached": N_("There is not enough room left in your quota. Remove a video, or ask for more room."),
    "max_file_size_reached": N_("This file is larger than this server takes."),
    "forbidden": N_("You may not do this."),
    "not_found": N_("It is not here, or not any more."),
    "too_large": N_("That is larger than this server takes."),
    "invalid_parameters": N_("Something in the form is not right yet."),
    "access_denied": N_("This user is blocked here."),
    "root_is_protected": N_("This cannot be done with root."),
    "has_friends": N_("This server has friends already. Leave the network first, then make friends anew."),
    "making_friends": N_("Friends are being made already. Look again in a moment."),
    "https_required": N_("Friends must use https, and this server does not."),
    "wrong_job_state": N_("The job is in another state by now."),
    "too_many_uploads": N_("Too many of your uploads are unfinished. Finish or remove one first."),
    "not_a_video": N_("This file is not a video that this server can read."),
    "unsupported_media_type": N_("This kind of file is not taken here."),
    "insufficient_storage": N_("There is no room left on this server. Please tell its administrator."),
    "too_many_requests": N_("That was too often. Please try again later."),
    "email_not_verified": N_("Your e-mail address is not confirmed yet. Follow the link in our mail."),
    "account_waiting_for_approval": N_("Your request for an account waits for the people who run this server."),
    "account_approval_rejected": N_("The people who run this server did not agree to your request for an account."),
    "invalid_two_factor": N_("This code is not good. Wait for the next one."),
    "wrong_code": N_("This code is not good. Wait for the next one."),
    "two_factor_already_enabled": N_("Codes are needed already."),
    "two_factor_already_disabled": N_("Codes are not needed already."),
    "signup_closed": N_("This server takes no new accounts."),
    "signup_full": N_("This server takes no new accounts."),
    "signup_requires_approval": N_("The people who run this server look at each request."),
    "signup_not_from_here": N_("This server takes no new accounts from your network."),
    "registration_decided": N_("Somebody decided this request already."),
    "contact_form_disabled": N_("There is no contact form here at the moment."),
    "unavailable": N_("The server is busy. Please try again in a moment."),
    "unreachable": N_("The other server did not answer."),
    "stale_form": N_("This form was open for too long. Please send it once more."),
    "foreign_origin": N_("This form came from another site and was not taken."),
}


@frozen
class State:
    """A state in words, with the name of its tone and icon."""

    text: str
    tone: str
    icon: str


@frozen
class Words:
    """The lists in one language."""

    texts: Texts

    def category(self, number: int | None) -> str | None:
        """The label of a category."""
        known = number in CATEGORIES and number is not None and number <= len(_CATEGORIES)
        return self.texts.gettext(_CATEGORIES[number - 1]) if known and number is not None else None

    def categories(self) -> dict[str, str]:
        """All categories, sorted by label."""
        return _sorted({str(number): self.category(number) or str(number) for number in CATEGORIES})

    def licence(self, number: int | None) -> str | None:
        """The label of a licence."""
        return self.texts.gettext(_LICENCES[number - 1]) if number in LICENCES and number is not None else None

    def licences(self) -> dict[str, str]:
        """All licences."""
        return {str(number): self.licence(number) or str(number) for number in LICENCES}

    def language(self, code: str | None) -> str | None:
        """The name of a language a video can be in."""
        if code is None or code not in LANGUAGES:
            return None
        return self.texts.locale.languages.get(code) or LANGUAGES[code]

    def video_languages(self) -> dict[str, str]:
        """All languages a video can be in, sorted by name."""
        return _sorted({code: self.language(code) or code for code in LANGUAGES})

    def privacy(self, privacy: Privacy) -> str:
        """Who may watch, in a word."""
        return self.texts.gettext(_PRIVACIES[privacy])

    def privacies(self) -> dict[str, str]:
        """The privacies that a form offers, each with whom it means."""
        offered = (Privacy.PUBLIC, Privacy.UNLISTED, Privacy.INTERNAL, Privacy.PRIVATE, Privacy.PASSWORD_PROTECTED)
        return {str(int(one)): f"{self.privacy(one)} - {self.texts.gettext(_PRIVACY_HINTS[one])}" for one in offered}

    def scheduled_privacies(self) -> dict[str, str]:
        """What a video can become by itself."""
        offered = (Privacy.PUBLIC, Privacy.UNLISTED, Privacy.INTERNAL)
        return {str(int(one)): self.privacy(one) for one in offered}

    def sensitive_flags(self, flags: SensitiveFlags) -> list[str]:
        """What is sensitive in a video."""
        text = self.texts.gettext
        words = {
            SensitiveFlags.VIOLENT: text("Violence"),
            SensitiveFlags.EXPLICIT_SEX: text("Explicit sex"),
            SensitiveFlags.SHOCKING_DISTURBING: text("Shocking or disturbing scenes"),
        }
        return [word for flag, word in words.items() if flag in flags]

    def video_state(self, state: VideoState) -> State:
        """Where a video stands."""
        return self._state(_STATES[state])

    def pod_state(self, state: PodState) -> State:
        """Where a friendship stands."""
        return self._state(_POD_STATES[state])

    def work_state(self, state: WorkState) -> State:
        """Where a piece of work stands."""
        return self._state(_WORK_STATES.get(state, _WORK_STATES[WorkState.WAITING]))

    def job_kind(self, kind: str) -> str:
        """What a job does."""
        return self.texts.gettext(JOB_KINDS[kind]) if kind in JOB_KINDS else kind

    def role(self, role: Role) -> str:
        """What a user is."""
        return self.texts.gettext(_ROLES[role])

    def roles(self) -> dict[str, str]:
        """All roles, the least first."""
        return {str(int(one)): self.role(one) for one in sorted(_ROLES, reverse=True)}

    def sorts(self) -> dict[str, str]:
        """Orders of a list."""
        return {key: self.texts.gettext(label) for key, label in SORTS.items()}

    def search_sorts(self) -> dict[str, str]:
        """Orders of search results."""
        return {key: self.texts.gettext(label) for key, label in SEARCH_SORTS.items()}

    def error(self, code: str, detail: str) -> str:
        """An error in the visitor's language, or its own detail when there is no text for its code."""
        return self.texts.gettext(ERRORS[code]) if code in ERRORS else translated(self.texts, detail)

    def faults(self, fields: Mapping[str, str]) -> dict[str, str]:
        """What is wrong with the fields of a form."""
        return {name: translated(self.texts, str(fault)) for name, fault in fields.items()}

    def field(self, name: str) -> str | None:
        """What a form calls a field."""
        return label(self.texts, name)

    def own_language(self, locale: Locale) -> str:
        """What a language calls itself."""
        return (locale.get_display_name(locale) or str(locale)).capitalize()

    def _state(self, known: tuple[str, str, str]) -> State:
        text, tone, icon = known
        return State(self.texts.gettext(text), tone, icon)


def _sorted(labels: dict[str, str]) -> dict[str, str]:
    return dict(sorted(labels.items(), key=lambda pair: pair[1].casefold()))
