"""TLS as all programs share it: ciphers, curves, randomness, DANE."""

TABLE = """
openssl_path | text | openssl |
tls_append_default_CA | yesno | no |
tls_config_file | text | default |
tls_config_name | text | |
tls_daemon_random_bytes | number | 32 |
tls_dane_digests | words | sha512 sha256 |
tls_disable_workarounds | words | |
tls_eecdh_auto_curves | words | X25519 X448 prime256v1 secp521r1 secp384r1 |
tls_eecdh_strong_curve | text | prime256v1 |
tls_eecdh_ultra_curve | text | secp384r1 |
tls_export_cipherlist | text | aNULL:-aNULL:HIGH:MEDIUM:LOW:EXPORT:+RC4:@STRENGTH |
tls_fast_shutdown_enable | yesno | yes |
tls_high_cipherlist | text | aNULL:-aNULL:HIGH:@STRENGTH |
tls_legacy_public_key_fingerprints | yesno | no |
tls_low_cipherlist | text | aNULL:-aNULL:HIGH:MEDIUM:LOW:+RC4:@STRENGTH |
tls_medium_cipherlist | text | aNULL:-aNULL:HIGH:MEDIUM:+RC4:@STRENGTH |
tls_null_cipherlist | text | eNULL:!aNULL |
tls_preempt_cipherlist | yesno | no |
tls_random_bytes | number | 32 |
tls_random_exchange_name | text | ${data_directory}/prng_exch |
tls_random_prng_update_period | time:s | 3600s |
tls_random_reseed_period | time:s | 3600s |
tls_random_source | text | dev:/dev/urandom |
tls_server_sni_maps | tables | |
tls_session_ticket_cipher | text | aes-256-cbc |
tls_ssl_options | words | |
tls_wildcard_matches_multiple_labels | yesno | yes |
tlsmgr_service_name | text | tlsmgr |
"""
