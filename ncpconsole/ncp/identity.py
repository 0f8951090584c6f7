"""Whose key it is: the identity that NAVER Cloud's STS tells of whoever signed the request.

Source: the API page of ``GET /api/v1/caller-identity``, which is the same on all three sites.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

IDENTITY_PATH = "/api/v1/caller-identity"
MOST_CHARACTERS = 128


@dataclass(frozen=True, slots=True)
class CallerIdentity:
    """``user_type`` is Customer (the main account), Sub or Role; the alias may be empty, or be renamed later."""

    id: str = ""
    login_alias: str = ""
    user_type: str = ""

    def as_json(self) -> dict[str, str]:
        """By the API's field names."""
        return {"id": self.id, "loginAlias": self.login_alias, "userType": self.user_type}


def identity_from(document: Mapping[str, Any] | None) -> CallerIdentity | None:
    """The identity in an answer, each text cut; None where the answer names nobody."""
    texts = [_text((document or {}).get(name)) for name in ("id", "loginAlias", "userType")]
    return CallerIdentity(*texts) if texts[0] or texts[1] else None


def _text(value: object) -> str:
    return str(value)[:MOST_CHARACTERS] if isinstance(value, str | int) and not isinstance(value, bool) else ""
