"""A WhatsApp conversation as OneRoute reports it, for `manage.py play` and tests.

The same arguments give the same payloads; no clock is read and no global random used.
"""

from datetime import datetime, timedelta
from random import Random

from webhooks.providers.story import AGENTS, Customer, Payload, json_time, some_customer, some_uuid

PICTURE = "https://res.cloudinary.com/demo/image/upload/sample.jpg"  # one that exists, so that a page can show it
FIRM = "0d6f0a3e-6f0c-4f0e-9b5b-3a1f6c1f7d20"
CUSTOMER, AGENT = False, True  # as `authUser` says who wrote

STORY = (  # what is said, who says it, the conversation's status then, how often it is said
    ("question", CUSTOMER, "in-queue", 1),
    ("address", CUSTOMER, "in-queue", 0.5),
    ("welcome", AGENT, "in-progress", 1),
    ("problem", CUSTOMER, "in-progress", 0.5),
    ("picture", CUSTOMER, "in-progress", 1),
    ("apology", AGENT, "in-progress", 1),
    ("wish", CUSTOMER, "in-progress", 0.5),
    ("solution", AGENT, "in-progress", 1),
    ("thanks", CUSTOMER, "resolved", 1),
)
QUOTES = {"apology": "picture"}
PRODUCTS = {
    "es": ("el cartón de huevos", "la caja de leche", "el yogur", "la bolsa de arroz", "el frasco de café"),
    "pt": ("a caixa de ovos", "a caixa de leite", "o iogurte", "o pacote de arroz", "o pote de café"),
}
TEXTS = {  # by language and by the key of a text in STORY
    "es": {
        "question": (
            "Hola, buenas. Me acaba de llegar el pedido {order} y {product} viene en mal estado 😕",
            "Buenas tardes, tengo un problema con mi pedido {order}: {product} llegó en mal estado. ¿Me ayudan?",
        ),
        "address": ("Es el que entregaron en {street}", "Lo dejaron hace un rato en {street}."),
        "welcome": (
            "Hola {name}, le saluda {agent}. ¿Me manda una foto, por favor?",
            "Buenas, {name}, soy {agent}. Con gusto lo reviso. ¿Podría enviarme una foto?",
        ),
        "problem": ("Sí, venía así dentro de la bolsa", "Claro. Lo demás llegó bien, solo es eso."),
        "apology": (
            "Gracias por la foto. ¡Qué pena! Una disculpa, {name}.",
            "Ya lo vi, {name}. Así no debió salir de la tienda, le ofrezco una disculpa.",
        ),
        "wish": ("¿Me lo pueden cambiar hoy mismo?", "Si se puede, prefiero que me devuelvan el dinero."),
        "solution": (
            "Listo, ya pedí el reembolso de ese producto. Lo verá en 3 a 5 días hábiles.",
            "No se lo cobramos: le devolvemos el importe a su tarjeta y le dejo un cupón para su próxima compra 🙌",
        ),
        "thanks": ("Muchas gracias, {agent} 🙏", "Perfecto, mil gracias por la ayuda."),
    },
    "pt": {
        "question": (
            "Oi, boa tarde. Acabou de chegar o pedido {order} e {product} veio com avaria 😕",
            "Olá, estou com um problema no pedido {order}: {product} chegou com avaria. Podem me ajudar?",
        ),
        "address": ("É o que entregaram na {street}", "Deixaram agora há pouco na {street}."),
        "welcome": (
            "Oi {name}, aqui é {agent}. Pode me mandar uma foto, por favor?",
            "Olá, {name}! Sou {agent}, já vou verificar. Consegue enviar uma foto?",
        ),
        "problem": ("Sim, veio assim dentro da sacola", "Claro. O resto chegou bem, é só isso mesmo."),
        "apology": (
            "Valeu pela foto. Que pena! Desculpe, {name}.",
            "Vi aqui, {name}. Não era para ter saído assim da loja, pedimos desculpas.",
        ),
        "wish": ("Dá para trocar ainda hoje?", "Se puder, prefiro o dinheiro de volta."),
        "solution": (
            "Pronto, já pedi o estorno desse produto. Aparece em 3 a 5 dias úteis.",
            "Não vamos cobrar: o valor volta para o seu cartão e deixo um cupom para a próxima compra 🙌",
        ),
        "thanks": ("Valeu mesmo, {agent} 🙏", "Perfeito, agradeço muito a ajuda."),
    },
}


def simulate(*, seed: int, start: datetime, customer: Customer | None = None) -> list[Payload]:
    """Return the payloads of a conversation that begins at `start` (aware), in the order in which they happen.

    Without a `customer` the seed decides whose it is.
    """
    rng = Random(seed)
    chosen = some_customer(rng)  # drawn in any case: a given customer does not change the rest of the story
    customer = customer or chosen
    agent_id, agent = rng.choice(AGENTS[customer.language])
    facts = {
        "name": customer.first_name,
        "street": customer.street,
        "agent": agent,
        "order": rng.randint(10_000, 99_999),
        "product": rng.choice(PRODUCTS[customer.language]),
    }
    conversation_id = some_uuid(rng)
    external_ids = {kind: f"wamid.{rng.getrandbits(128):032X}" for kind in QUOTES.values()}
    channel = _channel(customer)
    now, payloads = start, []
    for kind, by_agent, status, chance in STORY:
        if rng.random() >= chance:
            continue
        now += timedelta(milliseconds=rng.randint(15_000, 240_000))
        is_picture = kind == "picture"
        taken = status != "in-queue"
        payloads.append(
            {
                "event": "newMessage",
                "message": {
                    "sender": {
                        "name": agent if by_agent else customer.name,
                        "authUser": by_agent,
                        "lastActivity": json_time(now - timedelta(milliseconds=rng.randint(80, 900))),
                    },
                    "externalId": external_ids.get(kind),
                    "content": None if is_picture else rng.choice(TEXTS[customer.language][kind]).format(**facts),
                    "contentType": "IMAGE" if is_picture else "TEXT",
                    "imageUrl": PICTURE if is_picture else None,
                    "videoUrl": None,
                    "documentUrl": None,
                    "audioUrl": None,
                    "quoted_message_id": external_ids.get(QUOTES.get(kind, "")),
                    "conversation_id": conversation_id,
                },
                "conversation": {
                    "id": conversation_id,
                    "subject": None,
                    "agent": {"id": agent_id, "name": agent} if taken else None,
                    "customer": {"name": customer.name, "email": customer.email, "phone": customer.phone},
                    "lastMessageAt": json_time(now),
                    "status": status,
                    "country": customer.country_code,
                    "read": by_agent,
                    "createdAt": json_time(start),
                    "updatedAt": json_time(now + timedelta(milliseconds=1)),
                    "agent_id": agent_id if taken else None,
                    "Channel": channel,
                },
            }
        )
    if rng.random() < 0.3:
        payloads.append(
            {
                "event": "compaignDeliveryReport",
                "message": "campaign completed.",
                "campaignReportUrl": "https://api.oneroute.io/api/public/logs"
                f"?page[size]=10&page[number]=1&campaign_id={some_uuid(rng)}",
                "conversation": {"id": conversation_id, "firm_id": FIRM},
            }
        )
    return payloads


def _channel(customer: Customer) -> Payload:
    return {
        "id": some_uuid(Random(customer.country)),  # one for each country, whatever the seed
        "phone": None,
        "identifier": f"whatsapp-{customer.country_code.lower()}",
        "medium": "WHATSAPP",
        "credentials": None,
        "description": "Whatsapp Channel",
        "name": f"WhatsApp {customer.country}",
        "type": "CUSTOM",
        "provider": None,
        "country": customer.country_code,
        "env": "LIVE",
        "status": "ACTIVE",
        "webhookUrl": "https://webhooks.example.com/oneroute",
    }
