"""What gunicorn loads. It is for production unless somebody says otherwise: a forgotten setting must not be the lax one."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
application = get_wsgi_application()

from config.starting import refuse_unsafe  # noqa: E402

refuse_unsafe("web")
