"""The floor that touches the world: sockets, files, clocks and processes. A fault of the world becomes a typed answer."""
