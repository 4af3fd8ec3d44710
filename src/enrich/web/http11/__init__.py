"""HTTP/1.1 over connections of our own: heads and bodies read as browsers read them, TLS, and address fallback."""
