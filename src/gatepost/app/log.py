"""The log of a process, as the configuration has it."""

from __future__ import annotations

from gatepost.core.config.settings import Settings
from gatepost.edge.control import Control
from gatepost.edge.log_outputs import LOG_FLAGS, configured_output
from gatepost.edge.log_sink import LogSink


def open_sink(settings: Settings, control: Control) -> LogSink:
    """The sink that maillog_file or syslog calls for; the supervisor opens the file where this process may not."""
    output = configured_output(settings, lambda path: control.open(path, LOG_FLAGS))
    return LogSink(output, settings.text("myhostname").partition(".")[0])
