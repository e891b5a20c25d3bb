"""HTTPS, by certificate files."""

from __future__ import annotations

import datetime
import http.client
import ipaddress
import json
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from headwater.errors import StoreError
from headwater.service.serving import Serving, Settings
from tests.service.conftest import Serve
from tests.service.served import JSON
from tests.store.making import event


@pytest.fixture
def certified(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for this machine, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    files = (tmp_path / "tls.pem", tmp_path / "tls.key")
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


@pytest.mark.slow
def test_events_over_https(serve: Serve, certified: tuple[Path, Path]) -> None:
    """With a certificate the service speaks TLS, and the lock names an https URL."""
    served = serve("--certificate", str(certified[0]), "--key", str(certified[1]))
    assert served.url.startswith("https://")
    trusted = ssl.create_default_context(cafile=str(certified[0]))
    connection = http.client.HTTPSConnection(served.host, served.port, context=trusted, timeout=30)
    connection.request("POST", "/api/v1/lineage", event(1), JSON)
    response = connection.getresponse()
    assert (response.status, json.loads(response.read())["entry"]) == (201, 0)
    connection.close()


def test_a_certificate_that_cannot_be_used(tmp_path: Path) -> None:
    """A file that is no certificate is an error and makes no store."""
    (tmp_path / "tls.pem").write_text("nonsense")
    with pytest.raises(StoreError, match="cannot be used"):
        Serving(Settings(store=str(tmp_path / "s"), certificate=tmp_path / "tls.pem"))
    assert not (tmp_path / "s").exists()
