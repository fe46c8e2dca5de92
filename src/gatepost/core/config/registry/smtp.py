"""The SMTP and LMTP clients (smtp(8)).

``*_`` stands for both ``smtp_`` and ``lmtp_``.
"""

TABLE = """
*_address_preference | text | any | Which of IPv4 and IPv6 is tried first.
*_address_verify_target | text | rcpt | Command at which a probe ends.
smtp_always_send_ehlo | yesno | yes | Begin with EHLO whatever the greeting says.
lmtp_assume_final | yesno | no | Report success as delivered where the server has no DSN.
*_balance_inet_protocols | yesno | yes | See to it that both IPv4 and IPv6 are tried.
*_bind_address | text | | Our IPv4 address for connections.
*_bind_address6 | text | | Our IPv6 address for connections.
*_bind_address_enforce | yesno | no | Put off delivery where that address cannot be used.
*_body_checks | tables | | body_checks when mail leaves.
*_cname_overrides_servername | yesno | no | A server's CNAME is used for its SASL and TLS settings.
lmtp_connect_timeout | time:s | 0s | How long connecting may take; 0: as the system has it.
smtp_connect_timeout | time:s | 30s | How long connecting may take.
*_connection_cache_destinations | words | | Destinations whose connections are kept for the next mail.
*_connection_cache_on_demand | yesno | yes | Keep connections while a destination has much mail waiting.
*_connection_cache_time_limit | time:s | 2s | How long a connection is kept.
*_connection_reuse_count_limit | number | 0 | How often a connection is used again; 0: no limit.
*_connection_reuse_time_limit | time:s | 300s | How long a connection is used again.
*_data_done_timeout | time:s | 600s | How long the answer to the content may take.
*_data_init_timeout | time:s | 120s | How long the answer to DATA may take.
*_data_xfer_timeout | time:s | 180s | How long sending a block of content may take.
*_defer_if_no_mx_address_found | yesno | no | Put off mail where no MX has an address.
*_delivery_status_filter | tables | $default_delivery_status_filter | default_delivery_status_filter of this client.
smtp_discard_ehlo_keyword_address_maps | tables | | EHLO keywords to overlook, by server.
smtp_discard_ehlo_keywords | words | | EHLO keywords to overlook.
lmtp_discard_lhlo_keyword_address_maps | tables | | LHLO keywords to overlook, by server.
lmtp_discard_lhlo_keywords | words | | LHLO keywords to overlook.
*_dns_reply_filter | tables | | Tables that filter DNS answers.
*_dns_resolver_options | words | | Options of the resolver.
*_dns_support_level | text | | Whether DNS and DNSSEC are used.
lmtp_fallback_relay | words | | Where mail goes that no server took.
smtp_fallback_relay | words | $fallback_relay | Where mail goes that no server took.
*_generic_maps | tables | | Rewriting of addresses when mail leaves.
*_header_checks | tables | | header_checks when mail leaves.
smtp_helo_name | text | $myhostname | Name in HELO and EHLO.
smtp_helo_timeout | time:s | 300s | How long the greeting and the answer to HELO may take.
*_host_lookup | words | dns | How names of hosts are found: dns, native or both.
lmtp_lhlo_name | text | $myhostname | Name in LHLO.
lmtp_lhlo_timeout | time:s | 300s | How long the greeting and the answer to LHLO may take.
*_line_length_limit | number | 998 | Octets of a line that is sent; longer ones are broken.
*_mail_timeout | time:s | 300s | How long the answer to MAIL may take.
*_mime_header_checks | tables | | mime_header_checks when mail leaves.
*_min_data_rate | number | 500 | Octets a second that a request must keep up with.
*_mx_address_limit | number | 5 | Addresses that one delivery tries.
*_mx_session_limit | number | 2 | Sessions that one delivery tries.
*_nested_header_checks | tables | | nested_header_checks when mail leaves.
smtp_never_send_ehlo | yesno | no | Begin with HELO always.
*_per_request_deadline | yesno | ${*_per_record_deadline?{$*_per_record_deadline}:{no}} | Time limits hold for a whole
    request, not for each read and write.
*_pix_workaround_delay_time | time:s | 10s | Pause of the firewall workaround before the last dot.
*_pix_workaround_maps | tables | | Firewall workarounds by server.
*_pix_workaround_threshold_time | time:s | 500s | How long mail must wait before the workaround is used.
*_pix_workarounds | words | disable_esmtp,delay_dotcrlf | Workarounds for a firewall's faults.
*_quit_timeout | time:s | 300s | How long the answer to QUIT may take.
*_quote_rfc821_envelope | yesno | yes | Quote addresses in MAIL and RCPT as the RFC asks.
*_randomize_addresses | yesno | yes | Try servers of one preference in any order.
*_rcpt_timeout | time:s | 300s | How long the answer to RCPT may take.
*_reply_filter | tables | | Tables that rewrite a server's replies.
*_rset_timeout | time:s | 20s | How long the answer to RSET may take.
*_sasl_auth_cache_name | tables | | Table that remembers failed log-ins.
*_sasl_auth_cache_time | time:d | 90d | How long a failed log-in is remembered.
*_sasl_auth_enable | yesno | no | Log in to servers.
*_sasl_auth_soft_bounce | yesno | yes | A failed log-in only puts mail off.
*_sasl_mechanism_filter | words | | SASL mechanisms that may be used.
*_sasl_password_maps | tables | | User and password by server.
*_sasl_path | text | | What the SASL library needs to know.
*_sasl_security_options | words | noplaintext, noanonymous | Kinds of SASL mechanisms that are not used.
*_sasl_tls_security_options | words | $*_sasl_security_options | The same within TLS.
*_sasl_tls_verified_security_options | words | $*_sasl_tls_security_options | The same within TLS to a verified
    server.
*_sasl_type | text | cyrus | The SASL library.
*_send_dummy_mail_auth | yesno | no | Add AUTH=<> to MAIL.
*_send_xforward_command | yesno | no | Pass on the client's data with XFORWARD.
*_sender_dependent_authentication | yesno | no | Look passwords up by sender.
*_skip_5xx_greeting | yesno | yes | Try the next server after a 5xx greeting.
lmtp_skip_quit_response | yesno | no | Do not wait for the answer to QUIT.
smtp_skip_quit_response | yesno | yes | Do not wait for the answer to QUIT.
lmtp_tcp_port | text | 24 | Port that is used where none is named.
smtp_tcp_port | text | smtp | Port that is used where none is named.
*_xforward_timeout | time:s | 300s | How long the answer to XFORWARD may take.
"""
