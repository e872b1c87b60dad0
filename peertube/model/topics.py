"""The topics of the pod's inner news (`usecases.ports.Publisher`), and what their messages hold."""

TORRENTS = "torrents"
"""Info-hashes that may be tracked changed: ``{"added": [hex…], "removed": [hex…]}``."""

SESSIONS = "sessions"
"""Sessions ended: ``{"ended": [session id…]}``."""

USERS = "users"
"""Users changed (role, block, quota, password): ``{"changed": [user id…]}``."""

JOBS = "jobs"
"""There is work, or less of it: ``{}``; ``{"cancelled": [job id…]}`` for jobs whose workers are to stop."""

LISTS = "lists"
"""Lists of videos became longer or shorter: ``{}``."""

CONFIGURATION = "configuration"
"""The settings that may change at run time changed: ``{"version": how many changes there were}``."""

DELIVERIES = "deliveries"
"""There is something to tell: ``{"pods": [pod id…]}``; an empty list means any pod."""

INSTANCE_PICTURES = "instance-pictures"
"""The avatar or the banner of the pod changed: ``{}``."""

HOME_PAGE = "home-page"
"""The text of the admin's own on the first page changed: ``{}``."""
