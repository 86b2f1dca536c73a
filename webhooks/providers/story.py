"""The customers of the simulators' stories, and functions that the simulators share.

The same arguments give the same payloads; no clock is read and no global random used.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

type Payload = dict[str, Any]  # a JSON object

COUNTRIES = {  # as addresses name it: ISO 3166 code, language
    "Mexico": ("MX", "es"),
    "Colombia": ("CO", "es"),
    "Chile": ("CL", "es"),
    "Brasil": ("BR", "pt"),
}


@dataclass(frozen=True)
class Customer:
    """`country` is one of COUNTRIES; `phone` is spelled as people type it."""

    name: str
    email: str
    phone: str
    country: str
    street: str

    @property
    def first_name(self) -> str:
        return self.name.split()[0]

    @property
    def country_code(self) -> str:
        return COUNTRIES[self.country][0]

    @property
    def language(self) -> str:
        return COUNTRIES[self.country][1]


def _email(name: str) -> str:
    mail = name.lower().translate(str.maketrans("áéíóúñãçõôíïëü", "aeiounacooiieu", "'"))
    return f"{'.'.join(mail.split()[::2][:2])}@example.com"


CUSTOMERS = [
    Customer(name, _email(name), phone, country, street)
    for country, people in {
        "Mexico": [
            ("Ana María Hernández", "+52 222 555 0142", "Calle 25 Sur 704"),
            ("José Luis Núñez", "5215555550177", "Orizaba 98, interior 3"),
            ("Guadalupe  Ríos", "(55) 5555 0103", "Privada de los Fresnos 8"),
            ("Íñigo de la Torre", "+52-1-222-555-0190", "Avenida Juárez 2318"),
            ("Ximena O'Farrill", "222 555 0166", "Tehuacán 14"),
        ],
        "Colombia": [
            ("Zoë Restrepo", "+57 (300) 555-0142", "Calle 57 # 9-41"),
            ("Óscar Iván Peña", "3005550187", "Carrera 70 # 1-141"),
            ("María del Mar Uribe", "+57 310 555 0119", "Transversal 39 # 72-8"),
            ("Andrés Felipe Muñoz", "0057 301 555 0123", "Diagonal 40A # 8-04"),
            ("Luz Dary Quiñones", "+573155550104", "Calle 10 # 32-115"),
        ],
        "Chile": [
            ("Matías Sepúlveda", "+56 9 5550 1420", "Los Leones 1200, depto 54"),
            ("Javiera Muñoz", "56955501187", "Avenida Grecia 2100"),
            ("Ignacia Pérez-Cotapos", "(9) 5550 1166", "Simón Bolívar 3377"),
            ("Benjamín Oyarzún", "+569 55501199", "Suárez Mujica 512"),
            ("Antonia Ñancupil", "955501122", "Pedro de Valdivia 4100"),
        ],
        "Brasil": [
            ("João Gonçalves", "+55 11 95555-0142", "Rua Aspicuelta 210, ap. 31"),
            ("Beatriz Araújo", "(11) 95555-0187", "Rua Girassol 88"),
            ("Antônio Simões", "5511955550119", "Rua Wisard 305"),
            ("Luísa  Magalhães", "+55 (11) 95555 0166", "Rua Fradique Coutinho 1139"),
            ("Conceição Brandão", "11 95555-0104", "Rua Mourato Coelho 44"),
        ],
    }.items()
    for name, phone, street in people
]
AGENTS = {  # by language: id, name of who answers for the store
    "es": [("5c1c3a0f8d11e20001a4b001", "Mariana"), ("5c1c3a0f8d11e20001a4b002", "Rodrigo")],
    "pt": [("5c1c3a0f8d11e20001a4b003", "Camila"), ("5c1c3a0f8d11e20001a4b004", "Rafael")],
}


def some_customer(rng: Random) -> Customer:
    """Return one of CUSTOMERS."""
    return rng.choice(CUSTOMERS)


def some_uuid(rng: Random) -> str:
    """Return an id as most providers make them."""
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def json_time(moment: datetime) -> str:
    """Return an aware time as JavaScript's JSON has it: UTC, milliseconds, Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
