"""How services are asked: in batches, stored answers first, then the network; what all sources share."""
