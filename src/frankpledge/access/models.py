"""Accounts and the audit trail."""

import uuid

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models


class UserManager(BaseUserManager):
    def create_user(self, email: str, name: str, password: str | None = None) -> "User":
        user: User = self.model(email=self.normalize_email(email).lower(), name=name)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        user: User = self.get(email__iexact=username)
        return user


class User(AbstractBaseUser):
    """An account. What it may do comes from the posts its person holds, never from here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("e-mail address", unique=True)
    name = models.CharField(max_length=150)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = UserManager()

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return str(self.name)


class ChainHead(models.Model):
    """The last link of the audit chain; its one row is the lock that orders writers."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="access_chainhead_only_one")
        ]


class AuditEntry(models.Model):
    """One line of the trail: plain text and ids only. The database refuses to change it."""

    number = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor_id = models.CharField(max_length=64)
    actor_name = models.CharField(max_length=150)
    actor_via = models.TextField(blank=True)
    capability = models.CharField(max_length=40)
    record_type = models.CharField(max_length=80, blank=True)
    record_id = models.CharField(max_length=64, blank=True)
    record_name = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    concerns = models.TextField(blank=True)
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["-number"]
        indexes = [models.Index(fields=["record_type", "record_id"])]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(actor_id=""), name="access_auditentry_has_an_actor"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.text}"
