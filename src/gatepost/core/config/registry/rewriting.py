"""Address classes, rewriting and routing (ADDRESS_CLASS_README, ADDRESS_REWRITING_README)."""

TABLE = """
allow_percent_hack | yesno | yes | Read user%domain as user@domain.
allow_untrusted_routing | yesno | no | Relay user@elsewhere@domain for strangers.
always_add_missing_headers | yesno | no | Add From:, Date: and so on to mail of strangers too.
always_bcc | text | | Who gets a copy of all mail.
append_at_myorigin | yesno | yes | Append @myorigin to an address without domain.
append_dot_mydomain | yesno | ${{$compatibility_level} <level {1} ? {yes} : {no}} | Append .mydomain to a domain
    without dot.
best_mx_transport | text | | Transport for mail that loops back as we are its best MX.
canonical_classes | words | envelope_sender, envelope_recipient, header_sender, header_recipient | Addresses that
    canonical_maps rewrites.
canonical_maps | tables | | Rewriting of senders and recipients.
content_filter | text | | Transport and next hop that all new mail goes through.
default_filter_nexthop | text | | Next hop of a filter that names none.
default_transport | text | smtp | How mail to anywhere else goes.
disable_dns_lookups | yesno | no | The clients ask no DNS.
empty_address_default_transport_maps_lookup_key | text | <> | What the null sender is looked up as for its transport.
empty_address_local_login_sender_maps_lookup_key | text | <> | What the null sender is looked up as for its login.
empty_address_recipient | text | MAILER-DAEMON | Who gets mail for the null address.
empty_address_relayhost_maps_lookup_key | text | <> | What the null sender is looked up as for its relay host.
ignore_mx_lookup_error | yesno | no | Use a domain's address where its MX cannot be found out.
masquerade_classes | words | envelope_sender, header_sender, header_recipient | Addresses that masquerade_domains
    shortens.
masquerade_domains | words | | Domains whose subdomains are cut off.
masquerade_exceptions | words | | Users whose addresses are not shortened.
mydestination | words | $myhostname, localhost.$mydomain, localhost | Domains that are delivered locally.
myorigin | text | $myhostname | Domain of mail that is sent from here.
proxy_interfaces | words | | Our addresses behind NAT or a proxy.
receive_override_options | words | | What new mail is spared: unknown recipients, milters, mappings.
recipient_bcc_maps | tables | | Who gets a copy, by recipient.
recipient_canonical_classes | words | envelope_recipient, header_recipient | Addresses that recipient_canonical_maps
    rewrites.
recipient_canonical_maps | tables | | Rewriting of recipients.
relay_clientcerts | tables | | Certificates of clients that permit_tls_clientcerts lets relay.
relay_domains | words | ${{$compatibility_level} <level {2} ? {$mydestination} : {}} | Domains that we relay mail to
    for everybody.
relay_recipient_maps | tables | | Recipients in relay_domains that exist; empty: all are taken.
relay_transport | text | relay | How mail for relay_domains goes.
relayhost | text | | Next hop of all mail to elsewhere.
remote_header_rewrite_domain | text | | Domain that completes headers of strangers; empty: they stay.
resolve_dequoted_address | yesno | yes | Take routing out of quoted local parts, too.
resolve_null_domain | yesno | no | Take user@ for a local address.
resolve_numeric_domain | yesno | no | Take user@1.2.3.4 for user@[1.2.3.4].
rewrite_service_name | text | rewrite | The rewriting service in master.cf.
sender_bcc_maps | tables | | Who gets a copy, by sender.
sender_canonical_classes | words | envelope_sender, header_sender | Addresses that sender_canonical_maps rewrites.
sender_canonical_maps | tables | | Rewriting of senders.
sender_dependent_default_transport_maps | tables | | default_transport by sender.
sender_dependent_relayhost_maps | tables | | relayhost by sender.
swap_bangpath | yesno | yes | Read site!user as user@site.
transport_maps | tables | | Transport and next hop by recipient.
undisclosed_recipients_header | text | | Header for mail that names no recipient.
virtual_alias_address_length_limit | number | 1000 | Longest address that aliases may lead to.
virtual_alias_domains | words | $virtual_alias_maps | Domains whose addresses are all aliases.
virtual_alias_expansion_limit | number | 1000 | Most recipients that one recipient's aliases may lead to.
virtual_alias_maps | tables | $virtual_maps | Aliases for whole addresses.
virtual_alias_recursion_limit | number | 1000 | Deepest nesting of aliases.
"""
