"""HTTP/1.1 over our own connections: heads and bodies parsed as in browsers, TLS, and address fallback."""
