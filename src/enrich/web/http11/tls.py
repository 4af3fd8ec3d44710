"""Trusted TLS, and untrusted TLS to see whether a page exists that browsers warn about, or that uses old TLS.

All requests first use strict TLS. Only a page whose handshake or certificate fails is requested once more with a
context that accepts old versions and ciphers, and the host's certificate, expired or not, signed by anyone. It must
still have the host's name: another name is another site.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime

import certifi
import truststore

from enrich.model import Unreachable

_OTHER_NAME = frozenset({62, 64})  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
_EXPIRED = 10
# Numbers of https://github.com/openssl/openssl/blob/master/include/openssl/x509_vfy.h.in
_TROUBLES: Mapping[int, str] = {
    9: "certificate not valid yet",
    _EXPIRED: "certificate expired",
    18: "self-signed certificate",
    19: "certificate of an unknown authority",
    20: "certificate chain incomplete, or its authority unknown",
    21: "certificate chain incomplete, or its authority unknown",
}
_OUTDATED = "outdated TLS"
_NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME, which the ssl module does not name
_LEGACY_SERVER_CONNECT = 0x4  # ssl.OP_LEGACY_SERVER_CONNECT, as of Python 3.12


def strict_context(*, system: bool = False) -> ssl.SSLContext:
    """Return the context for trusted TLS, with certifi's authorities or the operating system's.

    SSL_CERT_FILE and SSL_CERT_DIR name other authorities, as for OpenSSL itself.
    """
    if system:
        context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    elif file := os.environ.get("SSL_CERT_FILE"):
        context = ssl.create_default_context(cafile=file)
    elif folder := os.environ.get("SSL_CERT_DIR"):
        context = ssl.create_default_context(capath=folder)
    else:
        context = ssl.create_default_context(cafile=certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context


def unverified_context() -> ssl.SSLContext:
    """Return a context that accepts any certificate, only for looking at it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.options |= ssl.Options(_LEGACY_SERVER_CONNECT)
    context.set_alpn_protocols(["http/1.1"])
    return context


def context_for(certificate: bytes) -> ssl.SSLContext:
    """Return a context that accepts this one certificate (DER), at any time, from a host with its name."""
    context = unverified_context()
    context.load_verify_locations(cadata=certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    context.check_hostname = True
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN | ssl.VerifyFlags(_NO_CHECK_TIME)
    return context


def is_tls_answer(failure: Unreachable) -> bool:
    """Return whether the host ended the handshake, or its certificate did: a retry would fail, too."""
    return failure.kind == "tls" and tls_error(failure) is not None


def trouble_of(failure: Unreachable) -> str | None:
    """Return the TLS problem that may be ignored for a page; None for a certificate with another name."""
    if failure.kind != "tls" or failure.__cause__ is None:
        return None
    cause = tls_error(failure)
    if not isinstance(cause, ssl.SSLCertVerificationError):
        return _OUTDATED
    if cause.verify_code in _OTHER_NAME:
        return None
    return _TROUBLES.get(cause.verify_code, f"certificate not valid: {cause.verify_message}")


def trouble_in_words(trouble: str, connection: ssl.SSLObject, now: datetime) -> str:
    """Return the problem with its details from the connection: the day, or the version and the cipher."""
    if trouble == _OUTDATED:
        cipher = connection.cipher()
        return f"{trouble} ({', '.join(filter(None, (connection.version(), cipher and cipher[0])))})"
    if trouble == _TROUBLES[_EXPIRED]:
        certificate = connection.getpeercert() or {}
        end = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
        return f"{trouble} on {end:%Y-%m-%d}" if end <= now else "certificate of an authority expired"
    return trouble


def tls_error(error: BaseException) -> ssl.SSLError | None:
    """Return the first TLS failure among an exception and its causes, which may form a cycle."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause and id(cause) not in seen:
        if isinstance(cause, ssl.SSLError):
            return cause
        seen.add(id(cause))
        cause = cause.__cause__ or cause.__context__
    return None
