"""The zombie blocker in front of the SMTP server (POSTSCREEN_README)."""

TABLE = """
dnsblog_reply_delay | time:s | 0s |
dnsblog_service_name | text | dnsblog |
postscreen_access_list | words | permit_mynetworks |
postscreen_allowlist_interfaces | words |
    ${postscreen_whitelist_interfaces?{$postscreen_whitelist_interfaces}:{static:all}} |
postscreen_bare_newline_action | text | ignore |
postscreen_bare_newline_enable | yesno | no |
postscreen_bare_newline_ttl | time:d | 30d |
postscreen_cache_cleanup_interval | time:h | 12h |
postscreen_cache_map | tables | btree:$data_directory/postscreen_cache |
postscreen_cache_retention_time | time:d | 7d |
postscreen_client_connection_count_limit | number | $smtpd_client_connection_count_limit |
postscreen_command_count_limit | number | 20 |
postscreen_command_filter | tables | |
postscreen_command_time_limit | time:s | ${stress?{10}:{300}}s |
postscreen_denylist_action | text | ${postscreen_blacklist_action?{$postscreen_blacklist_action}:{ignore}} |
postscreen_disable_vrfy_command | yesno | $disable_vrfy_command |
postscreen_discard_ehlo_keyword_address_maps | tables | $smtpd_discard_ehlo_keyword_address_maps |
postscreen_discard_ehlo_keywords | words | $smtpd_discard_ehlo_keywords |
postscreen_dnsbl_action | text | ignore |
postscreen_dnsbl_allowlist_threshold | text |
    ${postscreen_dnsbl_whitelist_threshold?{$postscreen_dnsbl_whitelist_threshold}:{0}} |
postscreen_dnsbl_max_ttl | time:h | ${postscreen_dnsbl_ttl?{$postscreen_dnsbl_ttl}:{1}}h |
postscreen_dnsbl_min_ttl | time:s | 60s |
postscreen_dnsbl_reply_map | tables | |
postscreen_dnsbl_sites | words | |
postscreen_dnsbl_threshold | number | 1 |
postscreen_dnsbl_timeout | time:s | 10s |
postscreen_enforce_tls | yesno | $smtpd_enforce_tls |
postscreen_expansion_filter | raw | $smtpd_expansion_filter |
postscreen_forbidden_commands | words | $smtpd_forbidden_commands |
postscreen_greet_action | text | ignore |
postscreen_greet_banner | text | $smtpd_banner |
postscreen_greet_ttl | time:d | 1d |
postscreen_greet_wait | time:s | ${stress?{2}:{6}}s |
postscreen_helo_required | yesno | $smtpd_helo_required |
postscreen_non_smtp_command_action | text | drop |
postscreen_non_smtp_command_enable | yesno | no |
postscreen_non_smtp_command_ttl | time:d | 30d |
postscreen_pipelining_action | text | enforce |
postscreen_pipelining_enable | yesno | no |
postscreen_pipelining_ttl | time:d | 30d |
postscreen_post_queue_limit | number | $default_process_limit |
postscreen_pre_queue_limit | number | $default_process_limit |
postscreen_reject_footer | raw | $smtpd_reject_footer |
postscreen_reject_footer_maps | tables | $smtpd_reject_footer_maps |
postscreen_tls_security_level | text | $smtpd_tls_security_level |
postscreen_upstream_proxy_protocol | text | |
postscreen_upstream_proxy_timeout | time:s | 5s |
postscreen_use_tls | yesno | $smtpd_use_tls |
postscreen_watchdog_timeout | time:s | 10s |
"""
