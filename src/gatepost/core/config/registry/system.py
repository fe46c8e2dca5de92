"""Names, directories, processes, logs and everything that is no mail yet."""

TABLE = """
alternate_config_directories | words | | Other configuration directories that users may name.
anvil_rate_time_unit | time:s | 60s | Time over which clients' rates are counted.
anvil_status_update_time | time:s | 600s | How often the highest counts are logged.
application_event_drain_time | time:s | 100s | How long a service's requests may take to end after it is told to stop.
authorized_flush_users | words | static:anyone | Who may flush the queue.
authorized_mailq_users | words | static:anyone | Who may see the queue.
authorized_submit_users | words | static:anyone | Who may send with sendmail.
berkeley_db_create_buffer_size | size | 16777216 | Buffer for making Berkeley DB tables.
berkeley_db_read_buffer_size | size | 131072 | Buffer for reading Berkeley DB tables.
broken_sasl_auth_clients | yesno | no | Offer AUTH in the form that old clients expect as well.
compatibility_level | text | 0 | Version of the defaults that the configuration was written for.
config_directory | text | /etc/postfix | Where main.cf and master.cf are.
connection_cache_protocol_timeout | time:s | 5s | How long the connection cache may take to answer.
connection_cache_service_name | text | scache | The connection cache in master.cf.
connection_cache_status_update_time | time:s | 600s | How often the connection cache logs its use.
connection_cache_ttl_limit | time:s | 2s | How long a connection may wait in the cache.
cyrus_sasl_config_path | text | | Where Cyrus SASL's application files are.
daemon_directory | text | /usr/lib/postfix/sbin | Where the service programs are.
daemon_table_open_error_is_fatal | yesno | no | End a program that cannot open a table.
daemon_timeout | time:s | 18000s | How long a program may take for one request.
data_directory | text | /var/lib/postfix | Where programs keep data of their own.
debug_peer_level | number | 2 | How much more is logged for debug_peer_list.
debug_peer_list | words | | Peers about whom more is logged.
debugger_command | text | | Command that starts a debugger on a program run with -D.
default_database_type | text | hash | Type of tables that postmap and postalias make.
disable_vrfy_command | yesno | no | Refuse VRFY.
dns_ncache_ttl_fix_enable | yesno | no | Work around a resolver's wrong lifetime of negative answers.
dnssec_probe | text | ns:. | What is asked to see whether DNSSEC works.
export_environment | words | TZ MAIL_CONFIG LANG | Environment that other programs get.
fault_injection_code | number | 0 | For tests of Postfix itself.
flush_service_name | text | flush | The flush service in master.cf.
fork_attempts | number | 5 | How often a new process is tried.
fork_delay | time:s | 1s | Pause between two such tries.
html_directory | text | /usr/share/doc/postfix/html | Where the manual is as HTML.
import_environment | words | MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ XAUTHORITY DISPLAY LANG=C POSTLOG_SERVICE
    POSTLOG_HOSTNAME | Environment that is taken from outside.
inet_interfaces | words | all | Addresses that we listen on, and that count as ours.
inet_protocols | words | all | IPv4, IPv6 or both.
info_log_address_format | text | external | How addresses are quoted in the log.
ipc_idle | time:s | 5s | How long an idle connection to another service is kept.
ipc_timeout | time:s | 3600s | How long talking to another service may take.
ipc_ttl | time:s | 1000s | How long any connection to another service is kept.
known_tcp_ports | words | lmtp=24, smtp=25, smtps=submissions=465, submission=587 | Port numbers by name, before
    /etc/services.
lmdb_map_size | size | 16777216 | Size that an LMDB table begins with.
mail_name | text | Postfix | Name of the mail system in banner and headers.
mail_owner | text | postfix | User that owns the queue and runs most programs.
mail_release_date | text | 20240304 | When this version of Postfix was released.
mail_version | text | 3.7.11 | This version of Postfix.
maillog_file | text | | Log file, or /dev/stdout; empty: syslog.
maillog_file_compressor | text | gzip | Program that compresses old logs.
maillog_file_prefixes | words | /var, /dev/stdout | Where a log file may be.
maillog_file_rotate_suffix | text | %Y%m%d-%H%M%S | Date that the name of an old log gets.
mailq_path | text | /usr/bin/mailq | Where mailq is.
manpage_directory | text | /usr/share/man | Where the manual pages are.
master_service_disable | words | | Services or types of master.cf that are not started.
meta_directory | text | /etc/postfix | Where files about the installation are.
multi_instance_directories | words | | Configuration directories of other instances.
multi_instance_enable | yesno | no | Start this instance with the others.
multi_instance_group | text | | Group that this instance belongs to.
multi_instance_name | text | | Name of this instance.
multi_instance_wrapper | text | | Command that starts and stops all instances.
mydomain | text | localdomain | Our domain; otherwise myhostname without its first part.
myhostname | text | localhost.localdomain | Our name on the Internet.
mynetworks | words | 127.0.0.0/8 [::1]/128 | Clients that we trust.
mynetworks_style | text | ${{$compatibility_level} <level {2} ? {subnet} : {host}} | How mynetworks is made from our
    interfaces: host, subnet or class.
pickup_service_name | text | pickup | The pickup service in master.cf.
postlog_service_name | text | postlog | The log service in master.cf.
postlogd_watchdog_timeout | time:s | 10s | How long the log service may take for one request.
postmulti_control_commands | words | reload flush | Commands for all running instances.
postmulti_start_commands | words | start | Commands that start instances.
postmulti_stop_commands | words | stop abort drain quick-stop | Commands that stop instances.
process_id | number | 0 | Number of the running process.
process_id_directory | text | pid | Where lock files of the programs are, below the queue.
process_name | text | | Name of the running program.
proxy_read_maps | words | $local_recipient_maps $mydestination $virtual_alias_maps $virtual_alias_domains
    $virtual_mailbox_maps $virtual_mailbox_domains $relay_recipient_maps $relay_domains $canonical_maps
    $sender_canonical_maps $recipient_canonical_maps $relocated_maps $transport_maps $mynetworks
    $smtpd_sender_login_maps $sender_bcc_maps $recipient_bcc_maps $smtp_generic_maps $lmtp_generic_maps $alias_maps
    $smtpd_client_restrictions $smtpd_helo_restrictions $smtpd_sender_restrictions $smtpd_relay_restrictions
    $smtpd_recipient_restrictions $address_verify_sender_dependent_default_transport_maps
    $address_verify_sender_dependent_relayhost_maps $address_verify_transport_maps $fallback_transport_maps
    $lmtp_discard_lhlo_keyword_address_maps $lmtp_pix_workaround_maps $lmtp_sasl_password_maps $lmtp_tls_policy_maps
    $mailbox_command_maps $mailbox_transport_maps $postscreen_discard_ehlo_keyword_address_maps $rbl_reply_maps
    $sender_dependent_default_transport_maps $sender_dependent_relayhost_maps $smtp_discard_ehlo_keyword_address_maps
    $smtp_pix_workaround_maps $smtp_sasl_password_maps $smtp_tls_policy_maps $smtpd_discard_ehlo_keyword_address_maps
    $smtpd_milter_maps $virtual_gid_maps $virtual_uid_maps $local_login_sender_maps $postscreen_reject_footer_maps
    $smtpd_reject_footer_maps $tls_server_sni_maps $tlsproxy_client_policy_maps $default_delivery_status_filter
    $lmtp_delivery_status_filter $lmtp_dns_reply_filter $lmtp_reply_filter $local_delivery_status_filter
    $pipe_delivery_status_filter $postscreen_command_filter $smtp_delivery_status_filter $smtp_dns_reply_filter
    $smtp_reply_filter $smtpd_command_filter $smtpd_dns_reply_filter $virtual_delivery_status_filter $body_checks
    $header_checks $lmtp_body_checks $lmtp_header_checks $lmtp_mime_header_checks $lmtp_nested_header_checks
    $milter_header_checks $mime_header_checks $nested_header_checks $smtp_body_checks $smtp_header_checks
    $smtp_mime_header_checks $smtp_nested_header_checks | Tables that the proxymap service may read.
proxy_write_maps | words | $smtp_sasl_auth_cache_name $lmtp_sasl_auth_cache_name $address_verify_map
    $postscreen_cache_map | Tables that the proxywrite service may write.
proxymap_service_name | text | proxymap | The table service for reading in master.cf.
proxywrite_service_name | text | proxywrite | The table service for writing in master.cf.
qmqpd_authorized_clients | words | | Clients that may use QMQP.
qmqpd_client_port_logging | yesno | no | Log the QMQP client's port.
qmqpd_error_delay | time:s | 1s | Pause before an answer that refuses a QMQP client.
qmqpd_timeout | time:s | 300s | How long reading from and writing to a QMQP client may take.
readme_directory | text | /usr/share/doc/postfix | Where the README files are.
respectful_logging | yesno | ${{$compatibility_level} <level {3.6} ? {no} : {yes}} | Log allowlist and denylist, not
    the older words.
sample_directory | text | /etc/postfix | Where sample files are.
send_cyrus_sasl_authzid | yesno | no | Send the authorisation name with Cyrus SASL.
sendmail_path | text | /usr/sbin/sendmail | Where sendmail is.
service_name | text | | Name in master.cf of the running service.
setgid_group | text | postdrop | Group of the programs that submit mail.
shlib_directory | text | /usr/lib/postfix | Where shared libraries are.
show_user_unknown_table_name | yesno | yes | Say in a reply which table does not know the user.
showq_service_name | text | showq | The service in master.cf that lists the queue.
stress | text | | Set by the system under overload, for expressions in other values.
syslog_facility | text | mail | Facility of log lines.
syslog_name | text | ${multi_instance_name?{$multi_instance_name}:{postfix}} | Name in front of a program's name in
    the log.
tcp_windowsize | number | 0 | Size of TCP buffers; 0: the system's.
trigger_timeout | time:s | 10s | How long waking another service may take.
"""
