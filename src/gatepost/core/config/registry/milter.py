"""Mail filters (MILTER_README)."""

TABLE = """
internal_mail_filter_classes | words | | Mail made here that filters see: bounces, notices.
milter_command_timeout | time:s | 30s | How long a milter may take for a command.
milter_connect_macros | words | j {daemon_name} {daemon_addr} v _ | Macros that milters get on connect.
milter_connect_timeout | time:s | 30s | How long connecting to a milter may take.
milter_content_timeout | time:s | 300s | How long a milter may take for the content.
milter_data_macros | words | i | Macros that milters get with DATA.
milter_default_action | text | tempfail | What is done when a milter fails.
milter_end_of_data_macros | words | i | Macros that milters get after the content.
milter_end_of_header_macros | words | i | Macros that milters get after the headers.
milter_header_checks | tables | | Tables for headers that milters add.
milter_helo_macros | words | {tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer} | Macros that milters
    get with HELO.
milter_macro_daemon_name | text | $myhostname | The milter macro {daemon_name}.
milter_macro_defaults | words | | Macros with a value where there is none.
milter_macro_v | text | $mail_name $mail_version | The milter macro v.
milter_mail_macros | words | i {auth_type} {auth_authen} {auth_author} {mail_addr} {mail_host} {mail_mailer} | Macros
    that milters get with MAIL.
milter_protocol | text | 6 | Version of the milter protocol.
milter_rcpt_macros | words | i {rcpt_addr} {rcpt_host} {rcpt_mailer} | Macros that milters get with RCPT.
milter_unknown_command_macros | words | | Macros that milters get with an unknown command.
non_smtpd_milters | words | | Milters for mail that does not come by SMTP.
smtpd_milter_maps | tables | | Milters by client.
smtpd_milters | words | | Milters for mail that comes by SMTP.
"""
