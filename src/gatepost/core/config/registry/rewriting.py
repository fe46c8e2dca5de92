"""Address classes, rewriting and routing (ADDRESS_CLASS_README, ADDRESS_REWRITING_README)."""

TABLE = """
allow_percent_hack | yesno | yes |
allow_untrusted_routing | yesno | no |
always_add_missing_headers | yesno | no |
always_bcc | text | |
append_at_myorigin | yesno | yes |
append_dot_mydomain | yesno | ${{$compatibility_level} <level {1} ? {yes} : {no}} |
best_mx_transport | text | |
canonical_classes | words | envelope_sender, envelope_recipient, header_sender, header_recipient |
canonical_maps | tables | |
content_filter | text | |
default_filter_nexthop | text | |
default_transport | text | smtp |
disable_dns_lookups | yesno | no |
empty_address_default_transport_maps_lookup_key | text | <> |
empty_address_local_login_sender_maps_lookup_key | text | <> |
empty_address_recipient | text | MAILER-DAEMON |
empty_address_relayhost_maps_lookup_key | text | <> |
ignore_mx_lookup_error | yesno | no |
masquerade_classes | words | envelope_sender, header_sender, header_recipient |
masquerade_domains | words | |
masquerade_exceptions | words | |
mydestination | words | $myhostname, localhost.$mydomain, localhost |
myorigin | text | $myhostname |
proxy_interfaces | words | |
receive_override_options | words | |
recipient_bcc_maps | tables | |
recipient_canonical_classes | words | envelope_recipient, header_recipient |
recipient_canonical_maps | tables | |
relay_clientcerts | tables | |
relay_domains | words | ${{$compatibility_level} <level {2} ? {$mydestination} : {}} |
relay_recipient_maps | tables | |
relay_transport | text | relay |
relayhost | text | |
remote_header_rewrite_domain | text | |
resolve_dequoted_address | yesno | yes |
resolve_null_domain | yesno | no |
resolve_numeric_domain | yesno | no |
rewrite_service_name | text | rewrite |
sender_bcc_maps | tables | |
sender_canonical_classes | words | envelope_sender, header_sender |
sender_canonical_maps | tables | |
sender_dependent_default_transport_maps | tables | |
sender_dependent_relayhost_maps | tables | |
swap_bangpath | yesno | yes |
transport_maps | tables | |
undisclosed_recipients_header | text | |
virtual_alias_address_length_limit | number | 1000 |
virtual_alias_domains | words | $virtual_alias_maps |
virtual_alias_expansion_limit | number | 1000 |
virtual_alias_maps | tables | $virtual_maps |
virtual_alias_recursion_limit | number | 1000 |
"""
