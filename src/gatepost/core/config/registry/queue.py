"""The queue: scheduling, retries, bounces and notices (SCHEDULER_README, qmgr(8), bounce(8))."""

TABLE = """
2bounce_notice_recipient | text | postmaster |
backwards_bounce_logfile_compatibility | yesno | yes |
bounce_notice_recipient | text | postmaster |
bounce_queue_lifetime | time:d | 5d |
bounce_service_name | text | bounce |
bounce_size_limit | number | 50000 |
bounce_template_file | text | |
confirm_delay_cleared | yesno | no |
default_delivery_slot_cost | number | 5 |
default_delivery_slot_discount | number | 50 |
default_delivery_slot_loan | number | 3 |
default_delivery_status_filter | tables | |
default_destination_concurrency_failed_cohort_limit | number | 1 |
default_destination_concurrency_limit | number | 20 |
default_destination_concurrency_negative_feedback | text | 1 |
default_destination_concurrency_positive_feedback | text | 1 |
default_destination_rate_delay | time:s | 0s |
default_destination_recipient_limit | number | 50 |
default_extra_recipient_limit | number | 1000 |
default_minimum_delivery_slots | number | 3 |
default_process_limit | number | 100 |
default_recipient_limit | number | 20000 |
default_recipient_refill_delay | time:s | 5s |
default_recipient_refill_limit | number | 100 |
default_transport_rate_delay | time:s | 0s |
default_verp_delimiters | text | += |
defer_service_name | text | defer |
defer_transports | words | |
delay_logging_resolution_limit | number | 2 |
delay_notice_recipient | text | postmaster |
delay_warning_time | time:h | 0h |
destination_concurrency_feedback_debug | yesno | no |
disable_verp_bounces | yesno | no |
dont_remove | number | 0 |
double_bounce_sender | text | double-bounce |
enable_long_queue_ids | yesno | no |
enable_threaded_bounces | yesno | no |
error_notice_recipient | text | postmaster |
error_service_name | text | error |
fast_flush_domains | words | $relay_domains |
fast_flush_purge_time | time:d | 7d |
fast_flush_refresh_time | time:h | 12h |
hash_queue_depth | number | 1 |
hash_queue_names | words | deferred, defer |
helpful_warnings | yesno | yes |
hopcount_limit | number | 50 |
in_flow_delay | time:s | 1s |
initial_destination_concurrency | number | 5 |
max_idle | time:s | 100s |
max_use | number | 100 |
maximal_backoff_time | time:s | 4000s |
maximal_queue_lifetime | time:d | 5d |
minimal_backoff_time | time:s | 300s |
notify_classes | words | resource, software |
qmgr_clog_warn_time | time:s | 300s |
qmgr_daemon_timeout | time:s | 1000s |
qmgr_fudge_factor | number | 100 |
qmgr_ipc_timeout | time:s | 60s |
qmgr_message_active_limit | number | 20000 |
qmgr_message_recipient_limit | number | 20000 |
qmgr_message_recipient_minimum | number | 10 |
queue_directory | text | /var/spool/postfix |
queue_file_attribute_count_limit | number | 100 |
queue_minfree | size | 0 |
queue_run_delay | time:s | 300s |
queue_service_name | text | qmgr |
service_throttle_time | time:s | 60s |
soft_bounce | yesno | no |
trace_service_name | text | trace |
transport_retry_time | time:s | 60s |
verp_delimiter_filter | text | -=+ |
"""
