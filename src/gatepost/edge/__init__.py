"""The floor that touches the world: sockets, files, clocks, processes. A fault of the world becomes a typed answer."""
