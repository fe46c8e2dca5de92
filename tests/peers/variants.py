"""The tutorial's directory in the variants that are tested."""

from __future__ import annotations

import re
from pathlib import Path

from peers.policy_services import POLICYD_SPF_PARAMETERS, POLICYD_SPF_SERVICE

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "dragon.lab"
# The tutorial's recipient list without its policy services, and as it ends.
LISTS = (
    "reject_unauth_pipelining",
    "reject_non_fqdn_recipient",
    "reject_unknown_recipient_domain",
    "check_recipient_access hash:/etc/postfix/access_recipient",
)
SERVICES = ("check_policy_service inet:127.0.0.1:10023", "check_policy_service unix:private/policy-spf")
# A network of ours besides the loopback, so that clients from it can be told from the test itself.
NETWORKS = {"mynetworks": "127.0.0.0/8, [::1]/128, 10.11.0.0/16"}
WITHOUT_SERVICES = {**NETWORKS, "smtpd_recipient_restrictions": ", ".join(LISTS)}
# By default a table's `domain` stands for its subdomains and a `.domain` entry is never asked for; here it is.
DOTTED = {**WITHOUT_SERVICES, "parent_domain_matches_subdomains": ""}
WITH_SERVICES = {
    **NETWORKS,
    "smtpd_recipient_restrictions": ", ".join((*LISTS, *SERVICES)),
    **POLICYD_SPF_PARAMETERS,
}
TABLES = ("access_client.in", "access_helo.in", "access_sender.in", "access_recipient.in")
_ENTRY = re.compile(r"(?P<key>\S+)(?P<blank>\s+)(?P<action>\S.*?)\s*")


def copy_of_example(target: Path) -> Path:
    """The example's directory, with the tables as ``*.in`` and the policyd-spf service."""
    target.mkdir(parents=True)
    for entry in EXAMPLE.iterdir():
        if entry.is_file():
            (target / entry.name).write_bytes(entry.read_bytes())
    master = target / "master.cf"
    if "policy-spf" not in master.read_text():
        master.write_text(master.read_text() + POLICYD_SPF_SERVICE)
    return target


def mark_tables(directory: Path) -> tuple[set[str], set[str]]:
    """Make every entry of the four tables tell itself in the log; returns the marks, and those of lines without action.

    ``REJECT text`` becomes ``REJECT text [access_x.in:LINE]`` and OK becomes ``INFO [access_x.in:LINE]``: nothing
    follows the tables in their lists, so the one stands for the other.
    """
    marks, empty = set(), set()
    for name in TABLES:
        lines = (directory / name).read_text().splitlines()
        for i, line in enumerate(lines):
            mark = f"[{name}:{i + 1}]"
            if not line.strip() or line.startswith("#"):
                continue
            if not (entry := _ENTRY.fullmatch(line)):
                empty.add(mark)
                continue
            action = "INFO" if entry["action"].upper() in ("OK", "DUNNO") else entry["action"]
            lines[i] = f"{entry['key']}{entry['blank']}{action} {mark}"
            marks.add(mark)
        (directory / name).write_text("\n".join(lines) + "\n")
    return marks, empty
