"""TLS as all programs share it: ciphers, curves, randomness, DANE."""

TABLE = """
openssl_path | text | openssl | Where openssl is.
tls_append_default_CA | yesno | no | Trust the system's certificate authorities as well.
tls_config_file | text | default | OpenSSL's configuration file.
tls_config_name | text | | Section of OpenSSL's configuration.
tls_daemon_random_bytes | number | 32 | Random octets that a program asks tlsmgr for.
tls_dane_digests | words | sha512 sha256 | Digests of TLSA records, the best first.
tls_disable_workarounds | words | | OpenSSL's workarounds to switch off.
tls_eecdh_auto_curves | words | X25519 X448 prime256v1 secp521r1 secp384r1 | Elliptic curves that are negotiated.
tls_eecdh_strong_curve | text | prime256v1 | Curve of grade strong.
tls_eecdh_ultra_curve | text | secp384r1 | Curve of grade ultra.
tls_export_cipherlist | text | aNULL:-aNULL:HIGH:MEDIUM:LOW:EXPORT:+RC4:@STRENGTH | Ciphers of grade export.
tls_fast_shutdown_enable | yesno | yes | Do not wait for the other side when TLS ends.
tls_high_cipherlist | text | aNULL:-aNULL:HIGH:@STRENGTH | Ciphers of grade high.
tls_legacy_public_key_fingerprints | yesno | no | Make fingerprints of public keys as old versions did.
tls_low_cipherlist | text | aNULL:-aNULL:HIGH:MEDIUM:LOW:+RC4:@STRENGTH | Ciphers of grade low.
tls_medium_cipherlist | text | aNULL:-aNULL:HIGH:MEDIUM:+RC4:@STRENGTH | Ciphers of grade medium.
tls_null_cipherlist | text | eNULL:!aNULL | Ciphers of grade null, which do not encrypt.
tls_preempt_cipherlist | yesno | no | The server's order of ciphers counts.
tls_random_bytes | number | 32 | Random octets that tlsmgr reads at once.
tls_random_exchange_name | text | ${data_directory}/prng_exch | File that keeps randomness over a restart.
tls_random_prng_update_period | time:s | 3600s | How often that file is written.
tls_random_reseed_period | time:s | 3600s | Longest time until tlsmgr reads more randomness.
tls_random_source | text | dev:/dev/urandom | Where randomness comes from.
tls_server_sni_maps | tables | | Keys and certificates by the name that a client asks for.
tls_session_ticket_cipher | text | aes-256-cbc | Cipher of session tickets.
tls_ssl_options | words | | OpenSSL's options to switch on.
tls_wildcard_matches_multiple_labels | yesno | yes | *.example.com fits a.b.example.com.
tlsmgr_service_name | text | tlsmgr | The TLS manager in master.cf.
"""
