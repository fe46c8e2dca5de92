"""Address verification (ADDRESS_VERIFICATION_README)."""

TABLE = """
address_verify_cache_cleanup_interval | time:h | 12h |
address_verify_default_transport | text | $default_transport |
address_verify_local_transport | text | $local_transport |
address_verify_map | tables | btree:$data_directory/verify_cache |
address_verify_negative_cache | yesno | yes |
address_verify_negative_expire_time | time:d | 3d |
address_verify_negative_refresh_time | time:h | 3h |
address_verify_pending_request_limit | number | 5000 |
address_verify_poll_count | number | ${stress?{1}:{3}} |
address_verify_poll_delay | time:s | 3s |
address_verify_positive_expire_time | time:d | 31d |
address_verify_positive_refresh_time | time:d | 7d |
address_verify_relay_transport | text | $relay_transport |
address_verify_relayhost | text | $relayhost |
address_verify_sender | text | $double_bounce_sender |
address_verify_sender_dependent_default_transport_maps | tables | $sender_dependent_default_transport_maps |
address_verify_sender_dependent_relayhost_maps | tables | $sender_dependent_relayhost_maps |
address_verify_sender_ttl | time:s | 0s |
address_verify_service_name | text | verify |
address_verify_transport_maps | tables | $transport_maps |
address_verify_virtual_transport | text | $virtual_transport |
"""
