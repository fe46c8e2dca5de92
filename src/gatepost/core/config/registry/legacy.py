"""Old names that today's defaults still look at, so that old configurations keep their meaning. None has a default."""

TABLE = """
authorized_verp_clients | words | | Old name of smtpd_authorized_verp_clients.
fallback_relay | words | | Old name of smtp_fallback_relay.
lmtp_per_record_deadline | yesno | | Old name of lmtp_per_request_deadline.
postscreen_blacklist_action | text | | Old name of postscreen_denylist_action.
postscreen_dnsbl_ttl | time:h | | Old name of postscreen_dnsbl_max_ttl.
postscreen_dnsbl_whitelist_threshold | number | | Old name of postscreen_dnsbl_allowlist_threshold.
postscreen_whitelist_interfaces | words | | Old name of postscreen_allowlist_interfaces.
smtp_per_record_deadline | yesno | | Old name of smtp_per_request_deadline.
smtpd_client_connection_limit_exceptions | words | | Old name of smtpd_client_event_limit_exceptions.
smtpd_per_record_deadline | yesno | | Old name of smtpd_per_request_deadline.
tlsproxy_client_level | text | | Old name of tlsproxy_client_security_level.
tlsproxy_client_policy | tables | | Old name of tlsproxy_client_policy_maps.
virtual_maps | tables | | Old name of virtual_alias_maps.
"""
