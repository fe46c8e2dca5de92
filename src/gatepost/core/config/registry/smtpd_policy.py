"""The SMTP server's decisions: restriction lists, reply codes and policy services (SMTPD_ACCESS_README)."""

TABLE = r"""
access_map_defer_code | number | 450 |
access_map_reject_code | number | 554 |
default_rbl_reply | raw | $rbl_code Service unavailable; $rbl_class [$rbl_what] blocked using
    $rbl_domain${rbl_reason?; $rbl_reason} |
defer_code | number | 450 |
invalid_hostname_reject_code | number | 501 |
maps_rbl_domains | words | |
maps_rbl_reject_code | number | 554 |
multi_recipient_bounce_reject_code | number | 550 |
non_fqdn_reject_code | number | 504 |
parent_domain_matches_subdomains | words |
    debug_peer_list,fast_flush_domains,mynetworks,permit_mx_backup_networks,qmqpd_authorized_clients,relay_domains,smtpd_access_maps
    |
permit_mx_backup_networks | words | |
plaintext_reject_code | number | 450 |
rbl_reply_maps | tables | |
reject_code | number | 554 |
reject_tempfail_action | text | defer_if_permit |
relay_domains_reject_code | number | 554 |
smtpd_client_restrictions | restrictions | |
smtpd_data_restrictions | restrictions | |
smtpd_delay_reject | yesno | yes |
smtpd_end_of_data_restrictions | restrictions | |
smtpd_etrn_restrictions | restrictions | |
smtpd_expansion_filter | raw |
    \t\40!"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~ |
smtpd_forbid_bare_newline_reject_code | number | 550 |
smtpd_helo_restrictions | restrictions | |
smtpd_log_access_permit_actions | words | |
smtpd_null_access_lookup_key | text | <> |
smtpd_policy_service_default_action | text | 451 4.3.5 Server configuration problem |
smtpd_policy_service_max_idle | time:s | 300s |
smtpd_policy_service_max_ttl | time:s | 1000s |
smtpd_policy_service_policy_context | text | |
smtpd_policy_service_request_limit | number | 0 |
smtpd_policy_service_retry_delay | time:s | 1s |
smtpd_policy_service_timeout | time:s | 100s |
smtpd_policy_service_try_limit | number | 2 |
smtpd_recipient_restrictions | restrictions | |
smtpd_reject_footer | raw | |
smtpd_reject_footer_maps | tables | |
smtpd_reject_unlisted_recipient | yesno | yes |
smtpd_reject_unlisted_sender | yesno | no |
smtpd_relay_before_recipient_restrictions | yesno | ${{$compatibility_level} <level {3.6} ? {no} : {yes}} |
smtpd_relay_restrictions | restrictions | ${{$compatibility_level} <level {1} ? {} : {permit_mynetworks,
    permit_sasl_authenticated, defer_unauth_destination}} |
smtpd_restriction_classes | words | |
smtpd_sender_restrictions | restrictions | |
unknown_address_reject_code | number | 450 |
unknown_address_tempfail_action | text | $reject_tempfail_action |
unknown_client_reject_code | number | 450 |
unknown_helo_hostname_tempfail_action | text | $reject_tempfail_action |
unknown_hostname_reject_code | number | 450 |
unknown_local_recipient_reject_code | number | 550 |
unknown_relay_recipient_reject_code | number | 550 |
unknown_virtual_alias_reject_code | number | 550 |
unknown_virtual_mailbox_reject_code | number | 550 |
unverified_recipient_defer_code | number | 450 |
unverified_recipient_reject_code | number | 450 |
unverified_recipient_reject_reason | text | |
unverified_recipient_tempfail_action | text | $reject_tempfail_action |
unverified_sender_defer_code | number | 450 |
unverified_sender_reject_code | number | 450 |
unverified_sender_reject_reason | text | |
unverified_sender_tempfail_action | text | $reject_tempfail_action |
"""
