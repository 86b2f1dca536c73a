"""A chat on the store's website as tawk.to reports it, for `manage.py play` and tests.

The same arguments give the same payloads; no clock is read and no global random used.
"""

from datetime import datetime, timedelta
from random import Random

from webhooks.providers.story import AGENTS, Customer, Payload, json_time, some_customer, some_uuid

PROPERTY = {"id": "5c1c39e48d11e20001a4affe", "name": "Súper en línea"}
DOMAIN = "www.example.com"
CITIES = {
    "MX": ("Puebla", "Ciudad de México"),
    "CO": ("Bogotá", "Medellín"),
    "CL": ("Santiago", "Valparaíso"),
    "BR": ("São Paulo", "Campinas"),
}
STORY = (  # what is said, who says it (as a transcript writes it), how often it is said
    ("question", "v", 1),
    ("welcome", "a", 1),
    ("order", "v", 1),
    ("answer", "a", 1),
    ("wish", "v", 0.6),
    ("granted", "a", None),  # where there was a wish
    ("thanks", "v", 0.7),
    ("left", "s", 1),
)
TEXTS = {  # by language and by what is said
    "es": {
        "question": (
            "Hola, ¿a qué hora llega mi pedido? Trae helado y no quiero que se derrita",
            "Buenas, hice un pedido hoy en la mañana y todavía no llega",
            "Hola! Quería saber cómo va mi entrega",
        ),
        "welcome": ("Hola {name}, soy {agent}. ¿Me da su número de pedido?", "¡Buenas, {name}! ¿Cuál es el número?"),
        "order": ("Es el {order}", "{order}, para entregar en {street}"),
        "answer": (
            "Gracias. Ya están juntando sus productos y sale en unos {minutes} minutos.",
            "Lo veo: va en camino, llega en unos {minutes} minutos 🛵",
        ),
        "wish": (
            "¿Lo pueden dejar en la portería, por favor?",
            "El timbre no sirve, ¿me pueden llamar al llegar?",
        ),
        "granted": ("Claro, le aviso a quien lleva su pedido.", "Sí, ya lo dejé anotado 👍"),
        "thanks": ("Súper, muchas gracias", "Ah, perfecto. ¡Gracias!"),
        "left": ("El visitante salió del chat",),
        "subject": ("Pedido {order}: entrega con retraso", "Pedido {order}: me cobraron de más"),
        "ticket": (
            "Buenas, el pedido {order} llegó tarde y el helado venía derretido. ¿Me pueden hacer el reembolso?",
            "Hola, en el pedido {order} me cobraron dos veces el aceite. Quedo al pendiente.",
        ),
    },
    "pt": {
        "question": (
            "Oi, que horas chega o meu pedido? Tem sorvete e não quero que derreta",
            "Boa tarde, fiz um pedido hoje de manhã e ainda não chegou",
            "Olá! Queria saber como está a minha entrega",
        ),
        "welcome": (
            "Oi {name}, aqui é {agent}. Qual é o número do pedido?",
            "Olá, {name}! Me passa o número, por favor?",
        ),
        "order": ("É o {order}", "{order}, para entregar na {street}"),
        "answer": (
            "Certo. Já estão separando os produtos e sai em uns {minutes} minutos.",
            "Vi aqui: está a caminho, chega em uns {minutes} minutos 🛵",
        ),
        "wish": (
            "Podem deixar na portaria, por favor?",
            "A campainha não funciona, podem ligar quando chegar?",
        ),
        "granted": ("Claro, já aviso quem está com o seu pedido.", "Sim, já deixei anotado 👍"),
        "thanks": ("Show, valeu!", "Ah, perfeito. Agradeço!"),
        "left": ("O visitante saiu do chat",),
        "subject": ("Pedido {order}: entrega atrasada", "Pedido {order}: cobrança a mais"),
        "ticket": (
            "Boa tarde, o pedido {order} chegou atrasado e o sorvete veio derretido. Podem fazer o estorno?",
            "Olá, no pedido {order} cobraram o óleo duas vezes. Fico no aguardo.",
        ),
    },
}


def simulate(*, seed: int, start: datetime, customer: Customer | None = None) -> list[Payload]:
    """Return the payloads of a chat that begins at `start` (aware), in the order in which they happen.

    Without a `customer` the seed decides whose it is.
    """
    rng = Random(seed)
    chosen = some_customer(rng)  # drawn in any case: a given customer does not change the rest of the story
    customer = customer or chosen
    agent_id, agent = rng.choice(AGENTS[customer.language])
    texts = TEXTS[customer.language]
    facts = {
        "name": customer.first_name,
        "street": customer.street,
        "agent": agent,
        "order": rng.randint(10_000, 99_999),
        "minutes": rng.choice([10, 15, 20, 30]),
    }
    visitor = {
        "name": customer.name,
        "email": customer.email,
        "city": rng.choice(CITIES[customer.country_code]),
        "country": customer.country_code,
    }
    senders = {"v": {"t": "v", "n": customer.name}, "a": {"t": "a", "n": agent, "id": agent_id}, "s": {"t": "s"}}
    chat_id = some_uuid(rng)
    now, messages, said = start, [], False
    for kind, sender, chance in STORY:
        said = said if chance is None else rng.random() < chance
        if said:
            messages.append(
                {
                    "sender": senders[sender],
                    "type": "msg",
                    "msg": rng.choice(texts[kind]).format(**facts),
                    "time": json_time(now),
                    "attchs": [],
                }
            )
            now += timedelta(milliseconds=rng.randint(8_000, 120_000))
    payloads: list[Payload] = [
        {
            "event": "chat:start",
            "chatId": chat_id,
            "time": messages[0]["time"],
            "message": {"text": messages[0]["msg"], "type": "msg", "sender": {"type": "visitor"}},
            "visitor": visitor,
            "property": dict(PROPERTY),
        }
    ]
    endings: list[Payload] = [
        {"event": "chat:end", "chatId": chat_id, "time": None, "visitor": visitor, "property": dict(PROPERTY)},
        {
            "event": "chat:transcript_created",
            "time": None,
            "domain": DOMAIN,
            "referrer": f"https://{DOMAIN}/{rng.choice(['cart', 'orders', 'help'])}",
            "property": dict(PROPERTY),
            "chat": {"id": chat_id, "visitor": visitor, "messages": messages},
        },
    ]
    rng.shuffle(endings)
    if rng.random() < 0.4:
        about = rng.randrange(2)  # a subject and a text that belong together
        subject, message = (texts[kind][about].format(**facts) for kind in ("subject", "ticket"))
        endings.append(
            {
                "event": "ticket:create",
                "time": None,
                "property": dict(PROPERTY),
                "requester": {"name": customer.name, "email": customer.email, "type": "visitor"},
                "ticket": {
                    "id": some_uuid(rng),
                    "humanId": rng.randint(100, 9_999),
                    "subject": subject,
                    "message": message,
                },
            }
        )
    for payload in endings:
        payload["time"] = json_time(now)
        now += timedelta(milliseconds=rng.randint(3_000, 90_000))
    return payloads + endings
