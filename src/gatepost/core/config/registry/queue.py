"""The queue: scheduling, retries, bounces and notices (SCHEDULER_README, qmgr(8), bounce(8))."""

TABLE = """
2bounce_notice_recipient | text | postmaster | Who gets mail that could not even be bounced.
backwards_bounce_logfile_compatibility | yesno | yes | Write bounce logs that old versions can read as well.
bounce_notice_recipient | text | postmaster | Who gets copies of bounces where notify_classes asks for them.
bounce_queue_lifetime | time:d | 5d | How long a bounce is tried before it is dropped.
bounce_service_name | text | bounce | The bounce service in master.cf.
bounce_size_limit | number | 50000 | Octets of the original mail that a bounce carries.
bounce_template_file | text | | File with the texts of bounces; empty: built in.
confirm_delay_cleared | yesno | no | Tell the sender when delayed mail got through after all.
default_delivery_slot_cost | number | 5 | Deliveries after which another mail may overtake.
default_delivery_slot_discount | number | 50 | Percentage of slots that may be missing for overtaking.
default_delivery_slot_loan | number | 3 | Slots that may be missing for an early overtaking.
default_delivery_status_filter | tables | | Tables that rewrite the status of every delivery.
default_destination_concurrency_failed_cohort_limit | number | 1 | Failing rounds until a destination counts as dead.
default_destination_concurrency_limit | number | 20 | Parallel deliveries to one destination.
default_destination_concurrency_negative_feedback | text | 1 | How much concurrency a failed delivery costs.
default_destination_concurrency_positive_feedback | text | 1 | How much concurrency a good delivery earns.
default_destination_rate_delay | time:s | 0s | Pause between two deliveries to one destination.
default_destination_recipient_limit | number | 50 | Recipients in one delivery.
default_extra_recipient_limit | number | 1000 | Recipients in memory for mail that overtakes.
default_minimum_delivery_slots | number | 3 | Slots that a mail must promise to be overtaken.
default_process_limit | number | 100 | Processes of a service where master.cf says nothing.
default_recipient_limit | number | 20000 | Recipients of one transport in memory.
default_recipient_refill_delay | time:s | 5s | Longest wait until more recipients are read.
default_recipient_refill_limit | number | 100 | Recipients that are read at once.
default_transport_rate_delay | time:s | 0s | Pause between two deliveries of one transport.
default_verp_delimiters | text | += | The two characters of a VERP return address.
defer_service_name | text | defer | The service in master.cf that keeps logs of deferrals.
defer_transports | words | | Transports whose mail waits until the queue is flushed.
delay_logging_resolution_limit | number | 2 | Digits after the point in logged delays.
delay_notice_recipient | text | postmaster | Who gets copies of delay warnings where notify_classes asks for them.
delay_warning_time | time:h | 0h | After how long the sender is warned of a delay; 0: never.
destination_concurrency_feedback_debug | yesno | no | Log every change of concurrency.
disable_verp_bounces | yesno | no | One bounce for all recipients of a VERP mail.
dont_remove | number | 0 | Keep finished queue files for debugging.
double_bounce_sender | text | double-bounce | Sender of mail whose own failure is not reported.
enable_long_queue_ids | yesno | no | Queue ids that are never used twice.
enable_threaded_bounces | yesno | no | Bounces refer to the original, so that mail programs thread them.
error_notice_recipient | text | postmaster | Who gets copies of error notices where notify_classes asks for them.
error_service_name | text | error | The service in master.cf that fails mail on purpose.
fast_flush_domains | words | $relay_domains | Destinations for which ETRN and sendmail -qR keep logs of waiting mail.
fast_flush_purge_time | time:d | 7d | When an unused log of waiting mail is removed.
fast_flush_refresh_time | time:h | 12h | When a log that was not asked for is refreshed.
hash_queue_depth | number | 1 | Levels of subdirectories in the queues of hash_queue_names.
hash_queue_names | words | deferred, defer | Queues that are split over subdirectories.
helpful_warnings | yesno | yes | Log warnings about doubtful settings.
hopcount_limit | number | 50 | Received: lines after which a mail is taken for looping.
in_flow_delay | time:s | 1s | How long new mail waits while more comes in than goes out.
initial_destination_concurrency | number | 5 | Parallel deliveries that a destination begins at.
max_idle | time:s | 100s | How long a process waits for work before it ends.
max_use | number | 100 | Requests after which a process ends.
maximal_backoff_time | time:s | 4000s | Longest pause between two tries of a deferred mail.
maximal_queue_lifetime | time:d | 5d | How long a mail is tried before it bounces.
minimal_backoff_time | time:s | 300s | Shortest pause between two tries of a deferred mail.
notify_classes | words | resource, software | Kinds of trouble that the postmaster is told about.
qmgr_clog_warn_time | time:s | 300s | Shortest time between two warnings of a clogged queue.
qmgr_daemon_timeout | time:s | 1000s | How long the queue manager may take for one request.
qmgr_fudge_factor | number | 100 | Percentage of resources for deliveries before they share.
qmgr_ipc_timeout | time:s | 60s | How long the queue manager waits for another process.
qmgr_message_active_limit | number | 20000 | Mails in the active queue.
qmgr_message_recipient_limit | number | 20000 | Recipients in memory, and destinations known to be down.
qmgr_message_recipient_minimum | number | 10 | Recipients in memory that every mail may have.
queue_directory | text | /var/spool/postfix | Where the queue and the services' sockets are.
queue_file_attribute_count_limit | number | 100 | Named attributes in one queue file.
queue_minfree | size | 0 | Free octets that the queue's file system must have before mail is accepted.
queue_run_delay | time:s | 300s | Pause between two looks at the deferred queue.
queue_service_name | text | qmgr | The queue manager's service in master.cf.
service_throttle_time | time:s | 60s | How long a service that fails to start is left alone.
soft_bounce | yesno | no | Turn every permanent failure into a temporary one.
trace_service_name | text | trace | The service in master.cf that reports deliveries.
transport_retry_time | time:s | 60s | How long a broken transport is left alone.
verp_delimiter_filter | text | -=+ | Characters that may be VERP delimiters.
"""
