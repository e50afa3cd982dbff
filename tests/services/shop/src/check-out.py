from storefront import cart
from storefront.views import page


def handler(event, context):
    return {"total": cart.total(event["prices"]), "page": page("Anna")}
