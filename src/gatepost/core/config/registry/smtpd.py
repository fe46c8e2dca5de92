"""The SMTP server: limits, time-outs, commands and SASL (smtpd(8))."""

TABLE = """
smtpd_authorized_verp_clients | words | $authorized_verp_clients | Clients that may use XVERP.
smtpd_authorized_xclient_hosts | words | | Clients that may use XCLIENT.
smtpd_authorized_xforward_hosts | words | | Clients that may use XFORWARD.
smtpd_banner | text | $myhostname ESMTP $mail_name | Text of the greeting after the code.
smtpd_client_auth_rate_limit | number | 0 | AUTH commands of one client per anvil_rate_time_unit; 0: no limit.
smtpd_client_connection_count_limit | number | 50 | Connections of one client at a time; 0: no limit.
smtpd_client_connection_rate_limit | number | 0 | Connections of one client per anvil_rate_time_unit; 0: no limit.
smtpd_client_event_limit_exceptions | words | ${smtpd_client_connection_limit_exceptions:$mynetworks} | Clients
    without such limits.
smtpd_client_message_rate_limit | number | 0 | MAIL commands of one client per anvil_rate_time_unit; 0: no limit.
smtpd_client_new_tls_session_rate_limit | number | 0 | New TLS sessions of one client per anvil_rate_time_unit; 0: no
    limit.
smtpd_client_port_logging | yesno | no | Log the client's port.
smtpd_client_recipient_rate_limit | number | 0 | Recipients of one client per anvil_rate_time_unit; 0: no limit.
smtpd_command_filter | tables | | Tables that rewrite a client's commands.
smtpd_delay_open_until_valid_rcpt | yesno | yes | Open a queue file only for the first accepted recipient.
smtpd_discard_ehlo_keyword_address_maps | tables | | EHLO keywords to leave out, by client.
smtpd_discard_ehlo_keywords | words | | EHLO keywords to leave out.
smtpd_dns_reply_filter | tables | | Tables that filter DNS answers.
smtpd_error_sleep_time | time:s | 1s | Pause before a refusal, once a client has made many errors.
smtpd_forbid_bare_newline | text | no | What happens to lines that end without CR: no, yes, normalize or reject.
smtpd_forbid_bare_newline_exclusions | words | $mynetworks | Clients whose lines may end without CR.
smtpd_forbid_unauth_pipelining | yesno | no | End the session of a client that sends commands ahead without leave.
smtpd_forbidden_commands | words | CONNECT GET POST regexp:{{/^[^A-Z]/ Bogus}} | Commands that end the session.
smtpd_hard_error_limit | number:1 | ${stress?{1}:{20}} | Errors at which the session ends.
smtpd_helo_required | yesno | no | Require HELO or EHLO before MAIL.
smtpd_history_flush_threshold | number:1 | 100 | Lines of a failed session's history that a notice keeps.
smtpd_junk_command_limit | number:1 | ${stress?{1}:{100}} | NOOP, VRFY, ETRN and RSET that are no errors yet.
smtpd_min_data_rate | number:1 | 500 | Octets a second that a request must keep up with.
smtpd_noop_commands | words | | Commands that are answered 250 and do nothing.
smtpd_peername_lookup | yesno | yes | Look the client's name up.
smtpd_per_request_deadline | yesno | ${smtpd_per_record_deadline?{$smtpd_per_record_deadline}:{${stress?{yes}:{no}}}}
    | Time limits hold for a whole request, not for each read and write.
smtpd_proxy_ehlo | text | $myhostname | Name in EHLO to the filter in front of the queue.
smtpd_proxy_filter | text | | Host and port of a filter in front of the queue.
smtpd_proxy_options | words | | How mail goes to that filter.
smtpd_proxy_timeout | time:s:1 | 100s | How long that filter may take.
smtpd_recipient_limit | number:1 | 1000 | Recipients of one mail.
smtpd_recipient_overshoot_limit | number:1 | 1000 | Recipients over the limit that are no errors yet.
smtpd_sasl_auth_enable | yesno | no | Offer AUTH.
smtpd_sasl_authenticated_header | yesno | no | Write the login name into the Received: header.
smtpd_sasl_exceptions_networks | words | | Clients that AUTH is not offered to.
smtpd_sasl_local_domain | text | | Realm of login names.
smtpd_sasl_mechanism_filter | words | !external, static:rest | SASL mechanisms that may be offered.
smtpd_sasl_path | text | smtpd | What the SASL library needs to know: a socket or a name.
smtpd_sasl_response_limit | number:12288 | 12288 | Octets of a client's SASL answer.
smtpd_sasl_security_options | words | noanonymous | Kinds of SASL mechanisms that are not offered.
smtpd_sasl_service | text | smtp | Service name for SASL.
smtpd_sasl_tls_security_options | words | $smtpd_sasl_security_options | smtpd_sasl_security_options within TLS.
smtpd_sasl_type | text | cyrus | The SASL library.
smtpd_sender_login_maps | tables | | Login names that own a sender address.
smtpd_service_name | text | smtpd | Service that postscreen hands clients to.
smtpd_soft_error_limit | number:1 | 10 | Errors from which on answers are slow.
smtpd_timeout | time:s:1 | ${stress?{10}:{300}}s | How long a client may take for a command, and to read a reply.
smtpd_upstream_proxy_protocol | text | | Protocol of a load balancer in front of us.
smtpd_upstream_proxy_timeout | time:s:1 | 5s | How long such a balancer may take.
"""
