"""Logging in: a profile's name, a site, an access key and its secret. Kept only when the pair works."""

from __future__ import annotations

import asyncio

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from ncpconsole.core.errors import ConsoleError, CredentialsError, KeyNotKept
from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.session import Console, LoginForm
from ncpconsole.language import msgid, shown, tr
from ncpconsole.ncp.errors import NcpError
from ncpconsole.tui.background import background
from ncpconsole.tui.widgets.dialog import Body, Choice, Dialog
from ncpconsole.tui.widgets.inputs import SafeInput

SITES = ("public", "gov", "fin", msgid("other"))
LOOKING = msgid(
    "Looking for the keyring of the operating system ... Where there is none, the pair is used until this console "
    "ends, and kept nowhere."
)
KEPT = msgid(
    "The pair is tested with one signed read, then kept in the keyring of the operating system. Nothing is kept unless "
    "it works."
)
OFFER = msgid("The pair can be used until this console ends, and is then kept nowhere.")
LABELS = {
    "profile": msgid("profile name"),
    "url": msgid("gateway URL"),
    "access": msgid("access key"),
    "secret": msgid("secret key"),
}
MISSING = {
    "profile": msgid("Type the profile's name first."),
    "url": msgid("Type the gateway's URL first."),
    "access": msgid("Type the access key first."),
    "secret": msgid("Type the secret key first."),
}


class LoginScreen(Dialog[str]):
    """Asks for a key pair and has it tested and kept; answers with the profile's name, or None.

    ``site`` and ``url`` are those of the profile; without them the form begins with the first site.
    A pair that works and that the keyring did not take may be used for this session. The boxes are emptied when the
    screen goes. For a gateway that is none of the named sites, the form's
    ``site`` is empty and ``api_url`` is set; for a named site it is the other way round.
    """

    def __init__(self, console: Console, *, profile: str = "default", site: str = "", url: str = "") -> None:
        super().__init__()
        self.console = console
        self.profile = profile
        self.site = site if site in SITES else "other" if url else SITES[0]
        self.url = url if self.site == "other" else ""
        self.attempt: asyncio.Task[str] | None = None
        self.is_known_to_work = False
        """Whether the pair was tested, and waits for the keyring alone."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="box -small"):
            yield Static(Content(tr("Log in with an API key")), classes="section -first")
            with Body():
                yield Static(Content(tr(LOOKING)), id="keeping", classes="muted")
            with Vertical(classes="form"):
                yield self._row("profile")
                with Horizontal(classes="field"):
                    yield Static(Content(tr("site")), classes="field-label")
                    yield Choice([*SITES[:-1], tr(SITES[-1])], chosen=SITES.index(self.site), id="site")
                yield self._row("url", placeholder="https://...")
                yield self._row("access")
                yield self._row("secret", password=True)
            with Horizontal(classes="buttons"):
                yield Button(tr("Test and save"), id="save", compact=True)
                yield Button(tr("Use for this session"), id="session", compact=True)
                yield Button(tr("Cancel"), id="cancel", compact=True)
            yield Static(id="note", classes="note")
            yield from self.foot()

    def _row(self, name: str, *, placeholder: str = "", password: bool = False) -> Horizontal:
        return Horizontal(
            Static(Content(tr(LABELS[name])), classes="field-label"),
            SafeInput(id=name, placeholder=placeholder, password=password),
            id=f"{name}-row",
            classes="field",
        )

    def on_mount(self) -> None:
        self.query_one("#profile", Input).value = self.profile
        self.query_one("#url", Input).value = self.url
        self.query_one("#url-row").display = self.site == "other"
        self.query_one("#session").display = False
        # At once: what is typed as soon as the form shows belongs to the box.
        self.set_focus(self.query_one("#access" if self.profile else "#profile", Input))
        self._draw()
        self._look_for_keyring()

    @background(msgid("look for the keyring"))
    async def _look_for_keyring(self) -> None:
        """Say where a key is kept, or that it can be kept nowhere; until then the form says what may come."""
        note = await self.console.keyring_note()
        self.query_one("#keeping", Static).update(Content(shown(note) or tr(KEPT)))
        if note:
            self.query_one("#save", Button).label = tr("Test and use")

    def on_descendant_focus(self) -> None:
        """Other keys work on the choice than in a box."""
        if self.attempt is None:
            self._draw()

    def on_choice_changed(self, event: Choice.Changed) -> None:
        event.stop()
        self.query_one("#url-row").display = self._site() == "other"

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes to the next box, and from the last one to the button; it saves nothing by itself."""
        event.stop()
        self.focus_next()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "cancel":
            self.action_cancel()
        elif self.attempt is None:
            form = self._form()
            if missing := missing_words(form):
                self._say(missing)
            else:
                self._say(tr("Testing the pair with a signed read ..."))
                self.is_known_to_work = False
                only = event.button.id == "session"
                login = self.console.login(form, on_wait=self._keyring_waits, session_only=only)
                self.attempt = asyncio.ensure_future(login)
                self._finish(self.attempt)

    def action_cancel(self) -> None:
        """Call off the test that runs; without one, leave."""
        if self.attempt is not None:
            self.attempt.cancel()
        else:
            self._leave(None)

    def on_unmount(self) -> None:
        if self.attempt is not None:
            self.attempt.cancel()

    @background(msgid("login"), failed=lambda self, words: self._say(words))
    async def _finish(self, attempt: asyncio.Task[str]) -> None:
        self._draw()
        try:
            sentence = await attempt
        except asyncio.CancelledError:
            self._say(tr("Called off. Nothing was saved."), tr(OFFER) if self.is_known_to_work else "")
        except KeyNotKept as error:
            self.is_known_to_work = True
            self._say(shown(error), shown(error.remedy), tr(OFFER))
        except CredentialsError as error:
            self._say(shown(error), shown(error.remedy))
        except (ConsoleError, NcpError) as error:
            self._say(shown(error))
        else:
            app = self.app
            self._leave(self.query_one("#profile", Input).value.strip())
            # On the screen below: this one's line goes with it.
            app.notify(safe_text(shown(sentence), 400), title=tr("Logged in"), markup=False)
        finally:
            self.attempt = None
            self._draw()
            if self.is_attached:
                self.query_one("#session").display = self.is_known_to_work
                self.query_one("#session" if self.is_known_to_work else "#save", Button).focus()

    def _keyring_waits(self) -> None:
        self.is_known_to_work = True
        self._say(
            tr("The pair works. Waiting for the OS keyring, which may ask for its password in a window of its own ...")
        )

    def _form(self) -> LoginForm:
        site = self._site()
        other = site == "other"
        return LoginForm(
            profile=self.query_one("#profile", Input).value.strip(),
            site="" if other else site,
            api_url=self.query_one("#url", Input).value.strip() if other else "",
            access_key=self.query_one("#access", Input).value.strip(),
            secret_key=self.query_one("#secret", Input).value.strip(),
        )

    def _site(self) -> str:
        return SITES[self.query_one(Choice).chosen or 0]

    def _leave(self, answer: str | None) -> None:
        for box in self.query(Input):
            box.value = ""
        self.dismiss(answer)

    def _say(self, *sentences: str) -> None:
        if self.is_attached:
            self.query_one("#note", Static).update(Content(safe_text(" ".join(filter(None, sentences)), 600)))

    def _draw(self) -> None:
        if not self.is_attached:
            return
        busy = self.attempt is not None
        if busy:
            # A button that is disabled hands its focus to its neighbour: a second Enter would press Cancel.
            self.set_focus(None)
        for button in self.query("#save, #session").results(Button):
            button.disabled = busy
        for box in (*self.query(Input), self.query_one(Choice)):
            box.disabled = busy
        if busy:
            keys = [("esc", tr("cancel sign-in"))]
        else:
            choose = [("← →", tr("choose the site"))] if self.query_one(Choice).has_focus else []
            keys = [("tab", tr("next")), *choose, ("enter", tr("go on")), ("esc", tr("cancel"))]
        self.query_one("#hints", Static).update(self.hint(*keys))


def missing_words(form: LoginForm) -> str:
    """One sentence on what is still to be typed, or empty."""
    given = {
        "profile": form.profile,
        "url": form.site or form.api_url,
        "access": form.access_key,
        "secret": form.secret_key,
    }
    missing = [name for name, value in given.items() if not value]
    if len(missing) == 1:
        return tr(MISSING[missing[0]])
    return tr("Type these first: {boxes}.", boxes=", ".join(tr(LABELS[name]) for name in missing)) if missing else ""
