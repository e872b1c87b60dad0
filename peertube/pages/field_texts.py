"""What use cases say about a wrong field, in the language of the visitor and for the one who filled the form.

A use case speaks the English of the REST API. Each of its sentences is known here by a pattern; the numbers and names
in it go into the translated one. A sentence that nobody knows is shown as it is.
"""

import re

from peertube.pages.languages import Texts
from peertube.pages.marking import N_

_KNOWN = tuple(
    (re.compile(pattern), text)
    for pattern, text in (
        (
            r"Should have a video name between (?P<low>\d+) and (?P<high>\d+) characters long",
            N_("Give it a title of %(low)s to %(high)s characters."),
        ),
        (
            r"Should have a (?:description|support text|summary of what is sensitive) between (?P<low>\d+) and "
            r"(?P<high>\d+) characters long",
            N_("Write %(low)s to %(high)s characters, or nothing."),
        ),
        (
            r"Should have at most (?P<most>\d+) different tags, each between (?P<low>\d+) and (?P<high>\d+) "
            r"characters long",
            N_("Use at most %(most)s different tags, each of %(low)s to %(high)s characters."),
        ),
        (r"(?:Value error, )?Is not the number of a category", N_("Choose one from the list.")),
        (r"Should have a valid (?:category|licence|language)", N_("Choose one from the list.")),
        (r"Input should be (?:[-\d]+(?:, | or ))+[-\d]+", N_("Choose one from the list.")),
        (r"Unknown video channel", N_("Choose one of your channels.")),
        (r"Should have at least one password", N_("Write at least one password.")),
        (r"Should have at most (?P<most>\d+) passwords", N_("Use at most %(most)s passwords.")),
        (
            r"Should have passwords between (?P<low>\d+) and (?P<high>\d+) characters long",
            N_("Use passwords of %(low)s to %(high)s characters."),
        ),
        (r"Should not have the same password twice", N_("Use each password once.")),
        (r"Should have a valid date of the update|Input should be a valid datetime.*", N_("Give a date and a time.")),
        (r"Should be at least (?P<low>\d+) characters long", N_("Use at least %(low)s characters.")),
        (r"Should be at most (?P<high>\d+) characters long", N_("Use at most %(high)s characters.")),
        (r"Should be (?P<low>\d+) to (?P<high>\d+) characters long", N_("Use %(low)s to %(high)s characters.")),
        (r"String should have at least (?P<low>\d+) characters?", N_("Use at least %(low)s characters.")),
        (r"String should have at most (?P<high>\d+) characters?", N_("Use at most %(high)s characters.")),
        (r"must have (?P<low>\d+) to (?P<high>\d+) characters", N_("Use %(low)s to %(high)s characters.")),
        (
            r"Should be 1 to (?P<high>\d+) lower case letters, digits, .*",
            N_("Use up to %(high)s small letters, digits, _ . and -, with a letter, digit or _ first and last."),
        ),
        (r"(?:Value error, )?Should be an e-mail address", N_("This does not look like an e-mail address.")),
        (r"Should be a number of bytes, or -1 for no limit", N_("Write a whole number, or nothing.")),
        (r"Input should be a valid (?:integer|number).*", N_("Write a whole number, or nothing.")),
        (r"Input should be greater than or equal to (?P<low>[-\d]+)", N_("Write a number not below %(low)s.")),
        (r"Input should be less than or equal to (?P<high>[-\d]+)", N_("Write a number not above %(high)s.")),
        (r"Value is out of range|Unable to parse input .*", N_("This number is too large.")),
        (
            r"Text has characters that are not allowed|Is not valid UTF-8",
            N_("This has characters that cannot be kept."),
        ),
        (r"Given more than once", N_("This was sent twice.")),
        (
            r"User with this (?:username or )?email already exists\.",
            N_("There is a user with this name or e-mail address already."),
        ),
        (r"must have 1 to (?P<most>\d+) entries", N_("Name between 1 and %(most)s servers.")),
        (r"Not a host name: '(?P<host>.*)'", N_("“%(host)s” is not the name of a server.")),
        (r"(?P<host>\S+) is this pod itself", N_("%(host)s is this server itself.")),
        (r"(?P<host>\S+) is named twice", N_("%(host)s is named twice.")),
        (r"(?P<host>\S+) has no top-level domain", N_("%(host)s is a name without a domain.")),
        (
            r"(?:You can only (?:create|manage) users|A moderator can only manage users).*",
            N_("Only administrators may do this with administrators and moderators."),
        ),
    )
)
_LABELS = {
    "videoPasswords": N_("Passwords"),
    "scheduleAt": N_("Changes by itself at (UTC)"),
    "scheduleUpdate": N_("Changes by itself at (UTC)"),
    "nsfwSummary": N_("In a few words"),
    "name": N_("Title"),
    "description": N_("Description"),
    "support": N_("How to support you"),
    "tags": N_("Tags"),
    "category": N_("Category"),
    "licence": N_("Licence"),
    "language": N_("Language"),
    "privacy": N_("Who may watch"),
    "channelId": N_("Channel"),
    "videofile": N_("Video file"),
    "username": N_("Name"),
    "email": N_("E-mail"),
    "password": N_("Password"),
    "role": N_("Role"),
    "videoQuota": N_("Quota in megabytes"),
    "videoQuotaDaily": N_("Quota for a day in megabytes"),
    "current": N_("Password now"),
    "new": N_("New password"),
    "again": N_("New password once more"),
    "agreed": N_("Rules"),
    "displayName": N_("Name that others see"),
    "registrationReason": N_("Why you want an account"),
    "fromName": N_("Your name"),
    "fromEmail": N_("Your e-mail address"),
    "subject": N_("Subject"),
    "body": N_("Message"),
}


def translated(texts: Texts, sentence: str) -> str:
    """What a use case said, in the visitor's language; as it is when nobody knows it."""
    for pattern, text in _KNOWN:
        match = pattern.fullmatch(sentence)
        if match:
            return texts.gettext(text, **match.groupdict())
    return sentence


def label(texts: Texts, field: str) -> str | None:
    """What a form calls a field, for the summary of errors; None for an unknown one."""
    return texts.gettext(_LABELS[field]) if field in _LABELS else None
