"""How services are asked: in batches, with stored answers before the network; shared by all sources."""
