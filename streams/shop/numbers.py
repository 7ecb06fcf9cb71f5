"""Numbers that look right and belong to nobody: identity codes, VAT numbers, IBANs, tracking numbers.

None may pass for a card number (see `streams.shop.cards`), so that only planted ones do.
"""

from streams.shop.cards import holds_card_number, luhn_valid

_CHECK_SIGNS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_VAT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2)


def identity_code(day: int, month: int, year: int, individual: int) -> str:
    """A Finnish personal identity code; individual numbers 900 to 999 are never given to real people (DVV).

    Args: `year` from 1900 to 2099, `individual` from 900 to 999.
    """
    digits = f"{day:02d}{month:02d}{year % 100:02d}{individual:03d}"
    century = "A" if year >= 2000 else "-"
    return f"{digits[:6]}{century}{digits[6:]}{_CHECK_SIGNS[int(digits) % 31]}"


def vat_number(serial: int) -> str:
    """A Finnish VAT number with the right check digit, from any integer; the next where it has no check digit."""
    while True:
        digits = f"{serial % 10_000_000:07d}"
        rest = sum(int(digit) * weight for digit, weight in zip(digits, _VAT_WEIGHTS, strict=True)) % 11
        if rest != 1:
            return f"FI{digits}{(11 - rest) % 11}"
        serial += 1


def iban(serial: int, *, spaced: bool) -> str:
    """A Finnish IBAN with valid check digits (ISO 13616) of a bank that does not exist (99).

    The account's own check digit is wrong on purpose: a right one is a Luhn digit, and fourteen digits with spaces
    between them would then pass for a card number.
    """
    account = f"99{serial % 10**12:012d}"
    if luhn_valid(account):
        account = account[:-1] + str((int(account[-1]) + 1) % 10)
    check = 98 - int(account + "151800") % 97
    compact = f"FI{check:02d}{account}"
    if not spaced:
        return compact
    text = " ".join(compact[at : at + 4] for at in range(0, len(compact), 4))
    return compact if holds_card_number(text) else text


def tracking_number(carrier: str, serial: int) -> str:
    """A parcel's number in the carrier's own shape, different for every serial below 10,000,000,000."""
    digits = f"{serial:010d}"
    if carrier == "postnord":
        plain = f"37302{digits}01"
        return plain[:-1] + "2" if luhn_valid(plain) else plain
    shapes = {
        "posti": f"JJFI6467{digits}",
        "matkahuolto": f"MH{digits}",
        "ups": f"1Z99AA{digits}",
        "schenker": f"SE{digits}FI",
    }
    return shapes.get(carrier, digits)
