"""TLS in the SMTP server (TLS_README)."""

TABLE = """
smtpd_enforce_tls | yesno | no | Require TLS (old form).
smtpd_starttls_timeout | time:s:1 | ${stress?{10}:{300}}s | How long the handshake may take.
smtpd_tls_CAfile | text | | File of certificate authorities trusted for clients.
smtpd_tls_CApath | text | | Directory of certificate authorities trusted for clients.
smtpd_tls_always_issue_session_ids | yesno | yes | Give session ids even without a session cache.
smtpd_tls_ask_ccert | yesno | no | Ask clients for a certificate.
smtpd_tls_auth_only | yesno | no | Offer AUTH within TLS only.
smtpd_tls_ccert_verifydepth | number | 9 | Longest chain of a client's certificate.
smtpd_tls_cert_file | text | | Our certificate (RSA).
smtpd_tls_chain_files | words | | Files with keys and certificate chains.
smtpd_tls_ciphers | text | medium | Lowest cipher grade where TLS is optional.
smtpd_tls_dcert_file | text | | Our certificate (DSA).
smtpd_tls_dh1024_param_file | text | | Parameters of Diffie-Hellman; auto: OpenSSL's.
smtpd_tls_dh512_param_file | text | | Parameters of export Diffie-Hellman; unused today.
smtpd_tls_dkey_file | text | $smtpd_tls_dcert_file | Our key (DSA).
smtpd_tls_eccert_file | text | | Our certificate (ECDSA).
smtpd_tls_eckey_file | text | $smtpd_tls_eccert_file | Our key (ECDSA).
smtpd_tls_eecdh_grade | text | auto | Grade of elliptic curves.
smtpd_tls_exclude_ciphers | words | | Ciphers that are never used.
smtpd_tls_fingerprint_digest | text | ${{$compatibility_level} <level {3.6} ? {md5} : {sha256}} | Digest of clients'
    fingerprints.
smtpd_tls_key_file | text | $smtpd_tls_cert_file | Our key (RSA).
smtpd_tls_loglevel | number | 0 | How much is logged about TLS, 0 to 4.
smtpd_tls_mandatory_ciphers | text | medium | Lowest cipher grade where TLS is required.
smtpd_tls_mandatory_exclude_ciphers | words | | More ciphers that are not used where TLS is required.
smtpd_tls_mandatory_protocols | words | >=TLSv1 | TLS versions where TLS is required.
smtpd_tls_protocols | words | >=TLSv1 | TLS versions where TLS is optional.
smtpd_tls_received_header | yesno | no | Write TLS details into the Received: header.
smtpd_tls_req_ccert | yesno | no | Require a client's certificate where TLS is required.
smtpd_tls_security_level | text | | Whether TLS is offered or required: none, may or encrypt.
smtpd_tls_session_cache_database | tables | | Table of TLS sessions.
smtpd_tls_session_cache_timeout | time:s | 3600s | How long TLS sessions are kept.
smtpd_tls_wrappermode | yesno | no | Begin with TLS, without STARTTLS.
smtpd_use_tls | yesno | no | Offer TLS (old form).
"""
