"""The invented persons: who they are, and in how many ways they write their own address and number."""

import tomllib
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files

from streams.shop.diary import Diary
from streams.shop.numbers import identity_code, vat_number

_PREFIXES = ("40", "41", "44", "45", "50")
_PLAIN = str.maketrans("äöåéÄÖÅøü -", "aoaeAOAou..")
_PHONE_FORMS = (
    "0{0} {1} {2}",
    "+358 {0} {1}{2}",
    "0{0}{1}{2}",
    "+358{0}{1}{2}",
    "0{0}-{1}{2}",
    "+358 {0} {1} {2}",
    "(0{0}) {1} {2}",
)
_STAIRS = ("A", "B", "C", "D")
_CONTROLLERS = ("multitronic",) * 6 + ("itronic",) * 2 + ("multitronic-pro", "smartdeals", "multicare")


@dataclass(frozen=True, slots=True)
class Place:
    """A town with one of its postcodes; country as ISO 3166-1 alpha-2."""

    city: str
    postcode: str
    country: str


@dataclass(frozen=True, slots=True)
class Product:
    """What the shop sells; an empty model or serial prefix means that the maker gives none. Price in cents."""

    sku: str
    group: str
    model: str
    cents: int
    serial: str


@dataclass(frozen=True, slots=True)
class Finland:
    """The names, places and goods from `finland.toml`."""

    first: list[str]
    last: list[str]
    streets: list[str]
    domains: list[str]
    home: list[Place]
    abroad: list[Place]
    pages: list[str]
    complaints: list[str]
    products: list[Product]


@dataclass(frozen=True, slots=True)
class Person:
    """A customer or consignee; `mobile` is a national number without its zero, `account` a customer number if any."""

    name: str
    email: str
    mobile: str
    address: dict[str, object]
    controller: str
    account: str | None = None
    login: str | None = None
    devices: tuple[str, ...] = ()
    vat: str | None = None
    national_id: str | None = None
    passport: str | None = None
    shares: frozenset[str] = field(default_factory=frozenset)

    @property
    def exported(self) -> bool:
        """Whether her goods leave the European Union."""
        return self.passport is not None


@lru_cache(maxsize=1)
def finland() -> Finland:
    """The data file of the shop, read once."""
    raw = tomllib.loads(files("streams.shop").joinpath("finland.toml").read_text("utf-8"))
    home, abroad = ([Place(*row) for row in raw.pop(name)] for name in ("home", "abroad"))
    return Finland(products=[Product(**row) for row in raw.pop("products")], home=home, abroad=abroad, **raw)


def meet(diary: Diary, *, account: bool, abroad: bool = False) -> Person:
    """A new person, sharing no e-mail, number or device with anyone."""
    land, serial = finland(), diary.serial()
    first, last = diary.pick(land.first), diary.pick(land.last)
    birth = (diary.between(1, 29), diary.between(1, 13), diary.between(1940, 2006))
    return Person(
        name=f"{first} {last}",
        email=new_email(diary, f"{first} {last}"),
        mobile=_mobile(serial),
        address=_address(diary, diary.pick(land.abroad if abroad else land.home)),
        controller=diary.pick(_CONTROLLERS),
        account=f"C-{serial:07d}" if account else None,
        login=f"{first.lower().translate(_PLAIN)}{serial}",
        devices=tuple(_device(diary) for _ in range(1 + diary.chance(0.3) + diary.chance(0.1))),
        vat=vat_number(serial * 37) if diary.chance(0.06) else None,
        national_id=identity_code(*birth, diary.between(900, 1000)),
        passport=f"FP{serial:07d}" if abroad else None,
    )


def new_email(diary: Diary, name: str) -> str:
    """An address that no one else has, under the reserved domain `example` (RFC 2606); some keep their dots above."""
    local = name.lower().replace(" ", ".")
    if not diary.chance(0.125):
        local = local.translate(_PLAIN)
    if diary.chance(0.3):
        local = local[0] + "." + local.rpartition(".")[2]
    return f"{local}{diary.serial()}@{diary.pick(finland().domains)}"


def email_as_sent(diary: Diary, email: str) -> str:
    """The same address as people and systems write it: capitals, spaces around it, letters decomposed (NFD)."""
    dice = diary.rng.random()
    if dice < 0.72:
        return email
    if dice < 0.84:
        return email.title()
    if dice < 0.9:
        return email.upper()
    return unicodedata.normalize("NFD", email) if dice < 0.96 else f" {email}  "


def phone_as_sent(diary: Diary, mobile: str) -> str:
    """The same number in one of the ways Finns write it."""
    return diary.pick(_PHONE_FORMS).format(mobile[:2], mobile[2:5], mobile[5:])


def _mobile(serial: int) -> str:
    # 7,654,321 shares no factor with 10,000,000: no two serials below fifty million get the same number
    return _PREFIXES[serial % 5] + f"{(serial // 5 * 7_654_321 + 1_234_567) % 10_000_000:07d}"


def _device(diary: Diary) -> str:
    return f"GA1.1.{diary.serial():09d}.{diary.between(1_700_000_000, 1_760_000_000)}"


def _address(diary: Diary, place: Place) -> dict[str, object]:
    street = f"{diary.pick(finland().streets)} {diary.between(1, 90)}"
    if diary.chance(0.5):
        street += f" {diary.pick(_STAIRS)} {diary.between(1, 60)}"
    return {"street": street, "postcode": place.postcode, "city": place.city, "country": place.country}
