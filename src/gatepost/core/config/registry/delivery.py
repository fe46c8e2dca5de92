"""Delivery on this machine: local(8), virtual(8), pipe(8) and aliases."""

TABLE = """
alias_database | tables | hash:/etc/aliases | Alias tables that newaliases builds.
alias_maps | tables | hash:/etc/aliases, nis:mail.aliases | Alias tables that local delivery searches.
allow_mail_to_commands | words | alias, forward | Where a |command may stand as destination.
allow_mail_to_files | words | alias, forward | Where a /file may stand as destination.
allow_min_user | yesno | no | Allow recipients that begin with a minus sign.
biff | yesno | yes | Tell logged-in users of new mail.
command_directory | text | /usr/sbin | Where the administration commands are.
command_execution_directory | raw | | Working directory of commands that local delivery runs.
command_expansion_filter | text | 1234567890!@%-_=+:,./abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ |
    Characters that may reach a mailbox command.
command_time_limit | time:s | 1000s | How long a command may take for a delivery.
default_privs | text | nobody | Whose rights a delivery to file or command has that nobody owns.
deliver_lock_attempts | number | 20 | How often a mailbox lock is tried.
deliver_lock_delay | time:s | 1s | Pause between two tries of a mailbox lock.
duplicate_filter_limit | number | 1000 | Recipients that are remembered to find duplicates.
execution_directory_expansion_filter | text |
    1234567890!@%-_=+:,./abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ | Characters that may get into an
    execution directory.
expand_owner_alias | yesno | no | The sender of list mail is what owner-list stands for.
fallback_transport | text | | Where mail for unknown local users goes.
fallback_transport_maps | tables | | The same by recipient.
forward_expansion_filter | text | 1234567890!@%-_=+:,./abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ |
    Characters that may get into forward_path.
forward_path | raw | $home/.forward${recipient_delimiter}${extension}, $home/.forward | Where a user's .forward file
    is sought.
frozen_delivered_to | yesno | yes | Set Delivered-To: once, before aliases are followed.
home_mailbox | text | | Mailbox below the home directory; with a slash at the end a Maildir.
local_command_shell | text | | Shell for commands of local delivery; empty: only where needed.
local_delivery_status_filter | tables | $default_delivery_status_filter | default_delivery_status_filter of local
    delivery.
local_destination_concurrency_limit | number | 2 | Parallel deliveries to one local recipient.
local_destination_recipient_limit | number | 1 | Recipients in one local delivery.
local_header_rewrite_clients | words | permit_inet_interfaces | Clients whose headers are completed with our domain.
local_login_sender_maps | tables | static:* | Senders that a login name may use with sendmail.
local_recipient_maps | tables | proxy:unix:passwd.byname $alias_maps | Local recipients that exist; empty: all are
    taken.
local_transport | text | local:$myhostname | How mail for mydestination is delivered.
luser_relay | raw | | Where mail for unknown local users goes, as one address.
mail_spool_directory | text | /var/mail | Where local mailboxes are; with a slash at the end Maildirs.
mailbox_command | raw | | Command that delivers to local mailboxes.
mailbox_command_maps | tables | | The same by user.
mailbox_delivery_lock | words | fcntl, dotlock | How local mailboxes are locked.
mailbox_size_limit | size | 51200000 | Octets that a local mailbox may have; 0: no limit.
mailbox_transport | text | | Transport that delivers to local mailboxes.
mailbox_transport_maps | tables | | The same by user.
newaliases_path | text | /usr/bin/newaliases | Where newaliases is.
owner_request_special | yesno | yes | Treat owner-list and list-request specially.
pipe_delivery_status_filter | tables | $default_delivery_status_filter | default_delivery_status_filter of pipe
    delivery.
prepend_delivered_header | words | command, file, forward | Deliveries that write a Delivered-To: header.
propagate_unmatched_extensions | words | canonical, virtual | Tables whose results keep the +extension of the key.
recipient_delimiter | text | | Characters between a user and an +extension.
relocated_maps | tables | | Recipients that moved, and where to.
require_home_directory | yesno | no | Deliver only to users whose home directory exists.
reset_owner_alias | yesno | no | Forget owner-list where an alias leads to another.
stale_lock_time | time:s | 500s | When a mailbox's lock file is taken for forgotten.
strict_mailbox_ownership | yesno | yes | Put off mail for a mailbox that is not the recipient's own.
sun_mailtool_compatibility | yesno | no | Hold lock files like an old mail program.
virtual_delivery_status_filter | tables | $default_delivery_status_filter | default_delivery_status_filter of virtual
    delivery.
virtual_gid_maps | tables | | Group by virtual mailbox.
virtual_mailbox_base | text | | Directory in front of every virtual mailbox.
virtual_mailbox_domains | words | $virtual_mailbox_maps | Domains whose mailboxes are virtual.
virtual_mailbox_limit | size | 51200000 | Octets that a virtual mailbox may have; 0: no limit.
virtual_mailbox_lock | words | fcntl, dotlock | How virtual mailboxes are locked.
virtual_mailbox_maps | tables | | Virtual mailboxes: recipient and path.
virtual_minimum_uid | number | 100 | Smallest user id that virtual delivery takes.
virtual_transport | text | virtual | How mail for virtual_mailbox_domains is delivered.
virtual_uid_maps | tables | | User by virtual mailbox.
"""
