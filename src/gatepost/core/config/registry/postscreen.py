"""The zombie blocker in front of the SMTP server (POSTSCREEN_README)."""

TABLE = """
dnsblog_reply_delay | time:s | 0s | For tests: how long a DNS list's answer is held back.
dnsblog_service_name | text | dnsblog | The service in master.cf that asks DNS lists.
postscreen_access_list | words | permit_mynetworks | Clients that are let in or refused at once.
postscreen_allowlist_interfaces | words |
    ${postscreen_whitelist_interfaces?{$postscreen_whitelist_interfaces}:{static:all}} | Our addresses on which a
    client can pass.
postscreen_bare_newline_action | text | ignore | What happens to a client whose lines end without CR.
postscreen_bare_newline_enable | yesno | no | Look for lines that end without CR.
postscreen_bare_newline_ttl | time:d | 30d | How long passing that test holds.
postscreen_cache_cleanup_interval | time:h | 12h | How often the cache is cleaned.
postscreen_cache_map | tables | btree:$data_directory/postscreen_cache | Table that keeps which client passed what.
postscreen_cache_retention_time | time:d | 7d | How long a client that stays away is remembered.
postscreen_client_connection_count_limit | number | $smtpd_client_connection_count_limit | Connections of one client
    at a time.
postscreen_command_count_limit | number | 20 | Commands of one client in a session.
postscreen_command_filter | tables | | Tables that rewrite a client's commands.
postscreen_command_time_limit | time:s | ${stress?{10}:{300}}s | How long a client may take for a command.
postscreen_denylist_action | text | ${postscreen_blacklist_action?{$postscreen_blacklist_action}:{ignore}} | What
    happens to a client that the access list refuses.
postscreen_disable_vrfy_command | yesno | $disable_vrfy_command | disable_vrfy_command of postscreen.
postscreen_discard_ehlo_keyword_address_maps | tables | $smtpd_discard_ehlo_keyword_address_maps | EHLO keywords to
    leave out, by client.
postscreen_discard_ehlo_keywords | words | $smtpd_discard_ehlo_keywords | EHLO keywords to leave out.
postscreen_dnsbl_action | text | ignore | What happens to a client whose DNS list score is too high.
postscreen_dnsbl_allowlist_threshold | number |
    ${postscreen_dnsbl_whitelist_threshold?{$postscreen_dnsbl_whitelist_threshold}:{0}} | Score at which a client
    passes without further tests.
postscreen_dnsbl_max_ttl | time:h | ${postscreen_dnsbl_ttl?{$postscreen_dnsbl_ttl}:{1}}h | Longest time that a DNS
    list's answer holds.
postscreen_dnsbl_min_ttl | time:s | 60s | Shortest time that a DNS list's answer holds.
postscreen_dnsbl_reply_map | tables | | Names to show for DNS lists.
postscreen_dnsbl_sites | words | | DNS lists with filters and weights.
postscreen_dnsbl_threshold | number | 1 | Score from which a client is stopped.
postscreen_dnsbl_timeout | time:s | 10s | How long DNS lists may take.
postscreen_enforce_tls | yesno | $smtpd_enforce_tls | Take mail over TLS only (old form).
postscreen_expansion_filter | raw | $smtpd_expansion_filter | smtpd_expansion_filter of postscreen.
postscreen_forbidden_commands | words | $smtpd_forbidden_commands | Commands that end the session.
postscreen_greet_action | text | ignore | What happens to a client that talks too early.
postscreen_greet_banner | text | $smtpd_banner | Text of the teaser before the real greeting; empty: none.
postscreen_greet_ttl | time:d | 1d | How long passing the early talker test holds.
postscreen_greet_wait | time:s | ${stress?{2}:{6}}s | How long a client must wait for the greeting.
postscreen_helo_required | yesno | $smtpd_helo_required | smtpd_helo_required of postscreen.
postscreen_non_smtp_command_action | text | drop | What happens to a client that talks another protocol.
postscreen_non_smtp_command_enable | yesno | no | Look for commands that are no SMTP.
postscreen_non_smtp_command_ttl | time:d | 30d | How long passing that test holds.
postscreen_pipelining_action | text | enforce | What happens to a client that sends commands ahead.
postscreen_pipelining_enable | yesno | no | Look for commands that are sent ahead.
postscreen_pipelining_ttl | time:d | 30d | How long passing that test holds.
postscreen_post_queue_limit | number | $default_process_limit | Clients that wait for an SMTP server.
postscreen_pre_queue_limit | number | $default_process_limit | Clients that wait for a decision.
postscreen_reject_footer | raw | $smtpd_reject_footer | smtpd_reject_footer of postscreen.
postscreen_reject_footer_maps | tables | $smtpd_reject_footer_maps | smtpd_reject_footer_maps of postscreen.
postscreen_tls_security_level | text | $smtpd_tls_security_level | smtpd_tls_security_level of postscreen.
postscreen_upstream_proxy_protocol | text | | Protocol of a load balancer in front of postscreen.
postscreen_upstream_proxy_timeout | time:s | 5s | How long such a balancer may take.
postscreen_use_tls | yesno | $smtpd_use_tls | Offer TLS (old form).
postscreen_watchdog_timeout | time:s | 10s | How long postscreen may take for one request.
"""
