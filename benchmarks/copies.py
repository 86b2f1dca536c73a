"""Fills a database with copies of the jobs, conversations and events that it has, by the million.

Rows are numbered after those that are there, the newest last, a job every JOB_EVERY seconds until now. What a copy has
of its own is an expression over `n`, its number.
"""

from contextlib import contextmanager

from django.db import connection

from chat.models import Contact, Conversation, Message
from console.search import normalize
from orders.models import Job, JobItem, StatusChange, TimelineEntry
from webhooks.models import Event
from webhooks.payloads.compression import compressed

JOB_EVERY = 10  # seconds: as busy as it gets
UNDER_WAY = 400  # of the newest
EVENTS, CHANGES, ENTRIES, ITEMS = 10, 10, 5, 2  # of a job
JOBS_A_CONVERSATION, CONVERSATIONS_A_CONTACT, MESSAGES = 2, 2, 6

# The commonest first: of those, one in the first tenth comes as often as the other nine tenths together.
FIRST = (
    "María,José,Ana,Juan,Luis,Guadalupe,Carlos,Sofía,Jorge,Valentina,Miguel,Camila,Pedro,Lucía,Andrés,Fernanda,"
    "Francisco,Daniela,Javier,Gabriela,Ricardo,Mariana,Alejandro,Isabel,Óscar,Beatriz,Íñigo,Ximena,João,Zoë"
).split(",")
LAST = (
    "Hernández,García,Martínez,López,González,Pérez,Rodríguez,Sánchez,Ramírez,Cruz,Flores,Gómez,Morales,Vázquez,Reyes,"
    "Jiménez,Torres,Díaz,Gutiérrez,Ruiz,Mendoza,Aguilar,Ortiz,Moreno,Castillo,Romero,Álvarez,Méndez,Chávez,Rivera,"
    "Juárez,Ramos,Domínguez,Herrera,Medina,Castro,Vargas,Guzmán,Velázquez,Muñoz,Núñez,O'Farrill,Oyarzún,Ñancupil"
).split(",")
WORDS = (
    "pedido,hola,gracias,no,llegó,el,mi,cuándo,entrega,producto,falta,está,buenas,tardes,cambio,leche,dónde,repartidor,"
    "tarde,pago,tarjeta,reembolso,dirección,casa,departamento,puerta,tienda,bolsa,huevos,pan,manzanas,roto,frío,"
    "helado,carne,pollo,agua,esperando,minutos,hora,mañana,cancelar,código,recibo,factura,correo,número,urgente"
).split(",")
STORES = [f"Tienda {name}" for name in ("Centro", "Norte", "Sur", "Polanco", "Del Valle", "Roma", "Condesa", "Juárez")]
RARE = "Zulueta"  # one in 20,000


def fill(jobs: int) -> None:
    """Add so many jobs, with what belongs to them."""
    conversations, contacts = jobs // JOBS_A_CONVERSATION, jobs // JOBS_A_CONVERSATION // CONVERSATIONS_A_CONTACT
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # no foreign key is looked up, row by row
        cursor.execute("SET maintenance_work_mem = '512MB'; SET synchronous_commit = off; SELECT setseed(0.42)")
    try:
        job = _copy(Job, jobs, _job(jobs), _SOMEBODY)
        _copy(JobItem, jobs * ITEMS, {"job_id": f"{job} + 1 + (n - 1) / {ITEMS}", "external_id": "'i' || n"})
        entry = _copy(
            TimelineEntry,
            jobs * ENTRIES,
            {
                "job_id": f"{job} + 1 + (n - 1) / {ENTRIES}",
                "external_id": "'e' || n",
                "event_id": "NULL",
                "position": "lpad(n::text, 12, '0')",
                "occurred_at": _at(f"n / {ENTRIES}", jobs),
                "changes": "'[]'::jsonb",
            },
        )
        _copy(
            StatusChange,
            jobs * CHANGES,
            {
                "job_id": f"{job} + 1 + (n - 1) / {CHANGES}",
                "entry_id": f"{entry} + 1 + (n - 1) / {CHANGES // ENTRIES}",
                "at": _at(f"n / {CHANGES}", jobs),
            },
        )
        contact = _copy(Contact, contacts, _projected_columns() | _somebody("name", "email", "phone_number"), _SOMEBODY)
        conversation = _copy(Conversation, conversations, _conversation(jobs, conversations, contact))
        _copy(
            Message,
            conversations * MESSAGES,
            _projected_columns()
            | {
                "conversation_id": f"{conversation} + 1 + (n - 1) / {MESSAGES}",
                "contact_id": "NULL",
                "direction": "(ARRAY['in', 'out'])[1 + n % 2]",
                "kind": "'text'",
                "sent_at": _at(f"n * {JOBS_A_CONVERSATION} / {MESSAGES}", jobs),
                "text": "drawn.words",
                "search_text": "drawn.words",
                "versions": "'[]'::jsonb",
                "reactions": "NULL",
            },
            _WORDS,
        )
        _copy(Event, jobs * EVENTS, _event(jobs))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET session_replication_role; RESET maintenance_work_mem; RESET synchronous_commit")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")


def _at(number, jobs):
    """Return when the job of this number was, as an expression."""
    return f"now() - ({jobs} - {number}) * interval '{JOB_EVERY} seconds'"


def _job(jobs):
    age, at = f"({jobs} - n)", _at("n", jobs)
    status = f"""CASE WHEN {age} < {UNDER_WAY} THEN (ARRAY['CREATED', 'PROCESSING', 'PROCESSING'])[1 + n % 3]
        WHEN n % 33 = 0 THEN 'CANCELLED' WHEN n % 97 = 0 THEN 'REFUSED' WHEN n % 5000 = 0 THEN 'PROCESSING'
        ELSE 'FINISHED' END"""
    return _somebody("recipient_name", "recipient_email", "recipient_phone_number") | {
        "external_id": "md5(n::text)::uuid::text",
        "client_reference": "'G' || lpad(n::text, 8, '0')",
        "status": status,
        "operational_model": "(ARRAY['FULL_SERVICE', 'PICK_AND_DELIVERY', 'PICK_AND_COLLECT'])[1 + n % 3]",
        "store_name": f"{_array(STORES)}[1 + n % {len(STORES)}]",
        "store_reference": f"'S' || n % {len(STORES)}",
        "delivery_code": "(1000 + n * 7919 % 9000)::text",
        "slot_from": f"{at} - interval '1 hour'",
        "slot_to": f"{at} + interval '30 minutes'",
        "created_at": f"{at} - interval '3 hours'",
        "first_event_at": f"{at} - interval '3 hours'",
        "last_event_at": at,
        "ended_at": f"CASE WHEN {age} >= {UNDER_WAY} AND n % 5000 <> 0 THEN {at} END",
        "missing_items": "CASE WHEN n % 12 = 0 THEN 1 ELSE 0 END",
        "snapshot": "'{}'::jsonb",
    }


def _array(texts):
    return f"(ARRAY[{', '.join("'" + text.replace("'", "''") + "'" for text in texts)}])"


def _pick(number):
    """Return a number from 1 on, the lower the commoner; of its own for each row."""
    return f"(1 + floor(power(random(), 2) * {number}))::int"


# What a row draws by lot, under `drawn`: somebody's name, as it is written and as it is searched ...
_SOMEBODY = f"""
    CROSS JOIN LATERAL (
        SELECT {_pick(len(FIRST))} + 0 * n AS f, {_pick(len(LAST))} + 0 * n AS l, {_pick(len(LAST))} + 0 * n AS m
    ) AS pick
    CROSS JOIN LATERAL (SELECT
        {_array(FIRST)}[f] || ' ' || CASE WHEN n % 20000 = 7 THEN '{RARE}' ELSE {_array(LAST)}[l] END || ' '
            || {_array(LAST)}[m] AS name,
        {_array(map(normalize.name, FIRST))}[f] || ' '
            || CASE WHEN n % 20000 = 7 THEN lower('{RARE}') ELSE {_array(map(normalize.name, LAST))}[l] END || ' '
            || {_array(map(normalize.name, LAST))}[m] AS plain
    ) AS drawn
"""
# ... or what somebody writes.
_WORDS = f"""
    CROSS JOIN LATERAL (
        SELECT CASE WHEN n % 5000 = 7 THEN 'rara' || n || ' ' ELSE '' END
            || string_agg({_array(WORDS)}[{_pick(len(WORDS))}], ' ') AS words
        FROM generate_series(1, 6 + n % 9)
    ) AS drawn
"""


def _somebody(name, email, phone):
    """Return the columns of somebody's name, e-mail and phone, and of what search finds them by."""
    address = "replace(drawn.plain, ' ', '.') || n || '@example.com'"
    return {
        name: "drawn.name",
        email: address,
        phone: "'+52 55 ' || 10000000 + n",
        "search_name": "drawn.plain",
        "search_email": address,
        "phone_digits_reversed": "reverse('5255' || 10000000 + n)",
        "e164": "'+5255' || 10000000 + n",
    }


def _projected_columns():
    return {"external_id": "'copy-' || n", "field_versions": "'{}'::jsonb", "deleted": "false"}


def _conversation(jobs, conversations, contact):
    at = _at(f"n * {JOBS_A_CONVERSATION}", jobs)
    return _projected_columns() | {
        "contact_id": f"CASE WHEN n % 4 > 0 THEN {contact} + 1 + (n - 1) / {CONVERSATIONS_A_CONTACT} END",
        "subject": "''",
        "channel": "(ARRAY['WHATSAPP', 'INSTALEAP', 'WHATSAPP', 'TAWK'])[1 + n % 4]",
        "status": "(ARRAY['open', 'closed', 'closed'])[1 + n % 3]",
        "job_id": f"CASE WHEN n % 2 = 0 THEN md5((n * {JOBS_A_CONVERSATION})::text)::uuid::text ELSE '' END",
        "message_count": str(MESSAGES),
        "last_text": "'pedido ' || n",
        "active_at": at,
        "started_at": f"{at} - interval '1 hour'",
        "unanswered": f"({conversations} - n < 150 OR n % 20000 = 5)",
        "unanswered_since": f"CASE WHEN {conversations} - n < 150 OR n % 20000 = 5 THEN {at} END",
        "group_id": "NULL",
    }


def _event(jobs):
    at = _at(f"n / {EVENTS}.0", jobs)
    return {
        "subject": f"md5((1 + (n - 1) / {EVENTS})::text)::uuid::text",
        "external_id": "md5('event' || n)::uuid::text",
        "type": "(ARRAY['CREATED', 'ITEMS_UPDATED', 'FINISHED', 'TASK_STARTED'])[1 + n % 4]",
        "dedup_key": "sha256(n::text::bytea)",
        "body_hash": "sha256(n::text::bytea)",
        "body": f"'\\x{compressed(b'{}').hex()}'::bytea",
        "headers": "'{}'::jsonb",
        "received_at": at,
        "occurred_at": at,
        "processed_at": f"{at} + interval '200 milliseconds'",
        "status": "CASE WHEN n % 50000 = 9 THEN 'dead' WHEN n % 1000 = 9 THEN 'ignored' ELSE 'processed' END",
    }


def _copy(model, count, own, drawn="") -> int:
    """Add `count` copies of a row, but for what is their own; return the number before that of the first."""
    table = model._meta.db_table
    columns = [field.column for field in model._meta.concrete_fields]
    last = model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    own = {"id": f"{last} + n"} | own
    values = ", ".join(own.get(column, f"one.{column}") for column in columns)
    quoted = ", ".join(f'"{column}"' for column in columns)
    with _without_indexes(table), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({quoted}) SELECT {values} FROM (SELECT * FROM {table} ORDER BY id LIMIT 1) AS one"
            f" CROSS JOIN generate_series(1, {count}::bigint) AS n {drawn}"
        )
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {last + count})")
    return last


@contextmanager
def _without_indexes(table):
    """Drop the indexes that no constraint needs, and create them again afterwards: that is quicker."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass"
            " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid) AND NOT indisunique",
            [table],
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
    yield
    with connection.cursor() as cursor:
        for _, definition in indexes:
            cursor.execute(definition)
