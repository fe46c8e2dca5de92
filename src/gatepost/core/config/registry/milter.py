"""Mail filters (MILTER_README)."""

TABLE = """
internal_mail_filter_classes | words | |
milter_command_timeout | time:s | 30s |
milter_connect_macros | words | j {daemon_name} {daemon_addr} v _ |
milter_connect_timeout | time:s | 30s |
milter_content_timeout | time:s | 300s |
milter_data_macros | words | i |
milter_default_action | text | tempfail |
milter_end_of_data_macros | words | i |
milter_end_of_header_macros | words | i |
milter_header_checks | tables | |
milter_helo_macros | words | {tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer} |
milter_macro_daemon_name | text | $myhostname |
milter_macro_defaults | words | |
milter_macro_v | text | $mail_name $mail_version |
milter_mail_macros | words | i {auth_type} {auth_authen} {auth_author} {mail_addr} {mail_host} {mail_mailer} |
milter_protocol | text | 6 |
milter_rcpt_macros | words | i {rcpt_addr} {rcpt_host} {rcpt_mailer} |
milter_unknown_command_macros | words | |
non_smtpd_milters | words | |
smtpd_milter_maps | tables | |
smtpd_milters | words | |
"""
