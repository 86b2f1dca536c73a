"""A customer's conversation with the store as DocsSmith Demo2 reports it, for `manage.py play` and tests.

The same arguments give the same payloads; no clock is read and no global random used.
"""

from copy import deepcopy
from datetime import datetime
from random import Random
from string import ascii_letters, digits
from typing import Any

from webhooks.providers.story import Customer, Payload, some_customer

ASSETS = "https://assets.DocsSmith Demo2.chat"  # with the space that their page has
STORES = {  # by language: id, name, phone of the store's own contact
    "es": ("tQ4mZr8LwB2nXk6S", "Súper en línea", "+52 55 5555 0100"),
    "pt": ("Vb7pYc3KfH9sDg1T", "Mercado online", "+55 11 95555-0100"),
}
STORE_CREATED_AT = 1_735_700_000
TEXTS = {  # by language and by the key of a text in STORY
    "es": {
        "question": ("Hola, ¿ya salió mi pedido {order}?", "Buenas! Cómo va el pedido {order}? Es para {street}"),
        "answer": (
            "Hola {name}, ya casi: llega en unos {minutes} minutos.",
            "Buenas, {name}. Va saliendo de la tienda, llega en {minutes} minutos 🛵",
        ),
        "instructions": (
            "Si no contesto, déjenlo en la portería por favor",
            "Las verduras en bolsa aparte, si se puede 🙏",
        ),
        "mistaken": ("Má, ¿compro también pan y queso para la cena?", "Amor, ya pedí todo, no pases por leche"),
        "receipt": ("Aquí está su recibo. ¡Gracias por su compra!", "Entregado ✅ Le dejo el recibo, {name}."),
        "thanks": ("Todo llegó perfecto, gracias", "¡Qué rápido! Muchas gracias 😊"),
        "file": ("Recibo_{order}.pdf",),
        "group": ("Compras de la casa", "Despensa de la oficina"),
        "description": ("Pedidos de {name} y compañía",),
    },
    "pt": {
        "question": ("Oi, o pedido {order} já saiu?", "Boa tarde! Como está o pedido {order}? É para a {street}"),
        "answer": (
            "Oi {name}, quase lá: chega em uns {minutes} minutos.",
            "Olá, {name}. Está saindo da loja, chega em {minutes} minutos 🛵",
        ),
        "instructions": (
            "Se eu não atender, pode deixar na portaria por favor",
            "As verduras em sacola separada, se der 🙏",
        ),
        "mistaken": (
            "Mãe, compro pão e queijo também para o jantar?",
            "Amor, já pedi tudo, não precisa passar no mercado",
        ),
        "receipt": ("Aqui está o seu recibo. Agradecemos a compra!", "Entregue ✅ Segue o recibo, {name}."),
        "thanks": ("Chegou tudo certinho, valeu", "Que rápido! Agradeço muito 😊"),
        "file": ("Recibo_{order}.pdf",),
        "group": ("Compras da casa", "Despensa do escritório"),
        "description": ("Pedidos de {name} e companhia",),
    },
}


def simulate(*, seed: int, start: datetime, customer: Customer | None = None) -> list[Payload]:
    """Return the payloads of a conversation that begins at `start` (aware), in the order in which they happen.

    Without a `customer` the seed decides whose it is.
    """
    rng = Random(seed)
    chosen = some_customer(rng)  # drawn in any case: a given customer does not change the rest of the story
    return _Story(rng, int(start.timestamp()), customer or chosen).tell()


class _Story:
    def __init__(self, rng: Random, now: int, customer: Customer) -> None:
        self.rng = rng
        self.now = now
        self.texts = TEXTS[customer.language]
        self.minutes = rng.choice([10, 20, 30])
        self.facts = {
            "name": customer.first_name,
            "street": customer.street,
            "order": rng.randint(10_000, 99_999),
            "minutes": self.minutes,
        }
        self.customer = _contact(self.id(), customer.name, customer.phone, now)
        self.store = _contact(*STORES[customer.language], STORE_CREATED_AT)
        self.conversation_id = self.id()
        self.events: list[Payload] = []

    def tell(self) -> list[Payload]:
        self.add("contact.created", self.customer)
        self._open()
        question = self.send(self.customer, "question")
        self.update(question, read_at=self.wait())
        answer = self.send(self.store, "answer")
        later = answer["message"].replace(str(self.minutes), str(self.minutes + 15))
        self.wait()
        self.update(answer, message=later)
        if self.rng.random() < 0.5:
            self.send(self.customer, "instructions")
        mistaken = self.send(self.customer, "mistaken")
        self.wait()
        self.add("message.deleted", {"id": mistaken["id"]})
        receipt = self._send_receipt()
        self.customer["last_active_at"] = self.wait()
        self.update(receipt, reactions=[{"emoji": self.rng.choice("👍🙏🙌"), "contact_id": self.customer["id"]}])
        if self.rng.random() < 0.5:
            self.send(self.customer, "thanks")
        return self.events

    def _open(self) -> None:
        group_id = self.id() if self.rng.random() < 0.3 else None
        self.customer["last_active_at"] = self.wait()
        self.add(
            "conversation.created",
            {
                "id": self.conversation_id,
                "contact": self.customer,
                "group_id": group_id,
                "pinned_message_id": None,
                "is_pinned": False,
                "is_muted": False,
                "last_active_at": self.now,
                "last_opened_at": self.now,
                "created_at": self.now,
                "archived_at": None,
            },
        )
        if group_id:
            self.add(
                "group.created",
                {
                    "id": group_id,
                    "name": self.text("group"),
                    "description": self.text("description"),
                    "avatar_url": f"{ASSETS}/avatars/{group_id}.jpg",
                    "conversation_id": self.conversation_id,
                    "contacts": [self.customer["id"], self.store["id"]],
                    "created_at": self.now,
                    "archived_at": None,
                },
            )

    def _send_receipt(self) -> Payload:
        attachment_id, message_id = self.id(), self.id()
        self.add(
            "attachment.created",
            {
                "id": attachment_id,
                "message_id": message_id,
                "filename": self.text("file"),
                "file_url": f"{ASSETS}/attachments/{attachment_id}.pdf",
                "file_type": "application/pdf",
                "file_size": self.rng.randint(18_000, 90_000),
                "created_at": self.wait(),
            },
        )
        return self.send(self.store, "receipt", id=message_id, attachments=[attachment_id])

    def send(self, contact: Payload, kind: str, **fields: Any) -> Payload:
        """Add a new message, and return it for later updates."""
        contact["last_active_at"] = self.wait()
        message = {
            "id": self.id(),
            "conversation_id": self.conversation_id,
            "contact": contact,
            "message": self.text(kind),
            "reactions": [],
            "attachments": [],
            "read_at": None,
            "created_at": self.now,
            "updated_at": self.now,
        } | fields
        self.add("message.created", message)
        return message

    def update(self, message: Payload, /, **changes: Any) -> None:
        message |= changes | {"updated_at": self.now}
        self.add("message.updated", message)

    def add(self, type: str, payload: Payload) -> None:
        """Add an event of something as it now is."""
        self.events.append({"id": self.id(), "type": type, "payload": deepcopy(payload)})

    def wait(self) -> int:
        """Let time pass, and return the new one."""
        self.now += self.rng.randint(10, 240)
        return self.now

    def text(self, kind: str) -> str:
        return self.rng.choice(self.texts[kind]).format(**self.facts)

    def id(self) -> str:
        return "".join(self.rng.choices(ascii_letters + digits, k=16))


def _contact(id: str, name: str, phone: str, created_at: int) -> Payload:
    return {
        "id": id,
        "username": name,
        "phone_number": phone,
        "avatar_url": f"{ASSETS}/avatars/{id}.jpg",
        "last_active_at": created_at,
        "created_at": created_at,
    }
