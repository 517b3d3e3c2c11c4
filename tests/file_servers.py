"""Small servers that give files as the real ones do: over HTTP with conditions, and over SFTP."""

from __future__ import annotations

import hashlib
import os
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import paramiko
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


def certificate_for(name: str, folder: Path) -> Path:
    """A certificate that signs itself, with its key, for one name."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        made.public_bytes(Encoding.PEM)
        + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    return path


class WebServer:
    """Files by address; `moved` redirects, `broken` answers a status, `cut` breaks the line."""

    def __init__(self, certificate: Path | None = None) -> None:
        self.files: dict[str, bytes | Path] = {}
        self.moved: dict[str, str] = {}
        self.broken: dict[str, int] = {}
        self.cut: set[str] = set()
        self.asked: list[tuple[str, int]] = []
        self.headers: list[dict[str, str]] = []
        self.answers: dict[str, Any] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer._answer(self)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            self.url = f"https://localhost:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = urlsplit(handler.path).path
        self.headers.append(dict(handler.headers))
        if path in self.answers:
            body, status = self.answers[path](handler.path), 200
        elif path in self.moved or path in self.broken or path not in self.files:
            body, status = b"", 302 if path in self.moved else self.broken.get(path, 404)
        else:
            held = self.files[path]
            body, status = held if isinstance(held, bytes) else held.read_bytes(), 200
        mark = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if status == 200 and handler.headers.get("If-None-Match") == mark:
            body, status = b"", 304
        self.asked.append((path, status))
        handler.send_response(status)
        handler.send_header("ETag", mark)
        if path in self.moved:
            handler.send_header("Location", self.moved[path])
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[: len(body) // 2] if path in self.cut else body)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class _Door(paramiko.ServerInterface):
    def __init__(self, key: paramiko.PKey | None) -> None:
        self.key = key

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        good = username == "county" and key == self.key
        return paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED

    def check_auth_password(self, username: str, password: str) -> int:
        good = (username, password) == ("county", "open sesame")
        return paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED

    def get_allowed_auths(self, username: str) -> str:
        return "password,publickey"


class _Handle(paramiko.SFTPHandle):
    def stat(self) -> Any:
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))


def _files_of(root: Path) -> type[paramiko.SFTPServerInterface]:
    class Files(paramiko.SFTPServerInterface):
        def list_folder(self, path: str) -> Any:
            found = []
            for each in (root / path.lstrip("/")).iterdir():
                attributes = paramiko.SFTPAttributes.from_stat(each.stat())
                attributes.filename = each.name
                found.append(attributes)
            return found

        def stat(self, path: str) -> Any:
            return paramiko.SFTPAttributes.from_stat((root / path.lstrip("/")).stat())

        lstat = stat

        def open(self, path: str, flags: int, attr: Any) -> Any:
            handle = _Handle(flags)
            handle.readfile = (root / path.lstrip("/")).open("rb")
            return handle

    return Files


@contextmanager
def sftp_server(root: Path, signs_in: paramiko.PKey | None = None) -> Iterator[tuple[str, str]]:
    """Serves a folder; gives host with port, and the line of its host key."""
    key = paramiko.RSAKey.generate(2048)
    listening = socket.create_server(("127.0.0.1", 0))
    transports: list[paramiko.Transport] = []

    def serve() -> None:
        while True:
            try:
                line, _ = listening.accept()
            except OSError:
                return
            transport = paramiko.Transport(line)
            transport.add_server_key(key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _files_of(root))
            transports.append(transport)
            try:
                transport.start_server(server=_Door(signs_in))
            except (paramiko.SSHException, EOFError, OSError):
                transport.close()

    threading.Thread(target=serve, daemon=True).start()
    port = listening.getsockname()[1]
    try:
        yield f"127.0.0.1:{port}", f"ssh-rsa {key.get_base64()}"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        for each in transports:
            each.close()
