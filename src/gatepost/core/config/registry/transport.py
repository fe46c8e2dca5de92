"""What every delivery agent has under its name in master.cf, and NAME_time_limit of pipe(8) and spawn(8)."""

TABLE = """
*_delivery_slot_cost | number | $default_delivery_slot_cost | Deliveries after which another mail may overtake.
*_delivery_slot_discount | number | $default_delivery_slot_discount | Percentage of slots that may be missing for it.
*_delivery_slot_loan | number | $default_delivery_slot_loan | Slots that may be missing for an early overtaking.
*_destination_concurrency_failed_cohort_limit | number | $default_destination_concurrency_failed_cohort_limit |
    Failing rounds until a destination counts as dead.
*_destination_concurrency_limit | number | $default_destination_concurrency_limit | Parallel deliveries to one place.
*_destination_concurrency_negative_feedback | text | $default_destination_concurrency_negative_feedback |
    How much concurrency a failed delivery costs.
*_destination_concurrency_positive_feedback | text | $default_destination_concurrency_positive_feedback |
    How much concurrency a good delivery earns.
*_destination_rate_delay | time:s | $default_destination_rate_delay | Pause between two deliveries to one place.
*_destination_recipient_limit | number | $default_destination_recipient_limit | Recipients in one delivery.
*_extra_recipient_limit | number | $default_extra_recipient_limit | Recipients in memory for mail that overtakes.
*_initial_destination_concurrency | number | $initial_destination_concurrency | Concurrency to begin at.
*_minimum_delivery_slots | number | $default_minimum_delivery_slots | Slots a mail must promise to be overtaken.
*_recipient_limit | number | $default_recipient_limit | Recipients of this transport in memory.
*_recipient_refill_delay | time:s | $default_recipient_refill_delay | Longest wait until more recipients are read.
*_recipient_refill_limit | number | $default_recipient_refill_limit | Recipients that are read at once.
*_time_limit | time:s | $command_time_limit | How long the command may run.
*_transport_rate_delay | time:s | $default_transport_rate_delay | Pause between two deliveries of the transport.
"""
