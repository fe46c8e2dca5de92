"""TLS in the SMTP and LMTP clients (TLS_README).

``*_`` stands for both ``smtp_`` and ``lmtp_``.
"""

TABLE = """
*_enforce_tls | yesno | no |
*_starttls_timeout | time:s | 300s |
*_tls_CAfile | text | |
*_tls_CApath | text | |
*_tls_block_early_mail_reply | yesno | no |
*_tls_cert_file | text | |
*_tls_chain_files | words | |
*_tls_ciphers | text | medium |
*_tls_connection_reuse | yesno | no |
smtp_tls_dane_insecure_mx_policy | text | ${{$smtp_tls_security_level} == {dane} ? {dane} : {may}} |
*_tls_dcert_file | text | |
*_tls_dkey_file | text | $*_tls_dcert_file |
*_tls_eccert_file | text | |
*_tls_eckey_file | text | $*_tls_eccert_file |
*_tls_enforce_peername | yesno | yes |
*_tls_exclude_ciphers | words | |
*_tls_fingerprint_cert_match | words | |
*_tls_fingerprint_digest | text | ${{$compatibility_level} <level {3.6} ? {md5} : {sha256}} |
*_tls_force_insecure_host_tlsa_lookup | yesno | no |
*_tls_key_file | text | $*_tls_cert_file |
*_tls_loglevel | number | 0 |
*_tls_mandatory_ciphers | text | medium |
*_tls_mandatory_exclude_ciphers | words | |
*_tls_mandatory_protocols | words | >=TLSv1 |
*_tls_note_starttls_offer | yesno | no |
*_tls_per_site | tables | |
*_tls_policy_maps | tables | |
*_tls_protocols | words | >=TLSv1 |
*_tls_scert_verifydepth | number | 9 |
lmtp_tls_secure_cert_match | words | nexthop |
smtp_tls_secure_cert_match | words | nexthop, dot-nexthop |
*_tls_security_level | text | |
*_tls_servername | text | |
*_tls_session_cache_database | tables | |
*_tls_session_cache_timeout | time:s | 3600s |
*_tls_trust_anchor_file | text | |
*_tls_verify_cert_match | words | hostname |
*_tls_wrappermode | yesno | no |
*_use_tls | yesno | no |
"""
