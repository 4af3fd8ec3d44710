"""Decide which addresses may be requested: a list of links must not give access to the network of enrich's machine."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from enrich.text.urls import is_local_name

Address = IPv4Address | IPv6Address

# https://www.iana.org/assignments/iana-ipv4-special-registry, said outright because `is_global` changed between
# releases of Python; the last row is a platform's metadata service on a public address (Azure).
_PRIVATE4 = tuple(
    IPv4Network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
        *("224.0.0.0/4", "240.0.0.0/4"),
        "168.63.129.16/32",
    )
)
# https://www.iana.org/assignments/iana-ipv6-special-registry: only 2000::/3 is given out, less these.
_GLOBAL6 = IPv6Network("2000::/3")
_PRIVATE6 = tuple(IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "3fff::/20"))
_NAT64 = IPv6Network("64:ff9b::/96")


@lru_cache(4096)
def is_private(address: Address) -> bool:
    """Return whether an address, or the IPv4 address inside it, is not on the public internet."""
    if isinstance(address, IPv4Address):
        return any(address in network for network in _PRIVATE4)
    if address.ipv4_mapped:
        return is_private(address.ipv4_mapped)
    if address.sixtofour:
        return is_private(address.sixtofour)
    if address in _NAT64:
        return is_private(IPv4Address(int(address) & 0xFFFFFFFF))
    return address not in _GLOBAL6 or any(address in network for network in _PRIVATE6)


@lru_cache(4096)
def literal(host: str) -> Address | None:
    """Return the address that a host name is, in any notation of resolvers; None for a real name.

    Besides dotted quads, these are `2130706433`, `0x7f.1`, `0177.0.0.1`: see
    https://url.spec.whatwg.org/#concept-ipv4-parser.
    """
    host = host.removesuffix(".").strip("[]").replace("%25", "%")
    try:
        return ip_address(host)
    except ValueError:
        pass
    parts = host.split(".")
    try:
        numbers = [_number(part) for part in parts]
    except ValueError:
        return None
    *heads, last = numbers
    if len(parts) > 4 or any(head > 255 for head in heads) or last >= 256 ** (5 - len(parts)):
        return None
    return IPv4Address(sum(head << (24 - 8 * at) for at, head in enumerate(heads)) + last)


def _number(text: str) -> int:
    if not text.isascii() or not text[:1].isdigit() or "_" in text:
        raise ValueError(text)
    if text[:2].lower() == "0x":
        return int(text[2:] or "0", 16)
    return int(text, 8 if text[0] == "0" else 10)


class Guard:
    """Checks hosts and addresses; `allow` has host names, addresses and networks that may be private."""

    def __init__(self, allow: Collection[str] = ()) -> None:
        self._names: set[str] = set()
        self._networks: list[IPv4Network | IPv6Network] = []
        self._known: dict[str, str | None] = {}
        for text in allow:
            try:
                self._networks.append(ip_network(text.strip("[]"), strict=False))
            except ValueError:
                self._names.add(text.lower().removesuffix("."))

    def objection(self, host: str, addresses: Collection[Address]) -> str | None:
        """Return why a host with these addresses must not be requested; None if it may."""
        if addresses:
            return self._objection(host, addresses)
        if host not in self._known:  # each of its pages asks
            self._known[host] = self._objection(host, ())
        return self._known[host]

    def objection_to_unknown(self, host: str) -> str | None:
        """Return why a host whose name was not found may exist all the same, in a local network; None if it may not."""
        if host.lower().removesuffix(".") in self._names or not is_local_name(host):
            return None
        return f"{host} is a name of a local network; not fetched"

    def _objection(self, host: str, addresses: Collection[Address]) -> str | None:
        name = host.lower().removesuffix(".")
        if name in self._names:
            return None
        written = literal(name)
        if written is None and (name == "localhost" or name.endswith(".localhost")) and not addresses:
            return f"{host} points to this machine; not fetched"
        for address in addresses or ([written] if written else []):
            if is_private(address) and not any(address in network for network in self._networks):
                return (
                    f"points to a private address ({address}); not fetched"
                    if written
                    else f"{host} points to a private address ({address}); not fetched"
                )
        return None
