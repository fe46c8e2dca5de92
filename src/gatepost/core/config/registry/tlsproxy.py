"""The TLS proxy behind postscreen (tlsproxy(8)); its defaults follow the server's and the client's settings."""

TABLE = """
tlsproxy_client_CAfile | text | $smtp_tls_CAfile | smtp_tls_CAfile of the TLS proxy.
tlsproxy_client_CApath | text | $smtp_tls_CApath | smtp_tls_CApath of the TLS proxy.
tlsproxy_client_cert_file | text | $smtp_tls_cert_file | smtp_tls_cert_file of the TLS proxy.
tlsproxy_client_chain_files | words | $smtp_tls_chain_files | smtp_tls_chain_files of the TLS proxy.
tlsproxy_client_dcert_file | text | $smtp_tls_dcert_file | smtp_tls_dcert_file of the TLS proxy.
tlsproxy_client_dkey_file | text | $smtp_tls_dkey_file | smtp_tls_dkey_file of the TLS proxy.
tlsproxy_client_eccert_file | text | $smtp_tls_eccert_file | smtp_tls_eccert_file of the TLS proxy.
tlsproxy_client_eckey_file | text | $smtp_tls_eckey_file | smtp_tls_eckey_file of the TLS proxy.
tlsproxy_client_enforce_tls | yesno | $smtp_enforce_tls | smtp_enforce_tls of the TLS proxy.
tlsproxy_client_fingerprint_digest | text | $smtp_tls_fingerprint_digest | smtp_tls_fingerprint_digest of the TLS
    proxy.
tlsproxy_client_key_file | text | $smtp_tls_key_file | smtp_tls_key_file of the TLS proxy.
tlsproxy_client_loglevel | number | $smtp_tls_loglevel | smtp_tls_loglevel of the TLS proxy.
tlsproxy_client_loglevel_parameter | text | smtp_tls_loglevel | Parameter that the client's log level comes from.
tlsproxy_client_per_site | tables | $smtp_tls_per_site | smtp_tls_per_site of the TLS proxy.
tlsproxy_client_policy_maps | tables | ${tlsproxy_client_policy:$smtp_tls_policy_maps} | smtp_tls_policy_maps of the
    TLS proxy.
tlsproxy_client_scert_verifydepth | number | $smtp_tls_scert_verifydepth | smtp_tls_scert_verifydepth of the TLS
    proxy.
tlsproxy_client_security_level | text | ${tlsproxy_client_level:$smtp_tls_security_level} | smtp_tls_security_level of
    the TLS proxy.
tlsproxy_client_use_tls | yesno | $smtp_use_tls | smtp_use_tls of the TLS proxy.
tlsproxy_enforce_tls | yesno | $smtpd_enforce_tls | smtpd_enforce_tls of the TLS proxy.
tlsproxy_service_name | text | tlsproxy | The TLS proxy in master.cf.
tlsproxy_tls_CAfile | text | $smtpd_tls_CAfile | smtpd_tls_CAfile of the TLS proxy.
tlsproxy_tls_CApath | text | $smtpd_tls_CApath | smtpd_tls_CApath of the TLS proxy.
tlsproxy_tls_always_issue_session_ids | yesno | $smtpd_tls_always_issue_session_ids |
    smtpd_tls_always_issue_session_ids of the TLS proxy.
tlsproxy_tls_ask_ccert | yesno | $smtpd_tls_ask_ccert | smtpd_tls_ask_ccert of the TLS proxy.
tlsproxy_tls_ccert_verifydepth | number | $smtpd_tls_ccert_verifydepth | smtpd_tls_ccert_verifydepth of the TLS proxy.
tlsproxy_tls_cert_file | text | $smtpd_tls_cert_file | smtpd_tls_cert_file of the TLS proxy.
tlsproxy_tls_chain_files | words | $smtpd_tls_chain_files | smtpd_tls_chain_files of the TLS proxy.
tlsproxy_tls_ciphers | text | $smtpd_tls_ciphers | smtpd_tls_ciphers of the TLS proxy.
tlsproxy_tls_dcert_file | text | $smtpd_tls_dcert_file | smtpd_tls_dcert_file of the TLS proxy.
tlsproxy_tls_dh1024_param_file | text | $smtpd_tls_dh1024_param_file | smtpd_tls_dh1024_param_file of the TLS proxy.
tlsproxy_tls_dh512_param_file | text | $smtpd_tls_dh512_param_file | smtpd_tls_dh512_param_file of the TLS proxy.
tlsproxy_tls_dkey_file | text | $smtpd_tls_dkey_file | smtpd_tls_dkey_file of the TLS proxy.
tlsproxy_tls_eccert_file | text | $smtpd_tls_eccert_file | smtpd_tls_eccert_file of the TLS proxy.
tlsproxy_tls_eckey_file | text | $smtpd_tls_eckey_file | smtpd_tls_eckey_file of the TLS proxy.
tlsproxy_tls_eecdh_grade | text | $smtpd_tls_eecdh_grade | smtpd_tls_eecdh_grade of the TLS proxy.
tlsproxy_tls_exclude_ciphers | words | $smtpd_tls_exclude_ciphers | smtpd_tls_exclude_ciphers of the TLS proxy.
tlsproxy_tls_fingerprint_digest | text | $smtpd_tls_fingerprint_digest | smtpd_tls_fingerprint_digest of the TLS
    proxy.
tlsproxy_tls_key_file | text | $smtpd_tls_key_file | smtpd_tls_key_file of the TLS proxy.
tlsproxy_tls_loglevel | number | $smtpd_tls_loglevel | smtpd_tls_loglevel of the TLS proxy.
tlsproxy_tls_mandatory_ciphers | text | $smtpd_tls_mandatory_ciphers | smtpd_tls_mandatory_ciphers of the TLS proxy.
tlsproxy_tls_mandatory_exclude_ciphers | words | $smtpd_tls_mandatory_exclude_ciphers |
    smtpd_tls_mandatory_exclude_ciphers of the TLS proxy.
tlsproxy_tls_mandatory_protocols | words | $smtpd_tls_mandatory_protocols | smtpd_tls_mandatory_protocols of the TLS
    proxy.
tlsproxy_tls_protocols | words | $smtpd_tls_protocols | smtpd_tls_protocols of the TLS proxy.
tlsproxy_tls_req_ccert | yesno | $smtpd_tls_req_ccert | smtpd_tls_req_ccert of the TLS proxy.
tlsproxy_tls_security_level | text | $smtpd_tls_security_level | smtpd_tls_security_level of the TLS proxy.
tlsproxy_use_tls | yesno | $smtpd_use_tls | smtpd_use_tls of the TLS proxy.
tlsproxy_watchdog_timeout | time:s | 10s | How long the TLS proxy may take for one request.
"""
