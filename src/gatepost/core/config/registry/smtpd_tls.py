"""TLS in the SMTP server (TLS_README)."""

TABLE = """
smtpd_enforce_tls | yesno | no |
smtpd_starttls_timeout | time:s | ${stress?{10}:{300}}s |
smtpd_tls_CAfile | text | |
smtpd_tls_CApath | text | |
smtpd_tls_always_issue_session_ids | yesno | yes |
smtpd_tls_ask_ccert | yesno | no |
smtpd_tls_auth_only | yesno | no |
smtpd_tls_ccert_verifydepth | number | 9 |
smtpd_tls_cert_file | text | |
smtpd_tls_chain_files | words | |
smtpd_tls_ciphers | text | medium |
smtpd_tls_dcert_file | text | |
smtpd_tls_dh1024_param_file | text | |
smtpd_tls_dh512_param_file | text | |
smtpd_tls_dkey_file | text | $smtpd_tls_dcert_file |
smtpd_tls_eccert_file | text | |
smtpd_tls_eckey_file | text | $smtpd_tls_eccert_file |
smtpd_tls_eecdh_grade | text | auto |
smtpd_tls_exclude_ciphers | words | |
smtpd_tls_fingerprint_digest | text | ${{$compatibility_level} <level {3.6} ? {md5} : {sha256}} |
smtpd_tls_key_file | text | $smtpd_tls_cert_file |
smtpd_tls_loglevel | number | 0 |
smtpd_tls_mandatory_ciphers | text | medium |
smtpd_tls_mandatory_exclude_ciphers | words | |
smtpd_tls_mandatory_protocols | words | >=TLSv1 |
smtpd_tls_protocols | words | >=TLSv1 |
smtpd_tls_received_header | yesno | no |
smtpd_tls_req_ccert | yesno | no |
smtpd_tls_security_level | text | |
smtpd_tls_session_cache_database | tables | |
smtpd_tls_session_cache_timeout | time:s | 3600s |
smtpd_tls_wrappermode | yesno | no |
smtpd_use_tls | yesno | no |
"""
