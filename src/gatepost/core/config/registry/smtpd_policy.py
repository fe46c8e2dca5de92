"""The SMTP server's decisions: restriction lists, reply codes and policy services (SMTPD_ACCESS_README)."""

TABLE = r"""
access_map_defer_code | number | 450 | Reply code of an access table's DEFER.
access_map_reject_code | number | 554 | Reply code of an access table's REJECT.
default_rbl_reply | raw | $rbl_code Service unavailable; $rbl_class [$rbl_what] blocked using
    $rbl_domain${rbl_reason?; $rbl_reason} | Reply to a client that a DNS list names.
defer_code | number | 450 | Reply code of the restriction defer.
invalid_hostname_reject_code | number | 501 | Reply code of reject_invalid_helo_hostname.
maps_rbl_domains | words | | DNS lists of the old reject_maps_rbl.
maps_rbl_reject_code | number | 554 | Reply code of a DNS list's hit.
multi_recipient_bounce_reject_code | number | 550 | Reply code of reject_multi_recipient_bounce.
non_fqdn_reject_code | number | 504 | Reply code of the reject_non_fqdn restrictions.
parent_domain_matches_subdomains | words |
    debug_peer_list,fast_flush_domains,mynetworks,permit_mx_backup_networks,qmqpd_authorized_clients,relay_domains,smtpd_access_maps
    | Lists and tables in which example.com stands for its subdomains too.
permit_mx_backup_networks | words | | Networks of primary mail servers that permit_mx_backup trusts.
plaintext_reject_code | number | 450 | Reply code of reject_plaintext_session.
rbl_reply_maps | tables | | Replies by DNS list.
reject_code | number | 554 | Reply code of the restriction reject.
reject_tempfail_action | text | defer_if_permit | What a reject restriction does that could not find out.
relay_domains_reject_code | number | 554 | Reply code of reject_unauth_destination.
smtpd_client_restrictions | restrictions | | What decides about a client that connects.
smtpd_data_restrictions | restrictions | | What decides when the client says DATA.
smtpd_delay_reject | yesno | yes | Put off decisions about client, HELO and sender until RCPT.
smtpd_end_of_data_restrictions | restrictions | | What decides after the content.
smtpd_etrn_restrictions | restrictions | | What decides about ETRN.
smtpd_expansion_filter | raw |
    \t\40!"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~ | Characters
    that data from outside may bring into a reply.
smtpd_forbid_bare_newline_reject_code | number:500 | 550 | Reply code to a line that ends without CR.
smtpd_helo_restrictions | restrictions | | What decides about HELO and EHLO.
smtpd_log_access_permit_actions | words | | Actions of access tables whose permit is logged.
smtpd_null_access_lookup_key | text | <> | What the empty sender is looked up as.
smtpd_policy_service_default_action | text | 451 4.3.5 Server configuration problem | What is done when a policy
    service does not answer.
smtpd_policy_service_max_idle | time:s:1 | 300s | How long an unused connection to a policy service is kept.
smtpd_policy_service_max_ttl | time:s:1 | 1000s | How long any connection to a policy service is kept.
smtpd_policy_service_policy_context | text | | Text that a policy service gets as policy_context.
smtpd_policy_service_request_limit | number | 0 | Requests over one connection to a policy service; 0: no limit.
smtpd_policy_service_retry_delay | time:s:1 | 1s | Pause before a policy service is asked again.
smtpd_policy_service_timeout | time:s:1 | 100s | How long connecting to, writing to and reading from a policy service
    may take.
smtpd_policy_service_try_limit | number:1 | 2 | How often a policy service is tried.
smtpd_recipient_restrictions | restrictions | | What decides about a recipient, after the relay list.
smtpd_reject_footer | raw | | Text after every refusal.
smtpd_reject_footer_maps | tables | | Texts after a refusal, by its own text.
smtpd_reject_unlisted_recipient | yesno | yes | Refuse recipients in our own domains that do not exist.
smtpd_reject_unlisted_sender | yesno | no | Refuse senders in our own domains that do not exist.
smtpd_relay_before_recipient_restrictions | yesno | ${{$compatibility_level} <level {3.6} ? {no} : {yes}} | Ask the
    relay list before the recipient list.
smtpd_relay_restrictions | restrictions | ${{$compatibility_level} <level {1} ? {} : {permit_mynetworks,
    permit_sasl_authenticated, defer_unauth_destination}} | What decides who may relay.
smtpd_restriction_classes | words | | Names of one's own lists, to be used in others.
smtpd_sender_restrictions | restrictions | | What decides about MAIL FROM.
unknown_address_reject_code | number | 450 | Reply code for a domain without MX and address.
unknown_address_tempfail_action | text | $reject_tempfail_action | What is done when DNS does not say whether a
    sender's or recipient's domain exists.
unknown_client_reject_code | number | 450 | Reply code of reject_unknown_client_hostname.
unknown_helo_hostname_tempfail_action | text | $reject_tempfail_action | What is done when DNS does not say whether
    the HELO name exists.
unknown_hostname_reject_code | number | 450 | Reply code of reject_unknown_helo_hostname.
unknown_local_recipient_reject_code | number | 550 | Reply code for an unknown local user.
unknown_relay_recipient_reject_code | number | 550 | Reply code for an unknown recipient in relay_domains.
unknown_virtual_alias_reject_code | number | 550 | Reply code for an unknown recipient in virtual_alias_domains.
unknown_virtual_mailbox_reject_code | number | 550 | Reply code for an unknown recipient in virtual_mailbox_domains.
unverified_recipient_defer_code | number:200 | 450 | Reply code when a probe of the recipient failed for now.
unverified_recipient_reject_code | number:200 | 450 | Reply code when a probe of the recipient was refused.
unverified_recipient_reject_reason | text | | Text in place of what the probe of the recipient found.
unverified_recipient_tempfail_action | text | $reject_tempfail_action | What is done when a probe of the recipient
    failed for now.
unverified_sender_defer_code | number:200 | 450 | Reply code when a probe of the sender failed for now.
unverified_sender_reject_code | number:200 | 450 | Reply code when a probe of the sender was refused.
unverified_sender_reject_reason | text | | Text in place of what the probe of the sender found.
unverified_sender_tempfail_action | text | $reject_tempfail_action | What is done when a probe of the sender failed
    for now.
"""
