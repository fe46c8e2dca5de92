"""What a message may look like: headers, MIME, sizes, SMTPUTF8 (cleanup(8))."""

TABLE = """
body_checks | tables | | Tables that body lines are looked up in.
body_checks_size_limit | number | 51200 | Octets of each part that body_checks look at.
cleanup_replace_stray_cr_lf | yesno | yes | Put a space for a CR or LF that ends no line.
cleanup_service_name | text | cleanup | The cleanup service in master.cf.
detect_8bit_encoding_header | yesno | yes | Find Content-Transfer-Encoding: headers to know 8-bit mail.
disable_mime_input_processing | yesno | no | Do not look into MIME when mail arrives.
disable_mime_output_conversion | yesno | no | Do not convert 8BITMIME to 7BIT when mail leaves.
enable_idna2003_compatibility | yesno | no | Convert domain names by the older IDNA rules.
enable_original_recipient | yesno | yes | Keep the recipient as it was before aliases.
header_address_token_limit | number | 10240 | Parts of an address header that are looked at.
header_checks | tables | | Tables that header lines are looked up in.
header_from_format | text | standard | Form of a From: header that we write.
header_size_limit | number | 102400 | Octets of one header; the rest is dropped.
line_length_limit | number | 2048 | Octets of a line in memory; longer ones are cut up.
message_drop_headers | words | bcc, content-length, resent-bcc, return-path | Headers that are removed from new mail.
message_reject_characters | text | | Characters for which a mail is refused.
message_size_limit | size | 10240000 | Octets that a mail with its envelope may have.
message_strip_characters | text | | Characters that are removed from a mail.
mime_boundary_length_limit | number | 2048 | Characters of a MIME boundary that are compared.
mime_header_checks | tables | $header_checks | Tables for MIME headers.
mime_nesting_limit | number | 100 | Deepest nesting of MIME parts.
nested_header_checks | tables | $header_checks | Tables for headers of attached mail.
sendmail_fix_line_endings | text | always | When sendmail turns CRLF into LF.
smtputf8_autodetect_classes | words | sendmail, verify | Mail that is searched for the need of SMTPUTF8.
smtputf8_enable | yesno | ${{$compatibility_level} <level {1} ? {no} : {yes}} | Offer SMTPUTF8.
strict_7bit_headers | yesno | no | Refuse 8-bit characters in headers.
strict_8bitmime | yesno | no | Refuse 8-bit characters in headers and in undeclared content.
strict_8bitmime_body | yesno | no | Refuse 8-bit content that is not declared.
strict_mime_encoding_domain | yesno | no | Refuse forbidden encodings of attached mail and multipart content.
strict_rfc821_envelopes | yesno | no | MAIL and RCPT take only addresses in < > without comments.
strict_smtputf8 | yesno | no | Take UTF-8 in addresses only with SMTPUTF8.
"""
