"""The mails, from the templates beside this module."""

from email.message import EmailMessage
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


def confirmation(order: dict[str, Any], *, sender: str, terms: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = order["customer"]["email"]
    message["Subject"] = f"Your order {order['id']}"
    message.set_content(_render("confirmation.txt.j2", order=order))
    message.add_alternative(_render("confirmation.html.j2", order=order), subtype="html")
    message.add_attachment(terms, filename="terms.txt")
    return message


def _render(template: str, **values: object) -> str:
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("orders.emails"),
        autoescape=select_autoescape(enabled_extensions=("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["euros"] = lambda amount: f"{float(amount):.2f} €"
    return environment
