from django.db import models


class OrganisationKind(models.TextChoices):
    POLICE = "police", "Police force"
    COUNTY = "county", "County council"
    DISTRICT = "district", "District or borough council"
    UNITARY = "unitary", "Unitary council"
    FIRE = "fire", "Fire and rescue authority"
    HEALTH = "health", "Health body"
    PROBATION = "probation", "Probation"
    POLICING_BODY = "policing_body", "Local policing body"
    AMBULANCE = "ambulance", "Ambulance trust"
    CRIMINAL_JUSTICE = "criminal_justice", "Criminal justice partner"
    VOLUNTARY = "voluntary", "Voluntary organisation"
    OTHER = "other", "Other"


class BodyKind(models.TextChoices):
    COUNTY_PARTNERSHIP = "county_partnership", "County partnership"
    CSP = "csp", "Community Safety Partnership"
    TEAM = "team", "Team"
    WORKING_GROUP = "working_group", "Working Group"
    BOARD = "board", "Board"
    COMMITTEE = "committee", "Committee"
    GROUP = "group", "Linked multi-agency group"
    PANEL = "panel", "Case panel"


class AccessRegime(models.TextChoices):
    COMMITTEE = "committee", "Council committee (Local Government Act 1972)"
    PARTNERSHIP = "partnership", "Partnership, published voluntarily"


class OfficeKind(models.TextChoices):
    CHAIR = "chair", "Chair"
    VICE_CHAIR = "vice_chair", "Vice-chair"
    CLERK = "clerk", "Clerk"


class LegislationKind(models.TextChoices):
    ACT = "act", "Act"
    BILL = "bill", "Bill"
    REGULATIONS = "regulations", "Regulations"
    GUIDANCE = "guidance", "Guidance or duty"


class LegislationStatus(models.TextChoices):
    UPCOMING = "upcoming", "Upcoming"
    IN_FORCE = "in_force", "In force"
    SUPERSEDED = "superseded", "Superseded"
