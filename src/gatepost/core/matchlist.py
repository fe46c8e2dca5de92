"""Postfix's match lists: domains, host names and networks (postconf(5): mydestination, relay_domains, mynetworks).

A list is words of patterns tried in order; the first that matches decides, ``!pattern`` turns its answer round. A
pattern is a literal, a ``.suffix``, a network, or ``type:table`` (a hit counts, its value does not). ``/file/name``
patterns are replaced by the file's content before they come here (edge/config_directory.py).

Rule: what matches, not what follows from it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Generator, Iterable
from enum import Enum
from functools import lru_cache

import msgspec

from gatepost.core.address import parent_domains
from gatepost.core.ask import Answer, Hit, Missing, Question, Search, search
from gatepost.core.config.settings import Settings, Word
from gatepost.core.errors import Problem

Matching = Generator[Question, Answer, bool | Missing]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class Pattern(msgspec.Struct, frozen=True):
    """One word of a list: ``wanted`` is False for ``!pattern``; exactly one of ``table`` and ``literal`` is not
    empty.
    """

    wanted: bool
    literal: str = ""
    table: str = ""


def parse_patterns(words: Iterable[Word]) -> tuple[Pattern, ...]:
    """The patterns of a list; literals are folded to lower case, a table keeps its name as configured."""
    patterns = []
    for word in words:
        text, wanted = word.text, True
        while text.startswith("!"):
            text, wanted = text[1:], not wanted
        if is_table(text):
            patterns.append(Pattern(wanted, table=text))
        elif text:
            patterns.append(Pattern(wanted, literal=text.lower()))
    return tuple(patterns)


def is_table(text: str) -> bool:
    """Whether a word is ``type:table`` rather than a literal, an IPv6 address or a path."""
    kind, colon, _ = text.partition(":")
    return bool(colon) and kind.isidentifier() and not text.startswith(("[", "/"))


class Reach(Enum):
    """How far a literal domain reaches (postconf(5): parent_domain_matches_subdomains)."""

    EXACT = "the domain alone: mydestination and the virtual domains"
    DOTTED = ".example.org stands for the subdomains"
    SUBDOMAINS = "example.org stands for its subdomains too"


class DomainList:
    """A list of domains, such as mydestination or relay_domains."""

    def __init__(self, words: Iterable[Word], reach: Reach) -> None:
        self.patterns = parse_patterns(words)
        self.reach = reach
        self.tables = tuple(pattern.table for pattern in self.patterns if pattern.table)
        simple = all(pattern.literal and pattern.wanted for pattern in self.patterns)
        self._literals = frozenset(pattern.literal for pattern in self.patterns) if simple else None

    def matches(self, domain: str) -> Matching:
        """True, False, or TRY_AGAIN where a table could not answer."""
        domain = domain.lower()
        keys = self._keys(domain)
        if self._literals is not None:
            return any(key in self._literals for key in keys)
        for pattern in self.patterns:
            if pattern.table:
                answer = yield from search(Search(pattern.table, keys))
                if answer is Missing.TRY_AGAIN:
                    return answer
                hit = isinstance(answer, Hit)
            else:
                hit = pattern.literal in keys
            if hit:
                return pattern.wanted
        return False

    def _keys(self, domain: str) -> tuple[str, ...]:
        if self.reach is Reach.EXACT or not self.patterns:
            return (domain,)
        dot = "" if self.reach is Reach.SUBDOMAINS else "."
        return (domain, *(dot + parent for parent in parent_domains(domain)))


class NetworkList:
    """A list of networks and host names, such as mynetworks. Bad networks are in ``problems``, and match nothing."""

    def __init__(self, words: Iterable[Word], parameter: str) -> None:
        words = tuple(words)
        self.problems: list[Problem] = []
        self._rules: list[tuple[Pattern, Network | None]] = []
        for pattern, word in zip(parse_patterns(words), words, strict=True):
            network = None if pattern.table else self._network(pattern.literal, word, parameter)
            self._rules.append((pattern, network))
        self.tables = tuple(pattern.table for pattern, _ in self._rules if pattern.table)
        self._remembered = None if self.tables else lru_cache(maxsize=4096)(self._scan)

    def _network(self, text: str, word: Word, parameter: str) -> Network | None:
        bare = text.replace("[", "").replace("]", "")
        try:
            return ipaddress.ip_network(bare)
        except ValueError as error:
            if bare[:1].isdigit() or "/" in bare or ":" in bare:
                self.problems.append(
                    Problem(f"bad net/mask pattern in {parameter}: '{word.text}': {error}", word.place)
                )
            return None

    def known(self, name: str, address: str) -> bool | None:
        """What ``matches`` comes to where no table has to be asked, else None."""
        return self._remembered(name, address) if self._remembered is not None else None

    def matches(self, name: str, address: str) -> Matching:
        """Whether the client is in the list, by its address or, for literal names and tables, its verified name."""
        known = self.known(name, address)
        if known is not None:
            return known
        ip = _parse(address)
        for pattern, network in self._rules:
            if pattern.table:
                answer = yield from self._search(pattern.table, name, address)
                if answer is Missing.TRY_AGAIN:
                    return answer
                hit = isinstance(answer, Hit)
            else:
                hit = self._hits(pattern, network, name, ip)
            if hit:
                return pattern.wanted
        return False

    def _scan(self, name: str, address: str) -> bool:
        ip = _parse(address)
        for pattern, network in self._rules:
            if self._hits(pattern, network, name, ip):
                return pattern.wanted
        return False

    @staticmethod
    def _hits(pattern: Pattern, network: Network | None, name: str, ip: IpAddress | None) -> bool:
        if network is None:
            return name.lower() == pattern.literal
        return ip is not None and ip.version == network.version and ip in network

    @staticmethod
    def _search(table: str, name: str, address: str) -> Generator[Question, Answer, Hit | Missing]:
        for key in (name, address):
            answer = yield from search(Search(table, (key,)))
            if answer is not Missing.NOT_FOUND:
                return answer
        return Missing.NOT_FOUND


def _parse(address: str) -> IpAddress | None:
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None


def reach_of(settings: Settings, parameter: str) -> Reach:
    """How far the domains in a parameter reach, for those where parent_domain_matches_subdomains decides it."""
    return Reach.SUBDOMAINS if parameter in settings.words("parent_domain_matches_subdomains") else Reach.DOTTED
