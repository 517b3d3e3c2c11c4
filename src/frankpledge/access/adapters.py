"""How allauth signs people in here: accounts are made by the county team, never by signing up."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from frankpledge.access.models import User


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """A closed account is answered as a wrong password is, and counts as one try."""
        user = super().authenticate(request, **credentials)
        if user is None or user.is_active:
            return user
        self.pre_authenticate(request, **credentials)  # the right password had given the try back
        return None

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        """Nor do a passkey and another provider tell that the account was closed."""
        messages.error(request, "You could not be signed in. Try again or ask the county team.")
        return redirect("account_login")


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """OpenID Connect signs in an account that exists; it never makes one."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        if sociallogin.is_existing:
            return
        verified = [a.email for a in sociallogin.email_addresses if a.verified]
        user = User.objects.filter(email__in=[e.lower() for e in verified], is_active=True).first()
        if user is not None:
            sociallogin.connect(request, user)
