"""The SMTP server: limits, time-outs, commands and SASL (smtpd(8))."""

TABLE = """
smtpd_authorized_verp_clients | words | $authorized_verp_clients |
smtpd_authorized_xclient_hosts | words | |
smtpd_authorized_xforward_hosts | words | |
smtpd_banner | text | $myhostname ESMTP $mail_name |
smtpd_client_auth_rate_limit | number | 0 |
smtpd_client_connection_count_limit | number | 50 |
smtpd_client_connection_rate_limit | number | 0 |
smtpd_client_event_limit_exceptions | words | ${smtpd_client_connection_limit_exceptions:$mynetworks} |
smtpd_client_message_rate_limit | number | 0 |
smtpd_client_new_tls_session_rate_limit | number | 0 |
smtpd_client_port_logging | yesno | no |
smtpd_client_recipient_rate_limit | number | 0 |
smtpd_command_filter | tables | |
smtpd_delay_open_until_valid_rcpt | yesno | yes |
smtpd_discard_ehlo_keyword_address_maps | tables | |
smtpd_discard_ehlo_keywords | words | |
smtpd_dns_reply_filter | tables | |
smtpd_error_sleep_time | time:s | 1s |
smtpd_forbid_bare_newline | yesno | no |
smtpd_forbid_bare_newline_exclusions | words | $mynetworks |
smtpd_forbid_unauth_pipelining | yesno | no |
smtpd_forbidden_commands | words | CONNECT GET POST regexp:{{/^[^A-Z]/ Bogus}} |
smtpd_hard_error_limit | number | ${stress?{1}:{20}} |
smtpd_helo_required | yesno | no |
smtpd_history_flush_threshold | number | 100 |
smtpd_junk_command_limit | number | ${stress?{1}:{100}} |
smtpd_min_data_rate | number | 500 |
smtpd_noop_commands | words | |
smtpd_peername_lookup | yesno | yes |
smtpd_per_request_deadline | yesno | ${smtpd_per_record_deadline?{$smtpd_per_record_deadline}:{${stress?{yes}:{no}}}}
    |
smtpd_proxy_ehlo | text | $myhostname |
smtpd_proxy_filter | text | |
smtpd_proxy_options | words | |
smtpd_proxy_timeout | time:s | 100s |
smtpd_recipient_limit | number | 1000 |
smtpd_recipient_overshoot_limit | number | 1000 |
smtpd_sasl_auth_enable | yesno | no |
smtpd_sasl_authenticated_header | yesno | no |
smtpd_sasl_exceptions_networks | words | |
smtpd_sasl_local_domain | text | |
smtpd_sasl_mechanism_filter | words | !external, static:rest |
smtpd_sasl_path | text | smtpd |
smtpd_sasl_response_limit | number | 12288 |
smtpd_sasl_security_options | words | noanonymous |
smtpd_sasl_service | text | smtp |
smtpd_sasl_tls_security_options | words | $smtpd_sasl_security_options |
smtpd_sasl_type | text | cyrus |
smtpd_sender_login_maps | tables | |
smtpd_service_name | text | smtpd |
smtpd_soft_error_limit | number | 10 |
smtpd_timeout | time:s | ${stress?{10}:{300}}s |
smtpd_upstream_proxy_protocol | text | |
smtpd_upstream_proxy_timeout | time:s | 5s |
"""
