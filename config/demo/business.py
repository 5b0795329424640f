"""What Harbour Bins is made of: plain facts, nothing done."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "portico-demo"  # noqa: S105  the demo prints it


@dataclass(frozen=True)
class Account:
    """Somebody one can sign in as. ``role``: a shipped staff role, or "" ; ``customers``: those she is linked to."""

    name: str
    email: str
    what: str
    role: str = ""
    is_staff: bool = False
    customers: tuple[str, ...] = ()


ACCOUNTS = (
    Account("Olivia Osei", "olivia@harbour.example", "administrator: everything", "Administrator", True),
    Account("Dana Drake", "dana@harbour.example", "dispatcher: customers, jobs, schedule", "Dispatcher", True),
    Account("Ines Ito", "ines@harbour.example", "importer: files", "Importer", True),
    Account("Bill Baker", "bill@harbour.example", "billing clerk", "Billing clerk", True),
    Account("Sam Stone", "sam@harbour.example", "support: sees everything, changes nothing", "Support", True),
    Account("Nell Nash", "nell@harbour.example", "staff without a role: sees nothing", "", True),
    Account(
        "Cora Calder",
        "cora@customer.example",
        "portal user of two customers",
        customers=("Acme Builders", "Birch Hotel"),
    ),
    Account("Colm Keane", "colm@customer.example", "her colleague", customers=("Acme Builders",)),
    Account("Carl Cross", "carl@customer.example", "portal user of another customer", customers=("Cedar School",)),
)

WORKERS = (
    ("Theo Tanner", "#0f766e", "+49 151 55500101"),
    ("Wanda Weiss", "#b45309", "+49 151 55500102"),
    ("Yusuf Yilmaz", "#1d4ed8", "+49 151 55500103"),
    ("Rosa Richter", "#be185d", "+49 151 55500104"),
)

LABELS = ("Construction", "Hospitality", "Public", "Weekly round")

# (name, contact, label, guest: a contact without a login who follows jobs by their link)
CUSTOMERS = (
    ("Acme Builders", "Ada Ahrens", "Construction"),
    ("Birch Hotel", "Bruno Beck", "Hospitality"),
    ("Cedar School", "Carla Conrad", "Public"),
    ("Elm Garden Centre", "Gita Green", "Weekly round"),
    ("Alster Rowing Club", "Arne Abel", "Weekly round"),
    ("Altona Bakery", "Berta Bauer", "Hospitality"),
    ("Bergedorf Timber", "Claus Carstens", "Construction"),
    ("Blankenese Dental", "Doris Dahl", "Weekly round"),
    ("Bramfeld Motors", "Emil Ehlers", "Construction"),
    ("Café Elbblick", "Frieda Franke", "Hospitality"),
    ("City Library", "Georg Gerdes", "Public"),
    ("Dockside Studios", "Hanna Hinrichs", "Weekly round"),
    ("Eimsbüttel Clinic", "Ida Iversen", "Public"),
    ("Eppendorf Flowers", "Jan Jensen", "Weekly round"),
    ("Fischmarkt Catering", "Klara Kruse", "Hospitality"),
    ("Fuhlsbüttel Freight", "Lars Lorenz", "Construction"),
    ("Grindel Print", "Marta Meier", "Weekly round"),
    ("HafenCity Offices", "Nils Nissen", "Public"),
    ("Hammerbrook Loft", "Oda Olsen", "Construction"),
    ("Harburg Steel", "Paul Petersen", "Construction"),
    ("Hoheluft Kita", "Quirin Quast", "Public"),
    ("Horn Racecourse", "Rita Rohde", "Hospitality"),
    ("Iserbrook Gardens", "Sven Schulz", "Weekly round"),
    ("Jenfeld Housing", "Tilda Thoms", "Construction"),
    ("Kiez Brewery", "Udo Ulrich", "Hospitality"),
    ("Landungsbrücken Kiosk", "Vera Voss", "Hospitality"),
    ("Lokstedt Film", "Willi Wolf", "Weekly round"),
    ("Moorfleet Nursery", "Xenia Xander", "Weekly round"),
    ("Neustadt Law", "Yara Yildiz", "Weekly round"),
    ("Ohlsdorf Stone", "Zoe Ziegler", "Construction"),
    ("Ottensen Theatre", "Anton Arndt", "Public"),
    ("Poppenbüttel Pools", "Britta Busch", "Construction"),
    ("Rahlstedt Roofing", "Cord Claussen", "Construction"),
    ("Rotherbaum Gallery", "Dörte Dietz", "Weekly round"),
    ("Sasel Stables", "Enno Eggers", "Weekly round"),
    ("Schanze Records", "Fenja Fock", "Hospitality"),
    ("Stellingen Arena", "Gero Glas", "Public"),
    ("Uhlenhorst Yachts", "Hilke Haas", "Construction"),
    ("Veddel Logistics", "Ingo Imhof", "Construction"),
    ("Wandsbek Market", "Jette Jahn", "Hospitality"),
)

STREETS = (
    "Am Sandtorkai", "Fischertwiete", "Große Elbstraße", "Holstenstraße", "Jarrestraße", "Kampstraße", "Lange Reihe",
    "Mühlenkamp", "Osterstraße", "Palmaille", "Rentzelstraße", "Susannenstraße", "Überseeallee", "Wexstraße",
)  # fmt: skip

_SIZE = {"label": "Skip size", "kind": "pick", "choices": ["3 m³", "5 m³", "7 m³", "10 m³"], "portal_use": "required"}
_WASTE = {
    "label": "Waste",
    "kind": "pick",
    "choices": ["Mixed", "Wood", "Rubble", "Garden", "Metal"],
    "portal_use": "required",
}
_PERMIT = {
    "label": "Stands on the street",
    "kind": "checkbox",
    "help": "Then we need a permit, which takes three days.",
    "portal_use": "optional",
}
_PERMIT_NUMBER = {
    "label": "Permit number",
    "kind": "text",
    "help": "If you have the permit already.",
    "portal_use": "optional",
    "shown_when": "stands_on_the_street",
    "shown_value": "yes",
}
_PHOTO = {
    "label": "Photo of the place",
    "kind": "file",
    "help": "Then the driver sees where the skip goes.",
    "portal_use": "optional",
}
_WEIGHT = {"label": "Weight (kg)", "kind": "number", "worker_use": "required", "portal_use": "read_only"}
_TIPPED = {"label": "Tipping note", "kind": "text", "worker_use": "optional"}

# name -> (category, minutes, price lines (description, quantity, unit price, unit), portal default, description, steps
# (name, portal use), fields)
TEMPLATES = {
    "Skip delivery": (
        "Skips", 45, (("Skip delivery", "1", "75.00"), ("Hire, 14 days", "1", "20.00")), True,
        "We bring an empty skip and put it where you want it.",
        (("Load the skip", "hidden"), ("Drive to the site", "read_only"), ("Put it down", "read_only")),
        (_SIZE, _WASTE, _PERMIT, _PERMIT_NUMBER, _PHOTO),
    ),
    "Skip exchange": (
        "Skips", 60, (("Skip exchange", "1", "95.00"), ("Tipping", "1.5", "30.00", "TNE")), True,
        "We take the full skip away and leave an empty one.",
        (("Drive to the site", "read_only"), ("Exchange the skip", "read_only"), ("Tip at the plant", "hidden")),
        (_SIZE, _WASTE, _WEIGHT, _TIPPED),
    ),
    "Skip collection": (
        "Skips", 45, (("Skip collection", "1", "55.00"), ("Tipping", "1", "30.00", "TNE")), True,
        "We take the skip away for good.",
        (("Drive to the site", "read_only"), ("Collect the skip", "read_only"), ("Tip at the plant", "hidden")),
        (_WASTE, _WEIGHT, _TIPPED),
    ),
    "Recycling round": (
        "Rounds", 20, (("Bin emptied", "2", "14.25"),), True, "The weekly pickup of your recycling bins.",
        (("Empty the bins", "read_only"),),
        ({"label": "Bins", "kind": "number", "default": "2", "portal_use": "optional"},),
    ),
    "Hazardous waste pickup": (
        "Special", 90, (("Hazardous waste pickup", "1", "250.00"), ("Papers", "1", "60.00")), False,
        "Paint, oil, batteries: with papers, by trained people.",
        (("Check the papers", "hidden"), ("Pick up", "read_only"), ("Hand in at the depot", "hidden")),
        ({"label": "UN number", "kind": "text", "worker_use": "required", "portal_use": "required"}, _WEIGHT),
    ),
    "Site inspection": (
        "Special", 30, (("Site inspection, free of charge", "1", "0.00"),), False, "We look at the place and advise.",
        (("Look at the place", "read_only"),),
        ({"label": "Findings", "kind": "text", "worker_use": "required"},),
    ),
}  # fmt: skip

CANCELLATION_REASONS = ("No longer needed", "Wrong date", "Booked twice", "Site not accessible", "Weather")
