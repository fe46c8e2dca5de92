"""Names, directories, processes, logs and everything that is no mail yet."""

TABLE = """
alternate_config_directories | words | |
anvil_rate_time_unit | time:s | 60s |
anvil_status_update_time | time:s | 600s |
application_event_drain_time | time:s | 100s |
authorized_flush_users | words | static:anyone |
authorized_mailq_users | words | static:anyone |
authorized_submit_users | words | static:anyone |
berkeley_db_create_buffer_size | size | 16777216 |
berkeley_db_read_buffer_size | size | 131072 |
broken_sasl_auth_clients | yesno | no |
compatibility_level | text | 0 |
config_directory | text | /etc/postfix |
connection_cache_protocol_timeout | time:s | 5s |
connection_cache_service_name | text | scache |
connection_cache_status_update_time | time:s | 600s |
connection_cache_ttl_limit | time:s | 2s |
cyrus_sasl_config_path | text | |
daemon_directory | text | /usr/lib/postfix/sbin |
daemon_table_open_error_is_fatal | yesno | no |
daemon_timeout | time:s | 18000s |
data_directory | text | /var/lib/postfix |
debug_peer_level | number | 2 |
debug_peer_list | words | |
debugger_command | text | |
default_database_type | text | hash |
disable_vrfy_command | yesno | no |
dns_ncache_ttl_fix_enable | yesno | no |
dnssec_probe | text | ns:. |
export_environment | words | TZ MAIL_CONFIG LANG |
fault_injection_code | number | 0 |
flush_service_name | text | flush |
fork_attempts | number | 5 |
fork_delay | time:s | 1s |
html_directory | text | /usr/share/doc/postfix/html |
import_environment | words | MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ XAUTHORITY DISPLAY LANG=C POSTLOG_SERVICE
    POSTLOG_HOSTNAME |
inet_interfaces | words | all |
inet_protocols | words | all |
info_log_address_format | text | external |
ipc_idle | time:s | 5s |
ipc_timeout | time:s | 3600s |
ipc_ttl | time:s | 1000s |
known_tcp_ports | words | lmtp=24, smtp=25, smtps=submissions=465, submission=587 |
lmdb_map_size | size | 16777216 |
mail_name | text | Postfix |
mail_owner | text | postfix |
mail_release_date | text | 20240304 |
mail_version | text | 3.7.11 |
maillog_file | text | |
maillog_file_compressor | text | gzip |
maillog_file_prefixes | words | /var, /dev/stdout |
maillog_file_rotate_suffix | text | %Y%m%d-%H%M%S |
mailq_path | text | /usr/bin/mailq |
manpage_directory | text | /usr/share/man |
master_service_disable | words | |
meta_directory | text | /etc/postfix |
multi_instance_directories | words | |
multi_instance_enable | yesno | no |
multi_instance_group | text | |
multi_instance_name | text | |
multi_instance_wrapper | text | |
mydomain | text | localdomain |
myhostname | text | localhost.localdomain |
mynetworks | words | 127.0.0.0/8 [::1]/128 |
mynetworks_style | text | ${{$compatibility_level} <level {2} ? {subnet} : {host}} |
pickup_service_name | text | pickup |
postlog_service_name | text | postlog |
postlogd_watchdog_timeout | time:s | 10s |
postmulti_control_commands | words | reload flush |
postmulti_start_commands | words | start |
postmulti_stop_commands | words | stop abort drain quick-stop |
process_id | number | 0 |
process_id_directory | text | pid |
process_name | text | |
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
    $smtp_mime_header_checks $smtp_nested_header_checks |
proxy_write_maps | words | $smtp_sasl_auth_cache_name $lmtp_sasl_auth_cache_name $address_verify_map
    $postscreen_cache_map |
proxymap_service_name | text | proxymap |
proxywrite_service_name | text | proxywrite |
qmqpd_authorized_clients | words | |
qmqpd_client_port_logging | yesno | no |
qmqpd_error_delay | time:s | 1s |
qmqpd_timeout | time:s | 300s |
readme_directory | text | /usr/share/doc/postfix |
respectful_logging | yesno | ${{$compatibility_level} <level {3.6} ? {no} : {yes}} |
sample_directory | text | /etc/postfix |
send_cyrus_sasl_authzid | yesno | no |
sendmail_path | text | /usr/sbin/sendmail |
service_name | text | |
setgid_group | text | postdrop |
shlib_directory | text | /usr/lib/postfix |
show_user_unknown_table_name | yesno | yes |
showq_service_name | text | showq |
stress | text | |
syslog_facility | text | mail |
syslog_name | text | ${multi_instance_name?{$multi_instance_name}:{postfix}} |
tcp_windowsize | number | 0 |
trigger_timeout | time:s | 10s |
"""
