"""An invitation by mail, where a mail server is configured and the administrator asks for it. Nothing else is ever sent.

Rule of the module: a mail tells two companies who works here. The link shown on the page is the way that always works.
"""

from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.utils.translation import gettext as _


def is_configured() -> bool:
    """Whether this installation has a mail server."""
    return not settings.EMAIL_BACKEND.endswith(".dummy.EmailBackend")


def send_invitation(email: str, association_name: str, link: str) -> bool:
    """Send the link; False when the server did not take it. Waits for the server, at most EMAIL_TIMEOUT seconds."""
    subject = _("Invitation à rejoindre %(name)s") % {"name": association_name}
    body = _(
        "%(name)s vous invite à rejoindre ses maraudes.\n\n"
        "Ouvrez ce lien, qui ne sert qu’une fois :\n%(link)s\n\n"
        "Vous n’attendiez pas ce message ? Effacez-le, il ne se passera rien."
    ) % {"name": association_name, "link": link}
    try:
        return bool(send_mail(subject, body, None, [email]))
    except (SMTPException, OSError):
        return False
