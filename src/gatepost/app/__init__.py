"""The top floor: builds the parts and connects them."""
