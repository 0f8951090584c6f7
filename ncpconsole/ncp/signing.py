"""Signature version 2: a pure function over exactly what is sent, and the pair of keys it needs.

Source: the API overview page on calling an API. Nothing here imports an HTTP library: whoever only needs a
key or its fingerprint starts fast. The HTTP client's adapter is `ncpconsole.ncp.transport.SignatureV2`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import unicodedata
from typing import NoReturn

from ncpconsole.language import Sentence, msgid
from ncpconsole.ncp.errors import ACCESS_KEY, SECRET_KEY, InvalidKey

TIMESTAMP_HEADER = "x-ncp-apigw-timestamp"
ACCESS_KEY_HEADER = "x-ncp-iam-access-key"
SIGNATURE_HEADER = "x-ncp-apigw-signature-v2"
LONGEST_KEY = 512
QUOTES = "\"'`´“”„‘’‚«»"


class Credentials:
    """One access key with its secret key. ``repr`` shows the fingerprint alone; the values never change.

    The access key goes into a header, so it is visible ASCII. The secret only keys a hash, so it may be any
    text without control characters. Raises InvalidKey, which quotes neither.
    """

    __slots__ = ("_access_key", "_secret_key")

    def __init__(self, access_key: str, secret_key: Secret) -> None:
        for key, length in ((ACCESS_KEY, len(access_key)), (SECRET_KEY, len(secret_key.reveal()))):
            if not length:
                raise InvalidKey(key, msgid("The {key} is empty."))
            if length > LONGEST_KEY:
                raise InvalidKey(key, msgid("The {key} is longer than {most} characters."), most=LONGEST_KEY)
        if not all("!" <= letter <= "~" for letter in access_key):
            raise InvalidKey(
                ACCESS_KEY,
                msgid("The {key} holds a space, a control character or a letter outside ASCII, which cannot be sent."),
            )
        # Cc: control characters, a line end among them; Cs: halves of a letter that no keyring can store.
        if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in secret_key.reveal()):
            raise InvalidKey(SECRET_KEY, msgid("The {key} holds a control character, a line end or broken text."))
        self._access_key = access_key
        self._secret_key = secret_key

    @property
    def access_key(self) -> str:
        """The access key. Not for screens: see `fingerprint`."""
        return self._access_key

    @property
    def secret_key(self) -> Secret:
        return self._secret_key

    @property
    def oddities(self) -> str:
        """What no key of NCP's has and one of these does, as sentences that quote neither; or empty.

        Such as the quotes that some tools keep around a value, or a blank copied with it.
        """
        found = ((ACCESS_KEY, self._access_key), (SECRET_KEY, self._secret_key.reveal()))
        return Sentence.joined(*(_oddity(key, text) for key, text in found))

    def __repr__(self) -> str:
        return f"Credentials({fingerprint(self._access_key)})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Credentials):
            return NotImplemented
        return self._access_key == other._access_key and self._secret_key == other._secret_key

    __hash__ = None  # type: ignore[assignment]  # the way to make a class unhashable; object declares a method


A_QUOTE = Sentence("a quote")
A_BLANK = Sentence("a blank")
INVISIBLE = Sentence("an invisible character")
NOT_ASCII = Sentence("a letter outside ASCII")


def _oddity(key: str, text: str) -> str:
    first, last = _odd_kind(text[0]), _odd_kind(text[-1])
    if first and first == last:
        return Sentence("The {key} begins and ends with {what}.", key=key, what=first)
    if first and last:
        return Sentence("The {key} begins with {first} and ends with {last}.", key=key, first=first, last=last)
    if first:
        return Sentence("The {key} begins with {what}.", key=key, what=first)
    if last:
        return Sentence("The {key} ends with {what}.", key=key, what=last)
    within = next((kind for kind in map(_odd_kind, text) if kind and kind != A_QUOTE), "")
    return Sentence("The {key} holds {what}.", key=key, what=within) if within else ""


def _odd_kind(letter: str) -> str:
    if letter in QUOTES:
        return A_QUOTE
    if letter.isspace():
        return A_BLANK
    if unicodedata.category(letter) == "Cf":
        return INVISIBLE
    return "" if letter.isascii() else NOT_ASCII


def fingerprint(access_key: str) -> str:
    """A short name for an access key that tells keys apart and gives none away, such as ``key-1a2b3c4d``."""
    return "key-" + hashlib.sha256(access_key.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def sign(method: str, target: str, timestamp: str, access_key: str, secret_key: str) -> str:
    """The Base64 signature of one request.

    ``target`` is the path with its query exactly as it goes over the wire, percent-encoding included;
    ``timestamp`` is milliseconds since the epoch, as text. Host and body are not signed.
    """
    message = f"{method} {target}\n{timestamp}\n{access_key}".encode()
    digest = hmac.new(secret_key.encode(), message, hashlib.sha256).digest()
    return base64.b64encode(digest).decode("ascii")


MASK = "Secret(…)"


class Secret:
    """Holds one secret text. ``repr``, ``str`` and formatting are redacted; pickling and copying are refused.

    Two secrets compare in constant time. A secret is not hashable, so it cannot become a key of a cache.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself. Pass it straight on; never keep it in a variable that outlives the call."""
        return self._text

    def __repr__(self) -> str:
        return MASK

    def __str__(self) -> str:
        return MASK

    def __format__(self, _format_spec: str) -> str:
        return MASK

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        mine = self._text.encode("utf-8", "surrogatepass")
        return hmac.compare_digest(mine, other._text.encode("utf-8", "surrogatepass"))

    __hash__ = None  # type: ignore[assignment]  # the way to make a class unhashable; object declares a method

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise TypeError("A secret cannot be copied or pickled.")  # no message: never shown
