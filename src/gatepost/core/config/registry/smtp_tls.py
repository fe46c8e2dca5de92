"""TLS in the SMTP and LMTP clients (TLS_README).

``*_`` stands for both ``smtp_`` and ``lmtp_``.
"""

TABLE = """
*_enforce_tls | yesno | no | Require TLS (old form).
*_starttls_timeout | time:s | 300s | How long the handshake may take.
*_tls_CAfile | text | | File of trusted certificate authorities.
*_tls_CApath | text | | Directory of trusted certificate authorities.
*_tls_block_early_mail_reply | yesno | no | Watch for a server that answers before STARTTLS is done.
*_tls_cert_file | text | | Our certificate (RSA).
*_tls_chain_files | words | | Files with keys and certificate chains.
*_tls_ciphers | text | medium | Lowest cipher grade where TLS is optional.
*_tls_connection_reuse | yesno | no | Use TLS connections again.
smtp_tls_dane_insecure_mx_policy | text | ${{$smtp_tls_security_level} == {dane} ? {dane} : {may}} | TLS where the MX
    record is not secured by DNSSEC.
*_tls_dcert_file | text | | Our certificate (DSA).
*_tls_dkey_file | text | $*_tls_dcert_file | Our key (DSA).
*_tls_eccert_file | text | | Our certificate (ECDSA).
*_tls_eckey_file | text | $*_tls_eccert_file | Our key (ECDSA).
*_tls_enforce_peername | yesno | yes | Require a name in the certificate that fits (old form).
*_tls_exclude_ciphers | words | | Ciphers that are never used.
*_tls_fingerprint_cert_match | words | | Fingerprints of certificates that are accepted.
*_tls_fingerprint_digest | text | ${{$compatibility_level} <level {3.6} ? {md5} : {sha256}} | Digest of fingerprints.
*_tls_force_insecure_host_tlsa_lookup | yesno | no | Look for TLSA records of hosts without DNSSEC.
*_tls_key_file | text | $*_tls_cert_file | Our key (RSA).
*_tls_loglevel | number | 0 | How much is logged about TLS, 0 to 4.
*_tls_mandatory_ciphers | text | medium | Lowest cipher grade where TLS is required.
*_tls_mandatory_exclude_ciphers | words | | More ciphers that are not used where TLS is required.
*_tls_mandatory_protocols | words | >=TLSv1 | TLS versions where TLS is required.
*_tls_note_starttls_offer | yesno | no | Log servers that offer STARTTLS unused.
*_tls_per_site | tables | | TLS by server (old form).
*_tls_policy_maps | tables | | TLS by next hop.
*_tls_protocols | words | >=TLSv1 | TLS versions where TLS is optional.
*_tls_scert_verifydepth | number | 9 | Longest certificate chain.
lmtp_tls_secure_cert_match | words | nexthop | Names in the certificate that level secure accepts.
smtp_tls_secure_cert_match | words | nexthop, dot-nexthop | Names in the certificate that level secure accepts.
*_tls_security_level | text | | Whether TLS is used: none, may, encrypt, dane, verify, secure, ...
*_tls_servername | text | | Name that is sent as SNI.
*_tls_session_cache_database | tables | | Table of TLS sessions.
*_tls_session_cache_timeout | time:s | 3600s | How long TLS sessions are kept.
*_tls_trust_anchor_file | text | | Files of further trusted certificates.
*_tls_verify_cert_match | words | hostname | Names in the certificate that level verify accepts.
*_tls_wrappermode | yesno | no | Begin with TLS, without STARTTLS.
*_use_tls | yesno | no | Use TLS where it is offered (old form).
"""
