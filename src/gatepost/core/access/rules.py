"""One service's rules: its settings as restrictions use them, and its restriction lists compiled.

Made once for each generation and smtpd service; immutable afterwards but for bounded memories. Everything wrong is
collected in ``problems``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from gatepost.core.access.items import Items, ListParser
from gatepost.core.access.subject import LISTS, Subject
from gatepost.core.config.settings import Settings, Word
from gatepost.core.errors import Place, Problem
from gatepost.core.facts import Facts, Stage
from gatepost.core.matchlist import NetworkList, Reach, is_table, reach_of
from gatepost.core.policy_service import PolicyService, parse_service
from gatepost.core.routing import Domains

BRANCH_DEPTH = 50  # restriction classes and table entries may name each other; deeper than this is a fault

DEFERRING_STAGES = frozenset({Stage.RCPT, Stage.DATA, Stage.END_OF_MESSAGE, Stage.ETRN})
"""The stages at which a remembered DeferIfPermit is given; VRFY forgets it."""

TABLE_PARAMETERS = (
    "mydestination",
    "mynetworks",
    "relay_domains",
    "virtual_alias_domains",
    "virtual_mailbox_domains",
    "local_recipient_maps",
    "relay_recipient_maps",
    "alias_maps",
    "virtual_alias_maps",
    "virtual_mailbox_maps",
    "canonical_maps",
    "recipient_canonical_maps",
    "virtual_uid_maps",
    "virtual_gid_maps",
)
"""The parameters, beside the restriction lists, whose tables are searched."""

CLASSES = "smtpd_restriction_classes"


class Rules:
    """What a restriction may know beside the facts.

    ``domains`` tells which class an address is in, ``mynetworks`` who is a neighbour; ``lists`` holds each restriction
    list by its parameter name. ``transports`` are those that can be delivered by; None where somebody else delivers.
    """

    def __init__(self, settings: Settings, transports: frozenset[str] | None = None) -> None:
        self.settings = settings
        self.transports = transports
        self.domains = Domains(settings)
        self.mynetworks = NetworkList(settings.items("mynetworks"), "mynetworks")
        self.class_names = frozenset(settings.words(CLASSES))
        self.allow_untrusted_routing = settings.flag("allow_untrusted_routing")
        self.reject_unlisted_recipient = settings.flag("smtpd_reject_unlisted_recipient")
        self.recipient_delimiter = settings.text("recipient_delimiter")
        self.owner_request = settings.flag("owner_request_special")
        self.null_sender_key = settings.text("smtpd_null_access_lookup_key")
        self.dotted = reach_of(settings, "smtpd_access_maps") is Reach.DOTTED
        self._stages = _stages(settings)
        self.policy_service = lru_cache(maxsize=100)(self._policy_service)
        self._parser = ListParser(self, self.class_names)
        self.problems: list[Problem] = list(self.mynetworks.problems)
        self.lists: dict[str, Items] = {}
        for name, subject in LISTS.items():
            self.lists[name] = self._compile(settings.items(name), name, subject)
        self._busy = frozenset(
            stage
            for stage, names in self._stages.items()
            if stage in (Stage.RCPT, Stage.VRFY, Stage.ETRN) or any(self.lists[name] for name in names)
        )
        self._classes = {
            (name, subject): self._compile(settings.items(name), name, subject, quiet=subject is not Subject.RECIPIENT)
            for name in self.class_names
            for subject in Subject
        }
        self.branch = lru_cache(maxsize=10_000)(self._branch)

    def decides_at(self, stage: Stage) -> bool:
        """Whether anything is evaluated at ``stage``."""
        return stage in self._busy

    def lists_at(self, stage: Stage, facts: Facts) -> tuple[str, ...]:
        """The lists that run at ``stage``, in order (postconf(5): smtpd_delay_reject).

        The HELO list needs a HELO, and the sender list a MAIL command.
        """
        names = self._stages[stage]
        if (facts.helo and facts.sender is not None) or len(names) == 1:
            return names
        skipped = {"smtpd_helo_restrictions"} if not facts.helo else set()
        if facts.sender is None:
            skipped.add("smtpd_sender_restrictions")
        return tuple(name for name in names if name not in skipped)

    def _compile(self, words: tuple[Word, ...], name: str, subject: Subject, *, quiet: bool = False) -> Items:
        items, problems = self._parser.parse(words, name, subject)
        if not quiet:
            self.problems.extend(problems)
        return items

    def _branch(self, text: str, place: Place | None, subject: Subject) -> tuple[Items, tuple[Problem, ...]]:
        """The items that a class name or a table's right-hand side stands for."""
        known = self._classes.get((text, subject))
        if known is not None:
            return known, ()
        words = [Word(word, place) for word in text.replace(",", " ").split()]
        if any(":" in word.text for word in words):
            return (), (Problem(f"do not specify lookup tables inside an access table: {text}", place),)
        return self._parser.parse(words, str(place) if place else text, subject)

    def _policy_service(self, text: str) -> PolicyService | str:
        """A check_policy_service argument, or what is wrong with it."""
        return parse_service(text, self.settings)

    def maps(self, parameter: str) -> tuple[str, ...]:
        """The tables that a parameter lists, such as local_recipient_maps."""
        return self.settings.words(parameter)

    def tables(self) -> dict[str, Place | None]:
        """Every table that a decision or a route can ask, with a place that names it."""
        found: dict[str, Place | None] = dict(self.access_tables())
        for parameter in TABLE_PARAMETERS:
            for word in self.settings.items(parameter):
                name = word.text.lstrip("!")
                if is_table(name):
                    found.setdefault(name, word.place)
        return found

    def access_tables(self) -> Mapping[str, Place | None]:
        """Every table that a list or class searches for actions, with the first place that names it."""
        found: dict[str, Place | None] = {}
        for items in (*self.lists.values(), *self._classes.values()):
            for item in items:
                if item.table:
                    found.setdefault(item.table, item.item.place)
        return found


def _stages(settings: Settings) -> dict[Stage, tuple[str, ...]]:
    """Which lists run when; with smtpd_delay_reject those of the client, HELO and sender wait for the recipient."""
    client, helo, sender = "smtpd_client_restrictions", "smtpd_helo_restrictions", "smtpd_sender_restrictions"
    recipient = ("smtpd_relay_restrictions", "smtpd_recipient_restrictions")
    if not settings.flag("smtpd_relay_before_recipient_restrictions"):
        recipient = (recipient[1], recipient[0])
    delayed = settings.flag("smtpd_delay_reject")
    waiting = (client, helo, sender) if delayed else ()
    return {
        Stage.CONNECT: () if delayed else (client,),
        Stage.HELO: () if delayed else (helo,),
        Stage.MAIL: () if delayed else (sender,),
        Stage.RCPT: (*waiting, *recipient),
        Stage.VRFY: (*waiting, *recipient),
        Stage.ETRN: (*waiting[:2], "smtpd_etrn_restrictions"),
        Stage.DATA: ("smtpd_data_restrictions",),
        Stage.END_OF_MESSAGE: ("smtpd_end_of_data_restrictions",),
    }
