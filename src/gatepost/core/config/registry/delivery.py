"""Delivery on this machine: local(8), virtual(8), pipe(8) and aliases."""

TABLE = """
alias_database | tables | hash:/etc/aliases |
alias_maps | tables | hash:/etc/aliases, nis:mail.aliases |
allow_mail_to_commands | words | alias, forward |
allow_mail_to_files | words | alias, forward |
allow_min_user | yesno | no |
biff | yesno | yes |
command_directory | text | /usr/sbin |
command_execution_directory | raw | |
command_expansion_filter | text | 1234567890!@%-_=+:,./abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ |
command_time_limit | time:s | 1000s |
default_privs | text | nobody |
deliver_lock_attempts | number | 20 |
deliver_lock_delay | time:s | 1s |
duplicate_filter_limit | number | 1000 |
execution_directory_expansion_filter | text |
    1234567890!@%-_=+:,./abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ |
expand_owner_alias | yesno | no |
fallback_transport | text | |
fallback_transport_maps | tables | |
forward_expansion_filter | text | 1234567890!@%-_=+:,./abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ |
forward_path | raw | $home/.forward${recipient_delimiter}${extension}, $home/.forward |
frozen_delivered_to | yesno | yes |
home_mailbox | text | |
local_command_shell | text | |
local_delivery_status_filter | tables | $default_delivery_status_filter |
local_destination_concurrency_limit | number | 2 |
local_destination_recipient_limit | number | 1 |
local_header_rewrite_clients | words | permit_inet_interfaces |
local_login_sender_maps | tables | static:* |
local_recipient_maps | tables | proxy:unix:passwd.byname $alias_maps |
local_transport | text | local:$myhostname |
luser_relay | raw | |
mail_spool_directory | text | /var/mail |
mailbox_command | raw | |
mailbox_command_maps | tables | |
mailbox_delivery_lock | words | fcntl, dotlock |
mailbox_size_limit | size | 51200000 |
mailbox_transport | text | |
mailbox_transport_maps | tables | |
newaliases_path | text | /usr/bin/newaliases |
owner_request_special | yesno | yes |
pipe_delivery_status_filter | tables | $default_delivery_status_filter |
prepend_delivered_header | words | command, file, forward |
propagate_unmatched_extensions | words | canonical, virtual |
recipient_delimiter | text | |
relocated_maps | tables | |
require_home_directory | yesno | no |
reset_owner_alias | yesno | no |
stale_lock_time | time:s | 500s |
strict_mailbox_ownership | yesno | yes |
sun_mailtool_compatibility | yesno | no |
virtual_delivery_status_filter | tables | $default_delivery_status_filter |
virtual_gid_maps | tables | |
virtual_mailbox_base | text | |
virtual_mailbox_domains | words | $virtual_mailbox_maps |
virtual_mailbox_limit | size | 51200000 |
virtual_mailbox_lock | words | fcntl, dotlock |
virtual_mailbox_maps | tables | |
virtual_minimum_uid | number | 100 |
virtual_transport | text | virtual |
virtual_uid_maps | tables | |
"""
