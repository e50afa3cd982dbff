"""Whether an account number (IBAN) can be one: ISO 13616 has its remainder be 1."""


def iban(event, context):
    number = event["iban"].replace(" ", "").upper()
    digits = "".join(str(int(char, 36)) for char in number[4:] + number[:4])
    return {"iban": number, "valid": int(digits) % 97 == 1}
