"""Sends mail by SMTP; where no server is named, as on a developer's machine, it only logs what it would send."""

import os
import smtplib
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from orders.log import log


def send(message: EmailMessage) -> None:
    url = urlsplit(os.environ.get("SMTP_URL", ""))
    if not url.hostname:
        log("mail not sent", to=message["To"], subject=message["Subject"], text=_plain(message))
        return
    with smtplib.SMTP(url.hostname, url.port or 587) as server:
        server.starttls()
        server.login(unquote(url.username or ""), unquote(url.password or ""))
        server.send_message(message)
    log("mail sent", to=message["To"], subject=message["Subject"])


def _plain(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    return part.get_content() if part else ""
