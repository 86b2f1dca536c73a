"""A job's whole life as InstaLeap reports it, for `manage.py play`, tests and benchmarks.

The same arguments give the same payloads; no clock is read and no global random used.
"""

import random
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from webhooks.providers.story import Customer, Payload, json_time, some_customer, some_uuid

# Tasks by model from the provider's page ("Tasks resets per operational models"); their steps from sample jobs where
# there is one, else by analogy: who transfers does so as a step of its own, who collects is only handed the order.
_GOING = ("GOING_TO_ORIGIN", "GOING_TO_DESTINATION", "DELIVERING")
OPERATIONAL_MODELS = {
    "FULL_SERVICE": (
        ("FULL_SERVICE", ("GOING_TO_ORIGIN", "PICKING", "CHECKING_OUT", "GOING_TO_DESTINATION", "DELIVERING")),
    ),
    "PICK_AND_COLLECT": (
        ("PICKING_WITH_STORAGE", ("PICKING", "CHECKING_OUT", "TRANSFERRING")),
        ("PICK_UP", ("DELIVERING",)),
    ),
    "PICK_AND_COLLECT_NO_TRANSFER": (
        ("PICKING_AND_STORAGE", ("PICKING", "CHECKING_OUT", "STORING")),
        ("PICK_UP", ("DELIVERING",)),
    ),
    "PICK_AND_DELIVERY": (
        ("PICKING", ("PICKING", "CHECKING_OUT", "TRANSFERRING")),
        ("DELIVERY", _GOING),
    ),
    "PICK_AND_DELIVERY_WITH_STORAGE": (
        ("PICKING_WITH_STORAGE", ("PICKING", "CHECKING_OUT", "TRANSFERRING")),
        ("STORAGE", ("STORING",)),
        ("PICK_UP_FOR_DELIVERY", ("TRANSFERRING",)),
        ("DELIVERY_WITH_STORAGE", _GOING),
    ),
    "PICK_AND_DELIVERY_WITH_STORAGE_NO_TRANSFER": (
        ("PICKING_AND_STORAGE", ("PICKING", "CHECKING_OUT", "STORING")),
        ("PICK_UP_FOR_DELIVERY", ("TRANSFERRING",)),
        ("DELIVERY_WITH_STORAGE", _GOING),
    ),
}
# Step -> the types that say that it began and that it ended, and how long it takes (minutes).
STEPS = {
    "GOING_TO_ORIGIN": ("GOING_TO_ORIGIN_STARTED", "ARRIVED_TO_ORIGIN", (3, 9)),
    "PICKING": ("PICKING_STARTED", "PICKING_FINISHED", (1, 3)),
    "CHECKING_OUT": ("CHECKING_OUT_STARTED", "CHECKED_OUT", (2, 6)),
    "TRANSFERRING": ("TRANSFERRING_STARTED", "TRANSFERRED", (2, 5)),
    "STORING": ("STORING_STARTED", "STORING_FINISHED", (2, 6)),
    "GOING_TO_DESTINATION": ("GOING_TO_DESTINATION_STARTED", "ARRIVED_TO_DESTINATION", (6, 18)),
    "DELIVERING": ("DELIVERING_STARTED", "CLIENT_RECEIVED", (2, 6)),
}
# What else takes time on average (minutes), so that the plan is near what happens.
ALLOCATING, AN_ITEM, PAYING = 8, 1.65, 4.7
AFTERWARDS = timedelta(minutes=4)  # what support writes once all is over

# Country -> currency, its worth in pesos of Mexico, decimals that its prices have.
COUNTRIES = {
    "Mexico": ("MXN", Decimal(1), 2),
    "Colombia": ("COP", Decimal(215), 0),
    "Chile": ("CLP", Decimal(51), 0),
    "Brasil": ("BRL", Decimal("0.29"), 2),
}
STORES = [  # name, number, address, city, country, latitude, longitude
    ("Super Xilotzingo", "391", "Boulevard Mexicano 12", "Heroica Puebla de Zaragoza", "Mexico", 19.0014, -98.2014),
    ("Super Roma Norte", "118", "Álvaro Obregón 151", "Ciudad de México", "Mexico", 19.4189, -99.1606),
    ("Mercado Chapinero", "204", "Carrera 13 # 54-20", "Bogotá", "Colombia", 4.6392, -74.0653),
    ("Mercado Laureles", "207", "Avenida Nutibara 75-12", "Medellín", "Colombia", 6.2442, -75.5916),
    ("Almacén Ñuñoa", "31", "Avenida Irarrázaval 2929", "Santiago", "Chile", -33.4541, -70.6011),
    ("Mercado Vila Madalena", "52", "Rua Harmonia 403", "São Paulo", "Brasil", -23.5537, -46.6906),
]
RESOURCES = [
    ("Nico", "Fuentes", "Auto"),
    ("Lucía", "Paredes", "Moto"),
    ("Óscar", "Domínguez", "Auto"),
    ("Yuri", "Castaño", "Bicicleta"),
    ("Rosa Elena", "Ibáñez", "Camioneta"),
    ("Thiago", "Sá", "Moto"),
]
VEHICLES = {"Auto": "🚗", "Moto": "🛵", "Bicicleta": "🚲", "Camioneta": "🚚"}
COMMENTS = [
    "Tocar el timbre; perro bravo",
    "Dejar en portería",
    "No funciona el ascensor, piso 4 & 1/2",
    "Llamar al llegar",
]
type Product = tuple[str, str, str, int | str, str]
CATALOGUE: list[Product] = [  # id, name, unit, price in pesos of Mexico, category
    ("00020100700000", "Chuleta de cerdo   por kilo", "KG", 97, "Carne de cerdo"),
    ("00020100600000", "Costilla de cerdo   por kilo", "KG", 127, "Carne de cerdo"),
    ("00020200100000", "Pechuga de pollo sin hueso", "KG", 135, "Pollo"),
    ("00020300400000", "Carne molida de res 90/10", "KG", 178, "Carne de res"),
    ("00020500900000", "Filete de salmón fresco", "KG", 389, "Pescado"),
    ("00000000004011", "Plátano Chiapas", "KG", "24.90", "Frutas"),
    ("00000000004225", 'Aguacate Hass "extra"', "KG", "89.90", "Frutas"),
    ("00000000004030", "Kiwi   verde", "KG", "79.50", "Frutas"),
    ("00000000004087", "Jitomate saladet", "KG", "32.90", "Verduras"),
    ("00000000004093", "Cebolla blanca", "KG", "27.50", "Verduras"),
    ("00000000004072", "Papa alfa", "KG", "38.90", "Verduras"),
    ("00000000004048", "Limón sin semilla", "KG", "42.50", "Frutas"),
    ("00000000003082", "Brócoli   por kilo", "KG", "46.90", "Verduras"),
    ("00000000004960", "Jamón de pierna rebanado", "KG", "189.90", "Salchichonería"),
    ("00000000004962", "Queso Oaxaca a granel", "KG", "168.00", "Quesos"),
    ("00750045900015", "Detergente en polvo Persil  universal 4.5 kg", "pz", 130, "Artículos de lavandería"),
    ("00750100111608", "Pan blanco grande 680 g", "pz", "48.90", "Panadería"),
    ("00750105530747", "Leche deslactosada 1 L", "pz", "31.50", "Lácteos"),
    ("00750301234567", "Café molido Ñandú 500 g & filtros", "pz", "154.25", "Café"),
    ("00750620500106", "Yogur griego natural 900 g", "pz", "76.90", "Lácteos"),
    ("00750102050001", "Huevo blanco 18 piezas", "pz", "64.90", "Huevo"),
    ("00750102050118", "Arroz súper extra 1 kg", "pz", "36.50", "Abarrotes"),
    ("00750102050225", "Frijol negro 900 g", "pz", "41.90", "Abarrotes"),
    ("00750102050332", "Aceite de oliva   extra virgen 750 ml", "pz", "219.00", "Abarrotes"),
    ("00750102050449", "Atún en agua 4 x 140 g", "pz", "98.50", "Abarrotes"),
    ("00750102050556", "Pasta “spaghetti” 500 g", "pz", "24.50", "Abarrotes"),
    ("00750102050663", "Salsa de tomate 350 g", "pz", "19.90", "Abarrotes"),
    ("00750102050770", "Galletas de avena & miel", "pz", "34.90", "Galletas"),
    ("00750102050887", "Agua mineral 6 x 600 ml", "pz", "72.00", "Bebidas"),
    ("00750102050994", "Jugo de naranja 1.5 L", "pz", "52.90", "Bebidas"),
    ("00750102051007", "Cerveza clara 12 x 355 ml", "pz", "215.00", "Bebidas"),
    ("00750102051114", "Papel higiénico 12 rollos", "pz", "109.90", "Hogar"),
    ("00750102051221", "Jabón para trastes 750 ml", "pz", "38.50", "Hogar"),
    ("00750102051338", "Pañales etapa 4, 40 piezas", "pz", "289.00", "Bebés"),
    ("00750102051445", "Alimento para gato 1.5 kg", "pz", "149.90", "Mascotas"),
    ("00750102051552", "Champú 2-en-1 400 ml", "pz", "84.90", "Cuidado personal"),
    ("00750102051669", "Pasta dental triple acción", "pz", "42.90", "Cuidado personal"),
    ("00750102051776", "Chocolate amargo 70 % 100 g", "pz", "58.90", "Dulces"),
    ("00750102051883", "Helado de vainilla 1 L", "pz", "96.50", "Congelados"),
    ("00750102051990", "Tortillas de maíz 1 kg", "pz", "27.00", "Tortillería"),
]

MESSAGES = {  # by language and by what happens
    "es": {
        "rescheduled": (
            "Hola {name}, listo: adelantamos su entrega como nos lo pidió.",
            "{name}, su pedido ya quedó en el horario más temprano.",
        ),
        "picking": (
            "Hola {name}, soy {worker} y ya estoy preparando su pedido.",
            "Buenas, {name}. Le habla {worker}, empiezo a juntar sus productos. Cualquier cosa le aviso por aquí.",
        ),
        "replacement": (
            "No hay {replaced}. ¿Le llevo {substitute} en su lugar?",
            "Se terminó esto: {replaced}. Le puedo llevar {substitute}, ¿está bien?",
        ),
        "missing": (
            "Busqué {missing} y ya no hay. No se lo cobramos.",
            "Hoy no tenemos {missing}; lo quito de su pedido y no se le cobra.",
        ),
        "on the way": (
            "Soy {worker}, ya voy en camino con su pedido {vehicle}",
            "Ya salí de {store}, voy para allá {vehicle}",
        ),
        "at the door": (
            "Ya llegué a {street}. ¿Me abre, por favor?",
            "Estoy afuera con su pedido. ¿Me da su código de entrega?",
        ),
        "ready": (
            "Su pedido ya está listo 🛍️ Puede pasar por él a {store}.",
            "{name}, lo esperamos en {store} con su pedido 🙌",
        ),
        "received": (
            "¡Gracias por su compra, {name}! Si algo no llegó bien, escríbanos por aquí.",
            "¿Todo bien con su pedido, {name}? Quedamos atentos.",
        ),
        "cancelled by CUSTOMER": (
            "{name}, cancelamos su pedido como nos lo pidió. El reembolso llega en unos días 🙏",
            "Listo, su pedido queda cancelado y no se le cobra nada. Aquí estamos para la próxima 🙌",
        ),
        "cancelled by CONTROL_TOWER": (
            "Lo sentimos mucho, {name}: tuvimos que cancelar su pedido. Le devolvemos el total 🙏",
            "{name}, hoy no podemos entregar su pedido y lo cancelamos. No se le cobra nada, una disculpa 🙏",
        ),
    },
    "pt": {
        "rescheduled": (
            "Oi {name}, pronto: adiantamos a sua entrega como você pediu.",
            "{name}, o seu pedido já está no horário mais cedo.",
        ),
        "picking": (
            "Oi {name}, aqui é {worker}. Já estou separando o seu pedido.",
            "Olá, {name}! Sou {worker} e comecei as suas compras. Qualquer coisa aviso por aqui.",
        ),
        "replacement": (
            "Não tem {replaced}. Posso levar {substitute} no lugar?",
            "Acabou este: {replaced}. Posso trocar por {substitute}?",
        ),
        "missing": (
            "Procurei {missing} e não tem mais. Não vamos cobrar, tá?",
            "Hoje não temos {missing}; tirei do pedido e não será cobrado.",
        ),
        "on the way": (
            "Aqui é {worker}, já estou a caminho com o seu pedido {vehicle}",
            "Saí agora da loja {store}, estou indo aí {vehicle}",
        ),
        "at the door": (
            "Cheguei: {street}. Pode abrir, por favor?",
            "Estou aqui na porta com o seu pedido. Qual é o código de entrega?",
        ),
        "ready": (
            "O seu pedido está pronto 🛍️ Pode retirar na loja {store}.",
            "{name}, pode vir buscar o seu pedido na loja {store} 🙌",
        ),
        "received": (
            "Obrigado pela compra, {name}! Se algo não chegou bem, é só escrever aqui.",
            "Deu tudo certo com o pedido, {name}? Estamos à disposição.",
        ),
        "cancelled by CUSTOMER": (
            "{name}, cancelamos o pedido como você pediu. O estorno cai em alguns dias 🙏",
            "Pronto, pedido cancelado e nada será cobrado. Até a próxima 🙌",
        ),
        "cancelled by CONTROL_TOWER": (
            "Sentimos muito, {name}: tivemos que cancelar o seu pedido. Vamos devolver o valor total 🙏",
            "{name}, hoje não conseguimos entregar e cancelamos o pedido. Nada será cobrado, desculpe 🙏",
        ),
    },
}


def simulate_job(
    *,
    seed: int,
    start: datetime,
    customer: Customer | None = None,
    client_id: str = "DEMO_STORE",
    operational_model: str | None = None,
    replacements: bool | None = None,
    missing: bool | None = None,
    reset: bool | None = None,
    cancelled: bool | None = None,
    rescheduled: bool | None = None,
    chat: bool | None = None,
    items: int | None = None,
) -> list[Payload]:
    """Return all event payloads of a job, in their order, from `start` (an aware time).

    With `chat`, messages to the customer are among them. The seed decides each option that is None. Raises ValueError
    for a model that is not one of OPERATIONAL_MODELS.
    """
    if operational_model not in (None, *OPERATIONAL_MODELS):
        raise ValueError(
            f"There is no operational model {operational_model}; there are {', '.join(OPERATIONAL_MODELS)}."
        )
    rng = random.Random(seed)

    def decided(option: bool | None, chance: float) -> bool:
        drawn = rng.random() < chance  # drawn in any case: an option does not change the rest of the story
        return drawn if option is None else option

    story = {
        "replacements": decided(replacements, 0.5),
        "missing": decided(missing, 0.4),
        "reset": decided(reset, 0.25),
        "cancelled": decided(cancelled, 0.15),
        "rescheduled": decided(rescheduled, 0.3),
    }
    drawn = rng.choice(list(OPERATIONAL_MODELS))
    chosen = some_customer(rng)
    model = operational_model or drawn
    life = _Life(rng, start, client_id, model, customer or chosen, items or rng.randint(4, 12))
    events = life.tell(**story)
    return _with_chat(events, life.customer, rng) if decided(chat, 0.5) else events


class _Life:
    def __init__(
        self, rng: random.Random, start: datetime, client_id: str, model: str, customer: Customer, items: int
    ) -> None:
        self.rng = rng
        self.now = start.astimezone(UTC)
        self.client_id = client_id
        self.customer = customer
        self.events: list[Payload] = []
        self.job = self._job(model, items)
        self.fresh = deepcopy(self.job)  # what a reset takes it back to
        self.last_moment: str | None = None

    def tell(
        self, *, replacements: bool, missing: bool, reset: bool, cancelled: bool, rescheduled: bool
    ) -> list[Payload]:
        if rescheduled:  # to an earlier slot: so nobody waits for hours in the middle of a story
            self._put_off(timedelta(hours=self.rng.choice([2, 3, 4])))
        self.say("CREATED")
        if rescheduled:
            self.wait(1, 5)
            self.job = deepcopy(self.fresh)
            self.say("RESCHEDULED")
        if self.rng.random() < 0.3:
            self.wait(1, 5)
            self.job["job_comment"] = self.rng.choice(COMMENTS)
            self.say("JOB_COMMENT_UPDATED")
        if reset:
            self._begin_and_reset()
        steps = [(task, step) for task in self.job["tasks"] for step in task["steps"]]
        # Not before picking, nor when it is at the door: that is when customers and stores change their minds.
        picking = next(i for i, (_, step) in enumerate(steps) if step["type"] == "PICKING")
        ends_at = self.rng.randint(picking, len(steps) - 1) if cancelled else None
        for number, (task, step) in enumerate(steps):
            if step is task["steps"][0]:
                self._allocate(task)
            self._begin(task, step)
            if step["type"] == "PICKING":
                self._pick(task, replacements=replacements, missing=missing)
            if number == ends_at:
                self._cancel()
                break
            if step["type"] == "CHECKING_OUT":
                self._check_out()
            self._end(task, step, is_last=number == len(steps) - 1)
        return self.events

    def say(self, type: str) -> None:
        """Add an event of the job as it now is, later than the one before by its whole second or by an inner moment."""
        moment = max(self._moments(), default="")
        before = self.events[-1]["created_at"] if self.events else ""
        if before == _seconds(self.now) and moment <= (self.last_moment or ""):
            self.now = self.now.replace(microsecond=0) + timedelta(seconds=1)
        self.last_moment = moment
        self.events.append(
            {
                "id": self.id(),
                "created_at": _seconds(self.now),
                "type": type,
                "client_id": self.client_id,
                "job": deepcopy(self.job),
            }
        )

    def _moments(self) -> Iterator[str]:
        for task in self.job["tasks"]:
            for step in task["steps"]:
                yield from (step["actual_start"], step["actual_end"])
            if task["resource"]:
                yield task["resource"]["last_update_position"]

    def wait(self, least: float, most: float) -> None:
        self.now += timedelta(seconds=round(self.rng.uniform(least * 60, most * 60), 3))

    def id(self) -> str:
        return some_uuid(self.rng)

    # What happens

    def _put_off(self, by: timedelta) -> None:
        slot = self.job["slot"]
        slot |= {key: _moved(slot[key], by) for key in ("from", "to", "expires_at")}
        for task in self.job["tasks"]:
            for step in task["steps"]:
                step |= {key: _moved(step[key], by) for key in ("optimal_start", "optimal_end")}

    def _begin_and_reset(self) -> None:
        task = self.job["tasks"][0]
        self._allocate(task)
        for step in task["steps"]:
            self._begin(task, step)
            if step["type"] == "PICKING":
                for item in self.job["job_items"][: len(self.job["job_items"]) // 2 + 1]:
                    self._find(item, task)
                break
            self._end(task, step, is_last=False)
        self.wait(1, 8)
        comment = self.job["job_comment"]
        self.job = deepcopy(self.fresh) | {"status": "PROCESSING", "job_comment": comment}
        self.now = self.now.replace(microsecond=0) + timedelta(seconds=1)  # its times are gone, so the second must do
        self.say(f"TASK_RESET_{task['type']}")

    def _allocate(self, task: Payload) -> None:
        self.wait(1, 6)
        self.job["status"] = "PROCESSING"
        self._assign(task)
        self.say("ALLOCATED")
        if self.rng.random() < 0.2:
            self.wait(1, 6)
            self._assign(task)
            self.say("RE_ALLOCATED")

    def _assign(self, task: Payload) -> None:
        known = (task["resource"] or {}).get("first_name")
        first, last, vehicle = self.rng.choice([person for person in RESOURCES if person[0] != known])
        mail = first.lower().translate(str.maketrans("áéíóúñ ", "aeioun."))
        task["resource_id"] = self.id()
        task["resource"] = {
            "dni": str(self.rng.randint(10**7, 10**8 - 1)),
            "phone_number": f"+5491155550{self.rng.randint(100, 199)}",
            "email": f"{mail}@example.com",
            "first_name": first,
            "last_name": last,
            "fleet_id": self.client_id,
            "id": task["resource_id"],
            "photo_url": "https://instaleap.s3.amazonaws.com/user-placeholder.png",
            "client_id": self.client_id,
            "last_update_position": json_time(self.now),
            "position": self._near(self.job["origin"]),
            "vehicle": {"client_id": self.client_id, "id": self.id(), "label": vehicle},
        }

    def _near(self, place: Payload) -> Payload:
        return {
            "longitude": round(place["longitude"] + self.rng.uniform(-0.02, 0.02), 6),
            "latitude": round(place["latitude"] + self.rng.uniform(-0.02, 0.02), 6),
        }

    def _begin(self, task: Payload, step: Payload) -> None:
        # Where one step ends the next begins, at times within the same second.
        self.now += timedelta(milliseconds=self.rng.randint(20, 200)) if step is not task["steps"][0] else timedelta()
        if step is task["steps"][0]:
            self.wait(1, 6)
        task["status"] = step["status"] = "DOING"
        step["actual_start"] = json_time(self.now)
        self.say(STEPS[step["type"]][0])

    def _end(self, task: Payload, step: Payload, *, is_last: bool) -> None:
        self.wait(*STEPS[step["type"]][2])
        step["status"] = "DONE"
        step["actual_end"] = json_time(self.now)
        if step is task["steps"][-1]:
            task["status"] = "DONE"
        if is_last:
            self.job["status"] = "FINISHED"
        self.say(STEPS[step["type"]][1])

    def _pick(self, task: Payload, *, replacements: bool, missing: bool) -> None:
        ordered = list(self.job["job_items"])
        # What has something like it is what gets replaced.
        unlucky = sorted(self.rng.sample(ordered, 2), key=lambda item: not _alike(item))
        for item in ordered:
            if replacements and item is unlucky[0]:
                self._replace(item, task)
            elif missing and item is unlucky[1]:
                self._picked(item, task, status="NOT_FOUND", found_quantity=0)
            else:
                self._find(item, task)

    def _find(self, item: Payload, task: Payload) -> None:
        quantity = _exact(item["quantity"])
        if item["unit"] == "KG":  # nobody cuts meat to the gram
            quantity = (quantity * Decimal(self.rng.randint(940, 1060)) / 1000).quantize(Decimal("0.001"))
        self._picked(item, task, status="FOUND", found_quantity=_number(quantity), scanned_barcode=item["barcodes"][0])

    def _replace(self, item: Payload, task: Payload) -> None:
        others = [product for product in CATALOGUE if product[2] == item["unit"] and product[0] != item["id"]]
        id, name, unit, price, category = self.rng.choice(_alike(item) or others)
        substitute = self._item(f"9{id[1:]}", f"Sustituto de {item['name']}: {name}", unit, price, category)
        substitute |= {
            "status": "FOUND",
            "is_substitute": True,
            "added_by": "PICKER",
            "quantity": item["quantity"],
            "found_quantity": item["quantity"],
            "picking_task_id": task["id"],
            "replacement_mode": "NO_REPLACE",
            "replacing_to": [item["id"]],
        }
        self.job["job_items"].append(substitute)
        self._picked(item, task, status="REPLACED", found_quantity=0, replacements=[substitute["id"]])

    def _picked(self, item: Payload, task: Payload, **found: Any) -> None:
        self.wait(0.3, 3)
        item |= {"picking_task_id": task["id"], **found}
        self.say("ITEMS_UPDATED")

    def _check_out(self) -> None:
        job, info = self.job, self.job["payment_info"]
        self.wait(0.5, 3)
        found = [item["id"] for item in job["job_items"] if item["status"] == "FOUND"]
        job["packages"] = [{"id": self.id(), "name": "Bolsa 1", "reference": "P1", "items": found}]
        self.say("PACKAGES_CREATED")
        self.wait(0.5, 3)
        total = self._total("found_quantity")
        job["payment_value"] = total
        job["updated_prices"] |= {"payment_value": total, "subtotal": total}
        self.say("PRICES_UPDATED")
        self.wait(0.2, 1)
        info["payment"] |= {"payment_status": "APPROVED", "value": total}
        self.say("PAYMENT_UPDATED")
        self.wait(0.2, 1)
        info["invoice"] = {"reference": f"F-{self.rng.randint(1000, 9999)}", "attributes": []}
        self.say("INVOICE_UPDATED")

    def _cancel(self) -> None:
        self.wait(0.5, 5)
        self.job |= {"status": "CANCELLED", "cancellation_source": self.rng.choice(["CUSTOMER", "CONTROL_TOWER"])}
        self.say("CANCELLED")

    # What there is at the beginning, with InstaLeap's keys in InstaLeap's order

    def _job(self, model: str, count: int) -> Payload:
        rng, now = self.rng, self.now
        customer = self.customer
        name, number, address, city, country, latitude, longitude = rng.choice(
            [store for store in STORES if store[4] == customer.country]
        )
        self.currency, self.worth, self.decimals = COUNTRIES[country]
        zip_code = str(rng.randint(10000, 99999))
        items = [self._item(*product) for product in rng.sample(CATALOGUE, count)]
        for item in items:
            item["quantity"] = (
                _number(Decimal(rng.randint(200, 2500)) / 1000) if item["unit"] == "KG" else rng.randint(1, 6)
            )
        begins = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=rng.choice([1, 2]))
        job = {
            "id": self.id(),
            "status": "CREATED",
            "source": rng.choice(["HEADLESS_ECOMMERCE_ANDROID", "HEADLESS_ECOMMERCE_IOS", "HEADLESS_ECOMMERCE_WEB"]),
            "client_reference": f"0000AG{rng.randint(10**5, 10**6 - 1)}N",
            "declared_value": 0,
            "payment_value": 0,
            "payment_method": "PREPAID",
            "operational_model": model,
            "external_data": {},
            "slot": {
                "id": self.id(),
                "from": json_time(begins),
                "to": json_time(begins + timedelta(hours=1)),
                "expires_at": json_time(begins - timedelta(hours=1)),
            },
            "recipient": {
                "name": customer.name,
                "email": customer.email,
                "phone_number": customer.phone,
                "identification": {"iv": "3XqaWR5LR/p2Fge0SkqEgA==", "encrypted_data": "+lcgaUpnsNRt9RrOAlcu2Q=="},
            },
            "origin": _place(name, address, city, country, "", latitude, longitude) | {"store_reference": number},
            "destination": _place(
                "Casa",
                customer.street,
                city,
                country,
                zip_code,
                round(latitude + rng.uniform(-0.03, 0.03), 6),
                longitude,
            ),
            "job_items": items,
            "packages": [],
            "payment_info": None,
            "cancellation_source": None,
            "volume": 0,
            "weight": 0,
            "issue_of": None,
            "tasks": self._tasks(model, count),
        }
        self.job = job
        total = self._total("quantity")
        sums = {"payment_value": total, "shipping_fee": 0, "discounts": 0, "subtotal": total, "taxes": 0}
        payment = {
            "id": None,
            "method": "PREPAID",
            "reference": None,
            "method_details": "PREPAGO",
            "blocking_policy": "EXIT_STORE",
            "payment_status_details": None,
            "payment_status": None,
            "value": 0,
            "metadata": None,
        }
        prices = {"taxes": 0, "subtotal": total, "discounts": 0, "order_value": total, "shipping_fee": 0}
        job["payment_info"] = {
            "prices": prices | {"attributes": [], "additional_info": []},
            "invoice": None,
            "payment": payment,
            "currency_code": self.currency,
        }
        return job | {
            "declared_value": total,
            "payment_value": total,
            "original_prices": dict(sums),
            "updated_prices": dict(sums),
            "delivery_code": str(rng.randint(1000, 9999)),
            "job_comment": "",
            "created_at": json_time(now - timedelta(seconds=rng.randint(1, 40))),
        }

    def _item(self, id: str, name: str, unit: str, price: int | str, category: str) -> Payload:
        local_price = _number((Decimal(price) * self.worth).quantize(Decimal(1).scaleb(-self.decimals), ROUND_HALF_UP))
        return {
            "id": id,
            "name": name,
            "status": "PENDING",
            "replacements": [],
            "is_substitute": False,
            "added_by": "CLIENT",
            "photo_url": f"https://res.cloudinary.com/{id}L.jpg",
            "found_quantity": 0,
            "comment": "",
            "barcodes": [id[2:]],
            "package_name": None,
            "package_reference": None,
            "scanned_barcode": "",
            "replacement_mode": self.rng.choice(["SUGGESTED", "PICKER_DECIDES", "NO_REPLACE"]),
            "suggested_replaments": ["218648191212"],
            "lot": None,
            "picking_task_id": None,
            "replacing_to": [],
            "attributes": {
                "ean": id[2:],
                "sku": id,
                "category": category,
                "posPrice": local_price,
                "product_id": str(self.rng.randint(10**5, 2 * 10**5)),
                "originalPrice": local_price,
            },
            "quantity": 1,
            "sub_quantity": 1,
            "unit": unit,
            "sub_unit": unit,
            "price": local_price,
            "weight": 1,
            "volume": 1,
        }

    def _tasks(self, model: str, count: int) -> list[Payload]:
        planned = self.now.replace(second=0, microsecond=0)
        more = {"PICKING": AN_ITEM * count, "CHECKING_OUT": PAYING}
        tasks: list[Payload] = []
        for type, steps in OPERATIONAL_MODELS[model]:
            task: Payload = {
                "id": self.id(),
                "type": type,
                "resource_id": None,
                "resource": None,
                "status": "PENDING",
                "steps": [],
            }
            planned += timedelta(minutes=ALLOCATING)
            for step in steps:
                begins = planned
                planned += timedelta(minutes=round(sum(STEPS[step][2]) / 2 + more.get(step, 0)))
                task["steps"].append(
                    {
                        "id": self.id(),
                        "type": step,
                        "status": "PENDING",
                        "optimal_start": json_time(begins),
                        "optimal_end": json_time(planned),
                        "actual_start": "",
                        "actual_end": "",
                    }
                )
            tasks.append(task)
        return tasks

    def _total(self, quantity: str) -> int | float:
        total = sum((_exact(item["price"]) * _exact(item[quantity]) for item in self.job["job_items"]), Decimal())
        return _number(total.quantize(Decimal(1).scaleb(-self.decimals), ROUND_HALF_UP))


def _place(
    name: str, address: str, city: str, country: str, zip_code: str, latitude: float, longitude: float
) -> Payload:
    return {
        "name": name,
        "address": address,
        "address_two": "",
        "description": "",
        "country": country,
        "city": city,
        "state": "",
        "zip_code": zip_code,
        "latitude": latitude,
        "longitude": longitude,
    }


def _alike(item: Payload) -> list[Product]:
    """Return what else the store has of an item's category."""
    category = item["attributes"]["category"]
    return [product for product in CATALOGUE if product[4] == category and product[0] != item["id"]]


def _with_chat(events: list[Payload], customer: Customer, rng: random.Random) -> list[Payload]:
    """Return `events` with two to four messages to the customer among them, each where happens what it is about."""
    job = events[-1]["job"]
    named = {item["status"]: item["name"] for item in job["job_items"] if not item["is_substitute"]}
    substitute = next((item["name"].partition(": ")[2] for item in job["job_items"] if item["is_substitute"]), "")
    facts = {
        "name": customer.first_name,
        "street": customer.street,
        "store": job["origin"]["name"],
        "replaced": _spoken(named.get("REPLACED", "")),
        "substitute": _spoken(substitute),
        "missing": _spoken(named.get("NOT_FOUND", "")),
    }
    story = list(events)
    for index, sender, kind in sorted(_occasions(events, rng), reverse=True):  # the last first: it moves no index
        event = events[index]
        after = datetime.fromisoformat(event["created_at"])
        gap = datetime.fromisoformat(events[index + 1]["created_at"]) - after if event is not events[-1] else AFTERWARDS
        for task in event["job"]["tasks"]:
            if task["status"] == "DOING":
                resource = task["resource"]
                facts |= {"worker": resource["first_name"], "vehicle": VEHICLES[resource["vehicle"]["label"]]}
        message = {
            "client_id": event["client_id"],
            "created_at": json_time(after + gap * rng.uniform(0.2, 0.8)),
            "sender": sender,
            "job_id": job["id"],
            "notification_message": rng.choice(MESSAGES[customer.language][kind]).format(**facts),
        }
        story.insert(index + 1, message)
    return story


def _occasions(events: list[Payload], rng: random.Random) -> list[tuple[int, str, str]]:
    """Return for each message the index of the event after which it is written, its sender, and its kind."""
    job = events[-1]["job"]
    last = {event["type"]: index for index, event in enumerate(events)}
    first: dict[str, int] = {}  # by status of an item
    for index, event in reversed(list(enumerate(events))):
        first |= {item["status"]: index for item in event["job"]["job_items"]}

    needed = []
    if "REPLACED" in first:
        needed.append((first["REPLACED"] - 1, "SH", "replacement"))  # asked before it is done
    if "NOT_FOUND" in first:
        needed.append((first["NOT_FOUND"] - 1, "SH", "missing"))
    if not needed:
        needed.append((last["PICKING_STARTED"], "SH", "picking"))
    if "GOING_TO_DESTINATION_STARTED" in last:
        needed.append((last["GOING_TO_DESTINATION_STARTED"], "DR", "on the way"))
    elif job["tasks"][-1]["type"] == "PICK_UP" and job["tasks"][0]["status"] == "DONE":
        needed.append((max(last.get("TRANSFERRED", 0), last.get("STORING_FINISHED", 0)), "AG", "ready"))
    if job["status"] == "CANCELLED":
        needed.append((len(events) - 1, "AG", f"cancelled by {job['cancellation_source']}"))

    others = []
    if "RESCHEDULED" in last:
        others.append((last["RESCHEDULED"], "AG", "rescheduled"))
    if {"GOING_TO_DESTINATION_STARTED", "DELIVERING_STARTED"} <= last.keys():
        others.append((last["DELIVERING_STARTED"], "DR", "at the door"))
    if job["status"] != "CANCELLED":
        others.append((len(events) - 1, "AG", "received"))
    return needed + rng.sample(others, min(len(others), rng.randint(0, max(4 - len(needed), 0))))


def _spoken(name: str) -> str:
    """Return a product's name as it is written within a sentence."""
    return " ".join((name[:1].lower() + name[1:]).split())


def _moved(time: str, by: timedelta) -> str:
    return json_time(datetime.fromisoformat(time) + by)


def _seconds(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _exact(number: float) -> Decimal:
    return Decimal(str(number))


def _number(number: Decimal) -> int | float:
    """As JSON has it: whole numbers without a point."""
    return int(number) if number == number.to_integral_value() else float(number)
