"""What a message may look like: headers, MIME, sizes, SMTPUTF8 (cleanup(8))."""

TABLE = """
body_checks | tables | |
body_checks_size_limit | number | 51200 |
cleanup_replace_stray_cr_lf | yesno | yes |
cleanup_service_name | text | cleanup |
detect_8bit_encoding_header | yesno | yes |
disable_mime_input_processing | yesno | no |
disable_mime_output_conversion | yesno | no |
enable_idna2003_compatibility | yesno | no |
enable_original_recipient | yesno | yes |
header_address_token_limit | number | 10240 |
header_checks | tables | |
header_from_format | text | standard |
header_size_limit | number | 102400 |
line_length_limit | number | 2048 |
message_drop_headers | words | bcc, content-length, resent-bcc, return-path |
message_reject_characters | text | |
message_size_limit | size | 10240000 |
message_strip_characters | text | |
mime_boundary_length_limit | number | 2048 |
mime_header_checks | tables | $header_checks |
mime_nesting_limit | number | 100 |
nested_header_checks | tables | $header_checks |
sendmail_fix_line_endings | text | always |
smtputf8_autodetect_classes | words | sendmail, verify |
smtputf8_enable | yesno | ${{$compatibility_level} <level {1} ? {no} : {yes}} |
strict_7bit_headers | yesno | no |
strict_8bitmime | yesno | no |
strict_8bitmime_body | yesno | no |
strict_mime_encoding_domain | yesno | no |
strict_rfc821_envelopes | yesno | no |
strict_smtputf8 | yesno | no |
"""
