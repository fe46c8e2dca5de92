"""Address verification (ADDRESS_VERIFICATION_README)."""

TABLE = """
address_verify_cache_cleanup_interval | time:h | 12h | How often expired results of probes are removed.
address_verify_default_transport | text | $default_transport | default_transport for probes.
address_verify_local_transport | text | $local_transport | local_transport for probes.
address_verify_map | tables | btree:$data_directory/verify_cache | Table that keeps the results of probes.
address_verify_negative_cache | yesno | yes | Keep failed probes as well.
address_verify_negative_expire_time | time:d | 3d | When a failed probe is forgotten.
address_verify_negative_refresh_time | time:h | 3h | When a failed probe is tried again.
address_verify_pending_request_limit | number | 5000 | Probes under way at one time.
address_verify_poll_count | number | ${stress?{1}:{3}} | How often a client waits for a probe's result.
address_verify_poll_delay | time:s | 3s | Pause between two looks for a probe's result.
address_verify_positive_expire_time | time:d | 31d | When a good probe is forgotten.
address_verify_positive_refresh_time | time:d | 7d | When a good probe is made again.
address_verify_relay_transport | text | $relay_transport | relay_transport for probes.
address_verify_relayhost | text | $relayhost | relayhost for probes.
address_verify_sender | text | $double_bounce_sender | Sender of probes.
address_verify_sender_dependent_default_transport_maps | tables | $sender_dependent_default_transport_maps |
    sender_dependent_default_transport_maps for probes.
address_verify_sender_dependent_relayhost_maps | tables | $sender_dependent_relayhost_maps |
    sender_dependent_relayhost_maps for probes.
address_verify_sender_ttl | time:s | 0s | After how long the sender of probes changes its tag; 0: never.
address_verify_service_name | text | verify | The verify service in master.cf.
address_verify_transport_maps | tables | $transport_maps | transport_maps for probes.
address_verify_virtual_transport | text | $virtual_transport | virtual_transport for probes.
"""
