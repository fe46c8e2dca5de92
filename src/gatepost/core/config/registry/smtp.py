"""The SMTP and LMTP clients (smtp(8)).

``*_`` stands for both ``smtp_`` and ``lmtp_``.
"""

TABLE = """
*_address_preference | text | any |
*_address_verify_target | text | rcpt |
smtp_always_send_ehlo | yesno | yes |
lmtp_assume_final | yesno | no |
*_balance_inet_protocols | yesno | yes |
*_bind_address | text | |
*_bind_address6 | text | |
*_bind_address_enforce | yesno | no |
*_body_checks | tables | |
*_cname_overrides_servername | yesno | no |
lmtp_connect_timeout | time:s | 0s |
smtp_connect_timeout | time:s | 30s |
*_connection_cache_destinations | words | |
*_connection_cache_on_demand | yesno | yes |
*_connection_cache_time_limit | time:s | 2s |
*_connection_reuse_count_limit | number | 0 |
*_connection_reuse_time_limit | time:s | 300s |
*_data_done_timeout | time:s | 600s |
*_data_init_timeout | time:s | 120s |
*_data_xfer_timeout | time:s | 180s |
*_defer_if_no_mx_address_found | yesno | no |
*_delivery_status_filter | tables | $default_delivery_status_filter |
smtp_discard_ehlo_keyword_address_maps | tables | |
smtp_discard_ehlo_keywords | words | |
lmtp_discard_lhlo_keyword_address_maps | tables | |
lmtp_discard_lhlo_keywords | words | |
*_dns_reply_filter | tables | |
*_dns_resolver_options | words | |
*_dns_support_level | text | |
lmtp_fallback_relay | words | |
smtp_fallback_relay | words | $fallback_relay |
*_generic_maps | tables | |
*_header_checks | tables | |
smtp_helo_name | text | $myhostname |
smtp_helo_timeout | time:s | 300s |
*_host_lookup | words | dns |
lmtp_lhlo_name | text | $myhostname |
lmtp_lhlo_timeout | time:s | 300s |
*_line_length_limit | number | 998 |
*_mail_timeout | time:s | 300s |
*_mime_header_checks | tables | |
*_min_data_rate | number | 500 |
*_mx_address_limit | number | 5 |
*_mx_session_limit | number | 2 |
*_nested_header_checks | tables | |
smtp_never_send_ehlo | yesno | no |
*_per_request_deadline | yesno | ${*_per_record_deadline?{$*_per_record_deadline}:{no}} |
*_pix_workaround_delay_time | time:s | 10s |
*_pix_workaround_maps | tables | |
*_pix_workaround_threshold_time | time:s | 500s |
*_pix_workarounds | words | disable_esmtp,delay_dotcrlf |
*_quit_timeout | time:s | 300s |
*_quote_rfc821_envelope | yesno | yes |
*_randomize_addresses | yesno | yes |
*_rcpt_timeout | time:s | 300s |
*_reply_filter | tables | |
*_rset_timeout | time:s | 20s |
*_sasl_auth_cache_name | tables | |
*_sasl_auth_cache_time | time:d | 90d |
*_sasl_auth_enable | yesno | no |
*_sasl_auth_soft_bounce | yesno | yes |
*_sasl_mechanism_filter | words | |
*_sasl_password_maps | tables | |
*_sasl_path | text | |
*_sasl_security_options | words | noplaintext, noanonymous |
*_sasl_tls_security_options | words | $*_sasl_security_options |
*_sasl_tls_verified_security_options | words | $*_sasl_tls_security_options |
*_sasl_type | text | cyrus |
*_send_dummy_mail_auth | yesno | no |
*_send_xforward_command | yesno | no |
*_sender_dependent_authentication | yesno | no |
*_skip_5xx_greeting | yesno | yes |
lmtp_skip_quit_response | yesno | no |
smtp_skip_quit_response | yesno | yes |
lmtp_tcp_port | text | 24 |
smtp_tcp_port | text | smtp |
*_xforward_timeout | time:s | 300s |
"""
